import type { Split } from "../../src/data/dataset.ts";
import { initialise } from "../../src/model/initialise.ts";
import { networkName, type Parameters, parameterCount, type Sizes } from "../../src/model/parameters.ts";
import type { Config } from "../../src/model/settings.ts";
import type { TrainingStep } from "../../src/training/engine.ts";

/** One training job that every contender does alike: sigmoid hidden layers, softmax cross-entropy, plain SGD. */
export interface Workload {
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly initialiser: Config["initialiser"];
  /** Seed of the initial weights and of the order of the images. */
  readonly seed: number;
}

export function workload(hidden: readonly number[], batchSize: number): Workload {
  return { sizes: [784, ...hidden, 10], batchSize, learningRate: 0.1, initialiser: "article", seed: 1 };
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
 * The network, batch size and initial weights of jax-js's MNIST demo (https://jax-js.com/mnist), with what both sides
 * can do: sigmoid for its ReLU, biases from zero, and instead of Adam plain SGD. The learning rate is the one of
 * 1, 2, 4, 6 and 8 that reached 97% in the fewest steps on the last 10,000 training images, trained on the others.
 */
export const demoWorkload: Workload = {
  sizes: [784, 256, 128, 10],
  batchSize: 1000,
  learningRate: 6,
  initialiser: "uniform",
  seed: 1,
};

/** `784-10-10, batch 64`. */
export function workloadName({ sizes, batchSize }: Workload): string {
  return `${networkName(sizes)}, batch ${batchSize}`;
}

export function initialParameters({ sizes, initialiser, seed }: Workload): Parameters {
  return initialise(sizes, initialiser, seed);
}

/** Whole mini-batches in an epoch. The short last one is left out: peers would compile a second program for it. */
export function wholeBatches({ count }: Split, { batchSize }: Workload): number {
  return Math.floor(count / batchSize);
}

/**
 * Floating-point operations of one step, a multiply-add counted as two: forward, dW, and for all layers but the first
 * dA, each 2 * batch * inputs * outputs.
 */
export function flopsPerStep({ sizes, batchSize }: Workload): number {
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

/** The steps that mini-batches beginning at `firsts` are, for our own engines. */
export function trainingSteps(
  firsts: readonly number[],
  { batchSize, learningRate }: Workload,
): TrainingStep[] {
  return firsts.map((first, index) => ({ first, size: batchSize, number: index + 1, learningRate }));
}
