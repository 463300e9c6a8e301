import { optimizerTable } from "./optimizers.ts";
import type { Slot } from "./parameters.ts";
import type { StepSettings } from "./settings.ts";

/** What training with these settings remembers beside the parameters, always in the same order. */
export function slotsOf({
  optimizer,
  averageDecay,
}: Pick<StepSettings, "optimizer" | "averageDecay">): Slot[] {
  return [...optimizerTable[optimizer].slots, ...(averageDecay > 0 ? (["average"] as const) : [])];
}
