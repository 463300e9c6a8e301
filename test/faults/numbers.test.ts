import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { test } from "vitest";
import { openGpu } from "../../src/gpu/gpu.ts";
import { activationNames } from "../../src/model/activations.ts";
import { optimizerNames } from "../../src/model/optimizers.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { defaultConfig, type StepSettings } from "../../src/model/settings.ts";
import { createCpuEngine } from "../../src/training/engine/cpu-engine.ts";
import type { Engine } from "../../src/training/engine/engine.ts";
import { createWebGpuEngine } from "../../src/training/webgpu/webgpu-engine.ts";
import { testAdapter } from "../helpers/gpu.ts";
import { Random } from "./mutants.ts";
import { Oracle, type OracleLayer } from "./oracle.ts";
import { isWhole, report } from "./reliability.ts";

/* Random networks, mini-batches and settings for some steps, three ways: the oracle's, the reference's, the adapter's. */

const seed = 1;
/** The largest mini-batch: one size for all, since kernels are compiled for it. */
const mostSamples = 8;

/** A network to train: what it is made of, and the steps. */
interface Case {
  readonly sizes: readonly number[];
  readonly settings: StepSettings;
  readonly layers: readonly OracleLayer[];
  /** `[count, inputs]` bytes and their labels, taken in their order. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly batches: readonly number[];
  readonly learningRate: number;
}

/** A number between two others, even in their logarithms. */
const between = (random: Random, low: number, high: number) =>
  low * (high / low) ** (random.below(1_000_001) / 1_000_000);

function settingsOf(random: Random, fixed: Partial<StepSettings>): StepSettings {
  return {
    ...defaultConfig,
    activation: random.of(activationNames),
    optimizer: random.of(optimizerNames),
    momentum: random.of([0, 0.5, 0.9, 0.99]),
    beta2: random.of([0.9, 0.99, 0.999]),
    // Where gradients are nearly nothing, smaller ones would make their last digits count.
    epsilon: between(random, 1e-4, 1e-1),
    weightDecay: random.of([0, 0, 1e-4, 0.1]),
    labelSmoothing: random.of([0, 0, 0.1, 0.5]),
    ...fixed,
  };
}

function caseOf(random: Random, sizes: readonly number[], fixed: Partial<StepSettings>): Case {
  const size = random.of([0.01, 0.1, 0.5, 2]);
  const value = () => size * (random.below(2_000_001) / 1_000_000 - 1);
  const layers = sizes.slice(1).map((outputs, at) => ({
    w: Array.from({ length: outputs }, () => Array.from({ length: sizes[at] }, () => Math.fround(value()))),
    b: Array.from({ length: outputs }, () => Math.fround(value())),
  }));
  const batches = Array.from({ length: 1 + random.below(4) }, () => 1 + random.below(mostSamples));
  const count = batches.reduce((sum, batch) => sum + batch, 0);
  const shade = random.of([() => random.below(256), () => random.of([0, 0, 0, 255]), () => 0]);
  return {
    ...{ sizes, layers, batches },
    settings: settingsOf(random, fixed),
    images: Uint8Array.from({ length: count * sizes[0] }, shade),
    labels: Uint8Array.from({ length: count }, () => random.below(sizes[sizes.length - 1])),
    learningRate: between(random, 1e-3, 0.3),
  };
}

/** Losses of the steps, and all parameters after the last. */
interface Outcome {
  readonly losses: readonly number[];
  readonly parameters: readonly number[];
}

function byOracle({ sizes, settings, layers, images, labels, batches, learningRate }: Case): Outcome {
  const oracle = new Oracle(layers, settings);
  let first = 0;
  const losses = batches.map((batch) => {
    const samples = Array.from({ length: batch }, (_, at) => ({
      pixels: Array.from(
        images.subarray((first + at) * sizes[0], (first + at + 1) * sizes[0]),
        (byte) => byte / 255,
      ),
      label: labels[first + at],
    }));
    first += batch;
    return oracle.step(samples, learningRate);
  });
  return { losses, parameters: oracle.layers.flatMap(({ w, b }) => [...w.flat(), ...b]) };
}

async function byEngine(
  engine: Engine,
  { sizes, layers, labels, batches, learningRate }: Case,
): Promise<Outcome> {
  const parameters: Parameters = layers.map(({ w, b }, at) => ({
    ...{ inputs: sizes[at], outputs: sizes[at + 1] },
    ...{ weight: Float64Array.from(w.flat()), bias: Float64Array.from(b) },
  }));
  engine.setParameters(parameters);
  engine.setOrder(Uint32Array.from(labels, (_, index) => index));
  let first = 0;
  const steps = batches.map((size, index) => {
    const step = { first, size, learningRate, number: index + 1 };
    first += size;
    return step;
  });
  const { loss } = await engine.train(steps).metrics();
  const after = await engine.readParameters();
  engine.destroy();
  return { losses: [...loss], parameters: after.flatMap(({ weight, bias }) => [...weight, ...bias]) };
}

const optionsOf = ({ sizes, settings, images, labels }: Case) => ({
  ...{ sizes, settings, batchSize: mostSamples },
  train: { images, labels, count: labels.length, rows: 1, columns: sizes[0] },
});

/** @throws what differs most, and the case */
function compare(actual: Outcome, expected: Outcome, tolerance: number, what: string, the: Case): void {
  for (const part of ["losses", "parameters"] as const) {
    for (const [at, value] of expected[part].entries()) {
      const error = Math.abs(actual[part][at] - value);
      if (error <= tolerance * (1 + Math.abs(value))) continue;
      const { sizes, settings, batches, learningRate } = the;
      const described = JSON.stringify({ sizes, settings, batches, learningRate });
      throw new Error(`${what}: ${part}[${at}] is ${actual[part][at]}, expected ${value}, of ${described}`);
    }
  }
}

test("the reference goes where the oracle goes", async () => {
  const random = new Random(xoroshiro128plus(seed));
  const count = isWhole ? 5000 : 500;
  for (let index = 0; index < count; index++) {
    const sizes = Array.from({ length: 2 + random.below(3) }, () => 2 + random.below(7));
    const the = caseOf(random, sizes, {});
    const actual = await byEngine(createCpuEngine(optionsOf(the)), the);
    compare(actual, byOracle(the), 1e-9, `case ${index} of seed ${seed}`, the);
  }
  await report("numbers", "reference against oracle", { tried: count, wrong: 0, seed });
});

const gpu = await openGpu(await testAdapter());
/** Few shapes and formulas: each is compiled once. */
const shapes = [
  [20, 6, 5],
  [17, 9, 4, 3],
  [16, 10],
];
const pairs = [
  ["sigmoid", "sgd"],
  ["relu", "adam"],
  ["gelu", "nesterov"],
  ["tanh", "rmsprop"],
] as const;

test.each([
  ["portable", 140],
  ["unrolled", 140],
  // Software adapters compile them for seconds, anew for all settings that are constants.
  ["tiled", 20],
] as const)(
  "the adapter goes where the oracle goes, %s kernels",
  async (kernels, all) => {
    const random = new Random(xoroshiro128plus(seed + 1));
    const count = isWhole ? all : all / 10;
    for (let index = 0; index < count; index++) {
      const sizes = isWhole ? random.of(shapes) : shapes[0];
      const [activation, optimizer] = isWhole ? random.of(pairs) : random.of(pairs.slice(1, 2));
      const the = caseOf(random, sizes, { activation, optimizer });
      const actual = await byEngine(await createWebGpuEngine({ ...optionsOf(the), gpu, kernels }), the);
      // float32: sums of some products, and steps that divide by roots of small numbers.
      compare(actual, byOracle(the), 2e-4, `case ${index} of seed ${seed + 1}, ${kernels}`, the);
    }
    await report("numbers", `${kernels} kernels against oracle`, { tried: count, wrong: 0, seed: seed + 1 });
  },
  600_000,
);
