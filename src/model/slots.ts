import type { Slot } from "./parameters.ts";
import type { StepSettings } from "./settings.ts";

const optimizerSlots: Record<StepSettings["optimizer"], readonly Slot[]> = {
  sgd: [],
  momentum: ["momentum"],
  nesterov: ["momentum"],
  adam: ["momentum", "secondMoment"],
  adamw: ["momentum", "secondMoment"],
};

/** What training with these settings remembers beside the parameters, always in the same order. */
export function slotsOf({
  optimizer,
  averageDecay,
}: Pick<StepSettings, "optimizer" | "averageDecay">): Slot[] {
  return [...optimizerSlots[optimizer], ...(averageDecay > 0 ? (["average"] as const) : [])];
}
