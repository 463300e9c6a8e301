import type { OnKernelsReady } from "../kernels/lib/steps.ts";
import type { TrainingStep } from "./engine/engine.ts";
import type { TrainingEvent } from "./events.ts";

/**
 * How a trainer trains on, and who hears of it: those who are asynchronous are waited for when the steps under way are done, so
 * that they must not wait for the run themselves.
 */
export interface RunOptions {
  /** Where to pause: after the next step, at the end of the epoch, after so many steps in all, or, by default, at the end of training. */
  readonly until?: "step" | "epoch" | "end" | number | undefined;
  /** Pauses at the next step that is not yet submitted; what was submitted is finished and reported. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Hears of steps just before the engine does: what it is asked then, it answers as of before them. */
  readonly onSubmit?: ((steps: readonly TrainingStep[]) => void) | undefined;
  /** Hears how many kernels are compiled, of how many, where they are compiled at their first use: no step has it in its time. */
  readonly onCompile?: OnKernelsReady | undefined;
  /** Milliseconds that one submission should take; 50 by default. */
  readonly targetMs?: number | undefined;
}

/**
 * Throws a RangeError unless training can pause there, at what one of `words` says or after a number of steps, and submissions can
 * take so long.
 */
export function checkRun(
  { until, targetMs }: { readonly until: string | number; readonly targetMs: number },
  words: readonly string[],
  takesSteps = false,
): void {
  const isFit = typeof until === "number" ? takesSteps && isStep(until) : words.includes(until);
  const expected = `one of ${words.join(", ")}${takesSteps ? ", or a whole number of steps" : ""}`;
  if (!isFit) throw new RangeError(`until: got ${until}, expected ${expected}`);
  if (!(targetMs > 0 && targetMs < Infinity))
    throw new RangeError(`targetMs: got ${targetMs}, expected a finite number above 0`);
}

/** Whether training can pause after so many steps: it never gets to a part of one. */
function isStep(until: number): boolean {
  return until === Infinity || (Number.isSafeInteger(until) && until >= 0);
}
