import { readFileSync } from "node:fs";
import type { Split } from "../../src/data/dataset.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import type { TrainingStep } from "../../src/training/engine/engine.ts";

/**
 * A small network and its training, computed by float64 numpy and checked against torch autograd: none of it was made
 * with this project's code. Numbers are written with 12 significant digits.
 */
export interface Golden {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly batchSize: number;
  readonly learningRate: number;
  /** The file's images as single rows of `sizes[0]` pixels, repeated so that there are as many as `order` is long. */
  readonly train: Split;
  readonly initial: Parameters;
  readonly steps: readonly GoldenStep[];
  /** The samples of all steps, one after the other. */
  readonly order: Uint32Array;
  /** The steps as windows of `order`. */
  readonly windows: readonly TrainingStep[];
}

export interface GoldenStep {
  /** The samples of the mini-batch. */
  readonly samples: readonly number[];
  readonly meanLoss: number;
  readonly correct: number;
  /** Everything inside the step, for the first step. */
  readonly inside?: {
    /** `[batch, classes]` */
    readonly probabilities: Float64Array;
    /** The output of every hidden layer, `[batch, width]`. */
    readonly hidden: readonly Float64Array[];
    readonly gradients: Parameters;
  };
  /** The parameters after the step, for the first step and the last. */
  readonly after?: Parameters;
}

const names = ["article-shape", "no-hidden-layer", "odd-sizes", "saturated"];

/** The golden networks, one file of `test/fixtures/golden/` each. */
export const goldens: readonly Golden[] = names.map((name) =>
  parse(JSON.parse(readFileSync(new URL(`../fixtures/golden/${name}.json`, import.meta.url), "utf8"))),
);

/** The images of `step`, in its order. */
export function stepSplit({ train }: Golden, { samples }: GoldenStep): Split {
  const pixels = train.columns;
  return {
    ...train,
    count: samples.length,
    images: Uint8Array.from(samples.flatMap((s) => [...train.images.subarray(s * pixels, (s + 1) * pixels)])),
    labels: Uint8Array.from(samples, (s) => train.labels[s]),
  };
}

type Matrix = number[][];

/** Weights `[out, in]` and biases `[out]` of every layer, as the files hold them. */
interface FileParameters {
  weights: Matrix[];
  biases: number[][];
}

interface FileStep {
  batch_indices: number[];
  mean_loss: number;
  correct: number;
  probabilities?: Matrix;
  hidden?: Matrix[];
  gradients?: FileParameters;
  after?: FileParameters;
}

interface File {
  name: string;
  sizes: number[];
  batch_size: number;
  learning_rate: number;
  samples: number;
  pixels_u8: Matrix;
  labels: number[];
  initial: FileParameters;
  steps: FileStep[];
}

function parse(file: File): Golden {
  const order = Uint32Array.from(file.steps.flatMap((step) => step.batch_indices));
  const samples = Array.from(order, (_, position) => position % file.samples);
  let position = 0;
  return {
    name: file.name,
    sizes: file.sizes,
    batchSize: file.batch_size,
    learningRate: file.learning_rate,
    train: {
      images: Uint8Array.from(samples.flatMap((sample) => file.pixels_u8[sample])),
      labels: Uint8Array.from(samples, (sample) => file.labels[sample]),
      count: samples.length,
      rows: 1,
      columns: file.sizes[0],
    },
    initial: parseParameters(file.initial),
    steps: file.steps.map(parseStep),
    order,
    windows: file.steps.map(({ batch_indices: { length: size } }, index) => {
      const first = position;
      position += size;
      return { first, size, number: index + 1, learningRate: file.learning_rate };
    }),
  };
}

function parseStep(step: FileStep): GoldenStep {
  const { probabilities, hidden, gradients, after } = step;
  return {
    samples: step.batch_indices,
    meanLoss: step.mean_loss,
    correct: step.correct,
    ...(probabilities &&
      hidden &&
      gradients && {
        inside: {
          probabilities: flat(probabilities),
          hidden: hidden.map(flat),
          gradients: parseParameters(gradients),
        },
      }),
    ...(after && { after: parseParameters(after) }),
  };
}

function parseParameters({ weights, biases }: FileParameters): Parameters {
  return weights.map((weight, layer) => ({
    inputs: weight[0].length,
    outputs: weight.length,
    weight: flat(weight),
    bias: Float64Array.from(biases[layer]),
  }));
}

function flat(matrix: Matrix): Float64Array {
  return Float64Array.from(matrix.flat());
}
