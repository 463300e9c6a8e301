import { type Batch, batchesOf, upTo } from "../../data/batches.ts";
import type { Split } from "../../data/dataset.ts";
import { initialise } from "../../model/initialise.ts";
import {
  type Parameters,
  type Sizes,
  type Slots,
  sizesOf,
  type TrainingState,
} from "../../model/parameters.ts";
import type { StepSettings } from "../../model/settings.ts";
import { slotsOf } from "../../model/slots.ts";
import { atMagnitude, augment, changesImages } from "../../reference/augment.ts";
import { type BatchMetrics, batchMetrics } from "../../reference/batch-metrics.ts";
import { gather, gatherLabels } from "../../reference/gather.ts";
import { type Inspection, inspect } from "../../reference/inspect.ts";
import {
  backwardPass,
  createWorkspace,
  forwardPass,
  resultsPass,
  updatePass,
  type Workspace,
} from "../../reference/network.ts";
import type { DrawKey } from "../../reference/random.ts";
import { softmax } from "../../reference/softmax.ts";
import { asRead, splitAsRead } from "./as-read.ts";
import type { Engine, Predictions, StepMetrics, Submission, TrainingStep } from "./engine.ts";
import {
  checkOrder,
  checkParameters,
  checkSlots,
  checkSplit,
  checkSteps,
  countImages,
  countInspected,
} from "./engine-checks.ts";

export interface CpuEngineOptions {
  readonly sizes: Sizes;
  readonly batchSize: number;
  /** The images that training steps are taken from. */
  readonly train: Split;
  /** What a training step does. */
  readonly settings: StepSettings;
}

/**
 * An engine that computes with the float64 reference on the CPU. Every call does its work before it returns; metrics
 * come after a turn of the event loop, so that whoever trains hears signals, timers and messages. Parameters are zero until they are set, and the order is empty.
 * @throws UserError if the network does not fit the training images
 */
export function createCpuEngine(options: CpuEngineOptions): Engine {
  checkSplit(options.train, options.sizes);
  return new CpuEngine(options);
}

/** What an engine has until it is destroyed. */
interface Held extends TrainingState {
  readonly order: Uint32Array;
  readonly workspace: Workspace;
  /** Labels of the mini-batch in the workspace, `[batchSize]`. */
  readonly labels: Uint8Array;
}

class CpuEngine implements Engine {
  readonly backend = "cpu";
  readonly device = "CPU reference (float64)";
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #train: Split;
  readonly #settings: StepSettings;
  #held: Held | undefined;

