import { countCorrect } from "../data/confusion.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import type { Parameters } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import type { Predictions, StepMetrics, TrainingStep } from "./engine/engine.ts";
import { addSteps, epochFigures, noSums } from "./epoch-sums.ts";
import type { EpochEvent, Evaluation, StepsEvent } from "./events.ts";
import type { Times } from "./paced-steps.ts";
import { select } from "./selection.ts";
import type { Position } from "./snapshot.ts";

/* What a trainer tells of steps and epochs that are done, and the positions that it is at then. */

/** Of steps, which are all of one epoch. */
export function stepsEvent(
  steps: readonly TrainingStep[],
  { loss, correct, stepsPerSecond }: StepMetrics & Times,
  stepsPerEpoch: number,
): StepsEvent {
  const last = steps[steps.length - 1];
  return {
    type: "steps",
    epoch: Math.ceil(last.number / stepsPerEpoch),
    firstStep: steps[0].number,
    loss,
    correct,
    sizes: Uint32Array.from(steps, ({ size }) => size),
    learningRate: last.learningRate,
    learningRates: Float64Array.from(steps, ({ learningRate }) => learningRate),
    stepsPerSecond,
  };
}

/**
 * The position after more steps.
 * @param parameters those after them, if they were read and are finite
 */
export function positionAfter(
  before: Position,
  steps: readonly TrainingStep[],
  answer: StepMetrics & Times,
  parameters: Parameters | undefined,
): Position {
  return {
    ...before,
    step: steps[steps.length - 1].number,
    sums: addSteps(before.sums, steps, answer, answer.seconds),
    finite: parameters ?? before.finite,
  };
}

/** The images that evaluations during training look at. */
export interface WatchedImages {
  readonly name: "validation" | "test";
  readonly split: Split;
}

/** Those set apart for validation, else the test split. */
export function watchedOf(dataset: Dataset, validation: Split | undefined): WatchedImages {
  return validation ? { name: "validation", split: validation } : { name: "test", split: dataset.test };
}

/** What the watched images say after an epoch, and which images they are. */
export interface Watched extends Pick<WatchedImages, "name"> {
  readonly evaluation: Evaluation | undefined;
}

/** Closes the epoch whose last step is that of `position`. */
export function endOfEpoch(
  position: Position,
  { name, evaluation }: Watched,
  stepsPerEpoch: number,
  { keepBest }: Pick<Config, "keepBest">,
): { readonly position: Position; readonly event: EpochEvent } {
  const { step, sums, finite } = position;
  let { selection } = position;
  const epoch = step / stepsPerEpoch;
  if (evaluation && name === "validation") {
    const { loss, accuracy } = evaluation;
    selection = select(selection, { epoch, loss, accuracy }, keepBest ? finite : undefined);
  }
  const seen = evaluation && { [name]: evaluation };
  return {
    position: { ...position, sums: noSums, selection },
    event: { type: "epoch", epoch, steps: step, ...epochFigures(sums), ...seen },
  };
}

/** `predictions` with the fraction of them that is the label of `split`. */
export function evaluationOf(predictions: Predictions, { labels, count }: Split): Evaluation {
  return { ...predictions, accuracy: countCorrect(predictions.classes, labels) / count };
}
