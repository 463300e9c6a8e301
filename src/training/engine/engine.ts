import type { Batch } from "../../data/batches.ts";
import type { Split } from "../../data/dataset.ts";
import type { OnKernelsReady } from "../../kernels/lib/steps.ts";
import type { Parameters, Sizes, Slots, TrainingState } from "../../model/parameters.ts";
import type { Inspection } from "../../reference/inspect.ts";

/** Of how many splits, those that were evaluated last, an engine keeps the images where it computes. */
export const keptSplits = 4;

/**
 * What computes: the one interface between the trainer and the hardware. WebGPU and the CPU reference compute, one test suite
 * runs on both, and other implementations pass on: to a worker, or to the next device when one is lost.
 *
 * Ownership: an engine owns everything that it allocates until `destroy()`, after which every call fails. Arrays
 * passed in are copied or only read during the call, except the images of a split, of which the engine keeps the last few
 * (`keptSplits`) and which must not change. Arrays passed out belong to the caller.
 *
 * Order: calls take effect in the order in which they are made, whether or not their promises are awaited.
 */
export interface Engine {
  readonly backend: "webgpu" | "cpu";
  /** What computes, in words: the adapter's name, or `CPU reference (float64)`. */
  readonly device: string;
  /** Widths of all layers, input and output included. */
  readonly sizes: Sizes;
  /** The most samples that one step may have. */
  readonly batchSize: number;

  /**
   * Replaces all weights and biases, and what training remembers beside them: a slot that is not given begins anew (at
   * zero; the average at the parameters). Throws a UserError if they belong to other sizes.
   */
  setParameters(parameters: Parameters, slots?: Slots): void;
  /**
   * The parameters that `evaluate` and `predict` use, as they are after everything asked for so far: their moving
   * average if the settings ask for one, else those that training changes.
   */
  readParameters(): Promise<Parameters>;
  /** Everything that the steps asked for so far change: given to `setParameters`, training goes on the same. */
  readState(): Promise<TrainingState>;

  /**
   * Has the kernels compiled that `train`, or that `evaluate`, is going to use, if that is not done: where it happens at the
   * first use only, it takes up to minutes there, and no step need wait for it. Absent where there is nothing to compile.
   * @param onReady called with how many are ready, of how many
   */
  compileFor?(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void>;

  /** Sets the order in which the following steps visit the training images, `[samples]` indices. */
  setOrder(order: Uint32Array): void;
  /**
   * Starts `steps` in order and returns at once; nothing is read back until `metrics()` is called on the result.
   * Each step is forward, gradient, backward and update on one window of the order.
   */
  train(steps: readonly TrainingStep[]): Submission;

  /** Loss and predictions of `split`, every image of it. */
  evaluate(split: Split): Promise<Predictions>;
  /** Probabilities `[count, classes]` of images `[count, inputs]` given as bytes. */
  predict(images: Uint8Array): Promise<Float32Array>;
  /**
   * The inside of the network while it reads `images` `[count, inputs]`, given as bytes: `Z` and `A` of every layer, and
   * with `labels` `[count]` the loss of each image and every layer's `dZ`, `dW` and `db`, as a training step on them would
   * compute them before its update, without dropout and augmentation. It looks at the parameters as they are after everything
   * asked for so far, and leaves training as it was, to the last bit.
   * @param of those that training changes, or those that `evaluate` and `predict` use: they differ if an average is kept
   * @throws RangeError for no images, an incomplete one, or labels that are not theirs
   */
  inspect(images: Uint8Array, labels?: Uint8Array, of?: "training" | "evaluation"): Promise<Inspection>;

  /** Frees everything; may be called twice. */
  destroy(): void;
}

/** What the schedule of a network makes of a step. */
export interface Scheduled {
  readonly learningRate: number;
  /** What shift, rotation, scale, shear and elastic are multiplied by; 1 unless given. */
  readonly magnitude?: number | undefined;
  /** Steps before what training remembers beside the parameters began; 0 unless given. Corrections of its beginning count from there. */
  readonly slotsSince?: number | undefined;
}

/** One step: a mini-batch, how to learn from it, and its number. */
export interface TrainingStep extends Batch, Scheduled {
  /** Number of the step since training began, from 1: random numbers are keyed by it. */
  readonly number: number;
}

/** Steps under way. */
export interface Submission {
  /** Resolves when the steps are done, with what they measured. */
  metrics(): Promise<StepMetrics>;
}

/** What the steps of one submission measured, one entry a step, before that step's update. */
export interface StepMetrics {
  /** Mean cross-entropy over the step's samples, in nats. */
  readonly loss: Float64Array;
  /** How many of the step's samples were classified correctly. */
  readonly correct: Uint32Array;
}

/** What a network says of a split. */
export interface Predictions {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** The class with the largest probability, the lowest of equals, for every image, `[count]`. */
  readonly classes: Uint16Array;
  /** Cross-entropy of every image, in nats, `[count]`. */
  readonly losses: Float32Array;
}