  constructor({ sizes, batchSize, train, settings }: CpuEngineOptions) {
    this.sizes = sizes;
    this.batchSize = batchSize;
    this.#train = splitAsRead(train, settings);
    this.#settings = settings;
    this.#held = {
      ...beginning(settings, initialise(sizes, "zeros", 0)),
      order: new Uint32Array(),
      workspace: createWorkspace(sizes, batchSize),
      labels: new Uint8Array(batchSize),
    };
  }

  setParameters(parameters: Parameters, slots: Slots = {}): void {
    const held = this.#alive();
    checkParameters(parameters, this.sizes);
    checkSlots(slots, this.sizes);
    this.#held = { ...held, ...beginning(this.#settings, parameters, slots) };
  }

  async readParameters(): Promise<Parameters> {
    return copyOf(this.#evaluated());
  }

  async readState(): Promise<TrainingState> {
    const { parameters, slots } = this.#alive();
    return {
      parameters: copyOf(parameters),
      slots: Object.fromEntries(Object.entries(slots).map(([slot, values]) => [slot, copyOf(values)])),
    };
  }

  /** What predictions are made with. */
  #evaluated(): Parameters {
    const { parameters, slots } = this.#alive();
    return slots.average ?? parameters;
  }

  setOrder(order: Uint32Array): void {
    const held = this.#alive();
    checkOrder(order, this.#train.count);
    this.#held = { ...held, order: order.slice() };
  }

  train(steps: readonly TrainingStep[]): Submission {
    const { order } = this.#alive();
    checkSteps(steps, this.batchSize, order.length);
    const metrics: StepMetrics = {
      loss: new Float64Array(steps.length),
      correct: new Uint32Array(steps.length),
    };
    steps.forEach((step, index) => {
      const { loss, correct } = this.#step(step);
      metrics.loss[index] = loss / step.size;
      metrics.correct[index] = correct;
    });
    return { metrics: () => afterTurn(metrics) };
  }

  #step(step: TrainingStep): BatchMetrics {
    const { parameters, slots, order, workspace, labels } = this.#alive();
    const { activation, seed, hiddenDropout: probability, labelSmoothing } = this.#settings;
    const key = { seed, step: step.number };
    this.#inputs(step, key);
    gatherLabels(this.#train.labels, order, step, labels);
    const dropout = { probability, ...key };
    forwardPass(parameters, workspace, step.size, { activation, ...(probability > 0 && { dropout }) });
    resultsPass(labels, workspace, step.size, labelSmoothing);
    backwardPass(parameters, workspace, step.size);
    updatePass(parameters, workspace, step.size, { ...this.#settings, ...step }, slots);
    return batchMetrics(workspace.results.losses, workspace.results.predicted, labels, step.size);
  }

  /** The images of a step, as they are or augmented. */
  #inputs(step: TrainingStep, key: DrawKey): void {
    const { order, workspace } = this.#alive();
    const [inputs] = workspace.activations;
    if (changesImages(this.#settings))
      augment(this.#train, order, step, { ...atMagnitude(this.#settings, step.magnitude), ...key }, inputs);
    else gather(this.#train.images, order, step, this.sizes[0], inputs);
  }

  async evaluate(split: Split): Promise<Predictions> {
    const { workspace } = this.#alive();
    checkSplit(split, this.sizes);
    const read = splitAsRead(split, this.#settings);
    const { results } = workspace;
    const classes = new Uint16Array(split.count);
    const losses = new Float32Array(split.count);
    let sum = 0;
    for (const { first, size } of this.#forward(read.images, split.count)) {
      const labels = split.labels.subarray(first, first + size);
      resultsPass(labels, workspace, size);
      classes.set(results.predicted.subarray(0, size), first);
      losses.set(results.losses.subarray(0, size), first);
      sum += batchMetrics(results.losses, results.predicted, labels, size).loss;
    }
    return { loss: sum / split.count, classes, losses };
  }

  async predict(images: Uint8Array): Promise<Float32Array> {
    const { activations } = this.#alive().workspace;
    const count = countImages(images, this.sizes[0]);
    const classes = this.sizes[this.sizes.length - 1];
    const probabilities = new Float32Array(count * classes);
    for (const { first, size } of this.#forward(asRead(images, this.#settings, this.#train), count)) {
      const logits = activations[activations.length - 1];
      probabilities.set(softmax(logits, { batch: size, classes }), first * classes);
    }
    return probabilities;
  }

  async inspect(
    images: Uint8Array,
    labels?: Uint8Array,
    of: "training" | "evaluation" = "training",
  ): Promise<Inspection> {
    const held = this.#alive();
    const parameters = of === "training" ? held.parameters : this.#evaluated();
    const count = countInspected(images, labels, this.sizes);
    const { activation, labelSmoothing } = this.#settings;
    const order = upTo(count);
    const read = asRead(images, this.#settings, this.#train);
    const input = gather(read, order, { first: 0, size: count }, this.sizes[0]);
    return inspect(copyOf(parameters), input, labels, { activation, labelSmoothing });
  }

  /** Passes images, as they are read, forward in the order in which they lie, yielding every window whose logits are ready. */
  *#forward(images: Uint8Array, count: number): Generator<Batch> {
    const { workspace } = this.#alive();
    const { activation } = this.#settings;
    const order = upTo(count);
    for (const window of batchesOf(count, this.batchSize)) {
      gather(images, order, window, this.sizes[0], workspace.activations[0]);
      forwardPass(this.#evaluated(), workspace, window.size, { activation });
      yield window;
    }
  }

  destroy(): void {
    this.#held = undefined;
  }

  #alive(): Held {
    if (this.#held) return this.#held;
    throw new Error("this engine was used after destroy()");
  }
}

/** What training begins with: `parameters`, and what goes with them, from `slots` as far as they have it. */
function beginning(settings: StepSettings, parameters: Parameters, slots: Slots = {}): TrainingState {
  const zeros = initialise(sizesOf(parameters), "zeros", 0);
  const values = slotsOf(settings).map((slot) => {
    const anew = slot === "average" ? parameters : zeros;
    return [slot, copyOf(slots[slot] ?? anew)];
  });
  return { parameters: copyOf(parameters), slots: Object.fromEntries(values) };
}

/** `value`, after everything else that waits for the event loop has had its turn. */
function afterTurn<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, 0, value));
}

/** A copy in float64. */
function copyOf(parameters: Parameters): Parameters {
  return parameters.map((layer) => ({
    ...layer,
    weight: Float64Array.from(layer.weight),
    bias: Float64Array.from(layer.bias),
  }));
}
