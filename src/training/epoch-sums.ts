import type { StepMetrics, TrainingStep } from "./engine/engine.ts";

/**
 * Sums over the steps of an epoch. They are added up step by step, so that they do not depend on how the steps were
 * grouped; plain numbers, so that a file can hold them.
 */
export interface EpochSums {
  /** Steps in the sums, and samples of them. */
  readonly steps: number;
  readonly samples: number;
  /** Cross-entropy of all samples, in nats, and how many of them were classified correctly. */
  readonly loss: number;
  readonly correct: number;
  /** Of the last step. */
  readonly learningRate: number;
  /** Seconds that the steps took. */
  readonly seconds: number;
}

/** The sums of an epoch of which there is no step yet. */
export const noSums: EpochSums = { steps: 0, samples: 0, loss: 0, correct: 0, learningRate: 0, seconds: 0 };

/** `sums` and the step that follows, which measured `loss` and `correct`. */
export function addStep(
  sums: EpochSums,
  { size, learningRate }: Pick<TrainingStep, "size" | "learningRate">,
  loss: number,
  correct: number,
): EpochSums {
  return {
    steps: sums.steps + 1,
    samples: sums.samples + size,
    loss: sums.loss + loss * size,
    correct: sums.correct + correct,
    learningRate,
    seconds: sums.seconds,
  };
}

/** `sums` and the steps that follow, which measured `metrics` in `seconds`. */
export function addSteps(
  sums: EpochSums,
  steps: readonly TrainingStep[],
  metrics: StepMetrics,
  seconds: number,
): EpochSums {
  const { loss, correct } = metrics;
  const sum = steps.reduce((before, step, index) => addStep(before, step, loss[index], correct[index]), sums);
  return { ...sum, seconds: sums.seconds + seconds };
}

/** What the sums come to: means over the samples, and the speed. */
export function epochFigures({ steps, samples, loss, correct, learningRate, seconds }: EpochSums) {
  return {
    loss: loss / samples,
    accuracy: correct / samples,
    learningRate,
    seconds,
    stepsPerSecond: steps / seconds,
  };
}
