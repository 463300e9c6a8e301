import { countCorrect } from "../data/confusion.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import type { Parameters } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import { divergedLoss, divergedWeights } from "./divergence.ts";
import type { Predictions, StepMetrics, TrainingStep } from "./engine/engine.ts";
import { addSteps, epochFigures, noSums } from "./epoch-sums.ts";
import type { DivergedError, EpochEvent, Evaluation, StepsEvent, TrainingEvent } from "./events.ts";
import type { Course } from "./mini-batch.ts";
import type { Times } from "./paced-steps.ts";
import { select } from "./selection.ts";
import type { Position } from "./snapshot.ts";

/* What a trainer tells of steps and epochs that are done, and the positions that it is at then. */

/** What comes of steps that are done. */
export interface Settled {
  /** After them, as far as they count. */
  readonly position: Position;
  /** What there is to tell. */
  readonly event?: TrainingEvent | undefined;
  /** Why training does not go on from here. */
  readonly diverged?: DivergedError | undefined;
}

/**
 * What comes of steps, which are all of one epoch, by what they measured: the first one whose loss is not finite does not count,
 * nor do those after it, however many were submitted together.
 */
export function settleSteps(
  before: Position,
  steps: readonly TrainingStep[],
  answer: StepMetrics & Times,
  { config, stepsPerEpoch }: Pick<Course, "config" | "stepsPerEpoch">,
): Settled {
  const diverged = divergedLoss(config, steps, answer);
  const made = diverged ? diverged.step - steps[0].number : steps.length;
  if (made === 0) return { position: before, diverged };
  const counted = steps.slice(0, made);
  const { loss, correct, ...times } = answer;
  const measured = { ...times, loss: loss.subarray(0, made), correct: correct.subarray(0, made) };
  const position = {
    ...before,
    step: counted[made - 1].number,
    sums: addSteps(before.sums, counted, measured, times.seconds),
  };
  return { position, event: stepsEvent(counted, measured, stepsPerEpoch), diverged };
}

function stepsEvent(
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

/** What the watched images say after an epoch, and which images they are. */
export interface Watched extends Pick<WatchedImages, "name"> {
  readonly evaluation: Evaluation | undefined;
}

/** What was asked for with the last steps of an epoch or of training. */
export interface Read extends Watched {
  /** The parameters as they are then. */
  readonly parameters: Parameters;
}

/**
 * What comes of step `last`, which is that of the position, by the parameters after it. Of weights that are not finite nobody is
 * told what images say; the epoch that ends with them is told of nevertheless: its steps were.
 */
export function settleRead(
  before: Position,
  last: TrainingStep,
  { parameters, name, evaluation }: Read,
  { config, stepsPerEpoch }: Pick<Course, "config" | "stepsPerEpoch">,
): Settled {
  const diverged = divergedWeights(config, last, parameters);
  const position = diverged ? before : { ...before, finite: parameters };
  if (last.number % stepsPerEpoch !== 0) return { position, diverged };
  const watched = { name, evaluation: diverged ? undefined : evaluation };
  return { ...endOfEpoch(position, watched, stepsPerEpoch, config), diverged };
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

/** Closes the epoch whose last step is that of `position`. */
function endOfEpoch(
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
