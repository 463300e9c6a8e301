import { batchAt, epochOrder } from "../data/batches.ts";
import { type Dataset, imagesAt } from "../data/dataset.ts";
import type { Config } from "../model/settings.ts";
import type { TrainingStep } from "./engine/engine.ts";
import { learningRateAt, magnitudeAt } from "./schedule.ts";

/** What decides about the steps of a run: a trainer is one. */
export interface Course {
  readonly config: Config;
  readonly dataset: Dataset;
  /** Steps in a whole epoch. */
  readonly stepsPerEpoch: number;
  /** Steps after which training ends. */
  readonly totalSteps: number;
  /** Steps before what training remembers beside the parameters began. */
  readonly slotsSince: number;
}

/** The samples of a mini-batch. */
export interface MiniBatch {
  /** Which training images they are, `[size]`. */
  readonly indices: Uint32Array;
  /** `[size, inputs]` bytes, without augmentation. */
  readonly images: Uint8Array;
  /** `[size]`. */
  readonly labels: Uint8Array;
}

/** The order in which epoch `epoch` (from 0) of a run visits the training images, `[samples]`. */
export function orderOf({ config, dataset }: Course, epoch: number): Uint32Array {
  return epochOrder(dataset.train.count, config.seed, epoch, config.shuffle);
}

/** Step `number` (from 1) of a run: its window of the order of its epoch, and what the schedule makes of it. */
export function stepAt(course: Course, number: number): TrainingStep {
  const { config, dataset, stepsPerEpoch, totalSteps, slotsSince } = course;
  const batch = batchAt((number - 1) % stepsPerEpoch, config.batchSize, dataset.train.count);
  return {
    ...{ ...batch, number },
    learningRate: learningRateAt(config, number, stepsPerEpoch, totalSteps),
    magnitude: magnitudeAt(config, number, totalSteps),
    slotsSince,
  };
}

/** What a step of a run trains on, for people to look at: engines find it on their own. */
export function miniBatchOf(course: Course, { number, first, size }: TrainingStep): MiniBatch {
  const { train } = course.dataset;
  const epoch = Math.floor((number - 1) / course.stepsPerEpoch);
  const indices = orderOf(course, epoch).slice(first, first + size);
  const { images, labels } = imagesAt(train, indices);
  return { indices, images, labels };
}
