import type { Split } from "../../src/data/dataset.ts";
import { randomStream } from "../../src/data/random.ts";
import { initialise } from "../../src/model/initialise.ts";
import { networkName, type Parameters, parameterCount, type Sizes } from "../../src/model/parameters.ts";
import { type Config, defaultConfig, type StepSettings } from "../../src/model/settings.ts";
import type { TrainingStep } from "../../src/training/engine/engine.ts";

/** A mini-batch: position in the order of its first sample; every one has the workload's batch size. */
export type BatchStart = number;

/** One training job that every contender does alike, with softmax cross-entropy as the loss. */
export interface Workload {
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Of the hidden layers. */
  readonly activation: "sigmoid" | "relu";
  readonly optimizer: "sgd" | "adam";
  readonly initialiser: Config["initialiser"];
  /** Seed of the initial weights and of the order of the images. */
  readonly seed: number;
}

export function workload(hidden: readonly number[], batchSize: number): Workload {
  const sizes = [784, ...hidden, 10];
  const [activation, optimizer, initialiser] = ["sigmoid", "sgd", "article"] as const;
  return { sizes, batchSize, learningRate: 0.1, activation, optimizer, initialiser, seed: 1 };
}

/** The configurations of the side-by-side table. */
export const configurations: readonly Workload[] = [
  workload([10], 64),
  workload([128], 64),
  workload([800], 64),
  workload([256, 128], 64),
  workload([128], 1024),
  workload([800], 1024),
];

/**
 * The settings of jax-js's MNIST demo (https://jax-js.com/mnist, website/src/routes/mnist/+page.svelte): ReLU, Adam,
 * weights and biases uniform within 1 / sqrt(inputs).
 */
export const demoWorkload: Workload = {
  sizes: [784, 256, 128, 10],
  batchSize: 1000,
  learningRate: 0.005,
  activation: "relu",
  optimizer: "adam",
  initialiser: "uniform",
  seed: 1,
};

/** Adam's constants, for the peers: the defaults of optax, PyTorch and ours. */
export const adam = {
  beta1: defaultConfig.momentum,
  beta2: defaultConfig.beta2,
  epsilon: defaultConfig.epsilon,
} as const;

/** `784-10-10, batch 64`. */
export function workloadName({ sizes, batchSize }: Workload): string {
  return `${networkName(sizes)}, batch ${batchSize}`;
}

/** What everybody starts from. With the `uniform` initialiser biases are drawn too, as jax-js's demo and PyTorch do. */
export function initialParameters({ sizes, initialiser, seed }: Workload): Parameters {
  const parameters = initialise(sizes, initialiser, seed);
  if (initialiser !== "uniform") return parameters;
  return parameters.map((layer, index) => {
    const random = randomStream(seed, "parameters", sizes.length + index);
    const bound = 1 / Math.sqrt(layer.inputs);
    return { ...layer, bias: layer.bias.map(() => (2 * random.uniform() - 1) * bound) };
  });
}

/** Whole mini-batches in an epoch. The short last one is left out: peers would compile a second program for it. */
export function wholeBatches({ count }: Split, { batchSize }: Workload): number {
  return Math.floor(count / batchSize);
}

/**
 * `count` mini-batches from number `next` on, those of an order of `whole` over and over. A timed stretch goes on where an order
 * ends: what ends there waits for all that is under way, the more often the larger the mini-batches.
 */
export function batchesFrom(next: number, count: number, whole: number, batchSize: number): BatchStart[] {
  return Array.from({ length: count }, (_, index) => ((next + index) % whole) * batchSize);
}

/**
 * Floating-point operations of one step, a multiply-add counted as two: forward, dW, and for all layers but the first
 * dA, each 2 * batch * inputs * outputs.
 */
export function flopsPerStep({ sizes, batchSize }: Pick<Workload, "sizes" | "batchSize">): number {
  return sizes.slice(1).reduce((sum, outputs, layer) => {
    const products = layer === 0 ? 2 : 3;
    return sum + products * 2 * batchSize * sizes[layer] * outputs;
  }, 0);
}

/**
 * The fewest bytes that one step can move to and from the GPU's memory if nothing between kernels stays in a cache:
 * pixels read for the forward pass and for dW, parameters read for both passes and written once, activations and
 * gradients of each layer written once and read once.
 */
export function memoryBytesPerStep({ sizes, batchSize }: Workload): number {
  const pixels = 2 * batchSize * sizes[0];
  const parameters = 3 * 4 * parameterCount(sizes);
  const between = sizes.slice(1).reduce((sum, outputs) => sum + 2 * 2 * 4 * batchSize * outputs, 0);
  return pixels + parameters + between;
}

/** What our own engines have to know of a workload. */
export function stepSettings({ activation, optimizer, seed }: Workload): StepSettings {
  return { ...defaultConfig, activation, optimizer, seed };
}

/** Turns mini-batches into steps of our own engines, which are numbered from the beginning of training. */
export class StepNumbers {
  readonly #workload: Workload;
  #done = 0;

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  /** The next steps, on the mini-batches that begin at `firsts`. */
  steps(firsts: readonly BatchStart[]): TrainingStep[] {
    const { batchSize: size, learningRate } = this.#workload;
    return firsts.map((first) => ({ first, size, number: ++this.#done, learningRate }));
  }
}
