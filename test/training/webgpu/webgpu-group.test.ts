import { describe, expect, test } from "vitest";
import { epochOrder } from "../../../src/data/batches.ts";
import { firstImages } from "../../../src/data/dataset.ts";
import { builtInDigits } from "../../../src/data/digits.ts";
import { openGpu } from "../../../src/gpu/gpu.ts";
import { initialise } from "../../../src/model/initialise.ts";
import { type Config, changeSettings, defaultConfig } from "../../../src/model/settings.ts";
import type { Engine } from "../../../src/training/engine/engine.ts";
import { type GroupEngine, groupOf } from "../../../src/training/engine/group-engine.ts";
import { networksThatFit } from "../../../src/training/webgpu/placed-group.ts";
import { createWebGpuEngine } from "../../../src/training/webgpu/webgpu-engine.ts";
import { createWebGpuGroup } from "../../../src/training/webgpu/webgpu-group.ts";
import { testAdapter } from "../../helpers/gpu.ts";

const gpu = await openGpu(await testAdapter());
const digits = builtInDigits({ train: 50, test: 21 });
const train = firstImages(digits.train, 50);
const batchSize = 16;
const shown = firstImages(digits.test, 3);

/** Two epochs of short mini-batches at the end, at rates of each network's own. */
async function trained(group: GroupEngine, settings: readonly Config[]) {
  const orders = (epoch: number) => settings.map(({ seed }) => epochOrder(50, seed, epoch, true));
  settings.forEach(({ seed }, network) => {
    group.setParameters(network, initialise(group.sizes, "article", seed));
  });
  const metrics = [];
  for (const epoch of [0, 1]) {
    group.setOrders(orders(epoch));
    const steps = [0, 16, 32, 48].map((first, index) => ({
      first,
      size: Math.min(batchSize, 50 - first),
      number: 4 * epoch + index + 1,
      scheduled: settings.map(({ learningRate }, network) => ({
        learningRate: learningRate / (1 + epoch),
        magnitude: 1 / (1 + epoch * network),
      })),
    }));
    metrics.push(await group.train(steps).metrics());
  }
  return {
    metrics,
    states: await group.readStates(),
    parameters: await group.readParameters(),
    evaluations: await group.evaluate(digits.test),
    probabilities: await group.predict(shown.images),
  };
}

/** Networks of one shape whose own settings differ in everything that may. */
const differing: readonly Partial<Config>[] = [
  { seed: 1, learningRate: 0.1, weightDecay: 0, momentum: 0.8, hiddenDropout: 0 },
  { seed: 2, learningRate: 0.03, weightDecay: 0.1, momentum: 0.9, hiddenDropout: 0.5, beta2: 0.95 },
  {
    seed: 4_294_967_295,
    learningRate: 0.3,
    weightDecay: 0.01,
    momentum: 0.5,
    hiddenDropout: 0.1,
    epsilon: 0.01,
  },
];
const augmentations: readonly Partial<Config>[] = [
  { shift: 2, inputDropout: 0.2 },
  { rotation: 20, scale: 0.2, elastic: 1 },
  { shear: 0.3, shift: 1, elastic: 0.5, inputDropout: 0.1 },
];

async function expectAlike(
  hidden: readonly number[],
  kernels: Config["kernels"],
  changes: readonly Partial<Config>[],
) {
  const sizes = [784, ...hidden, 10];
  const settings = changes.map((change, network) =>
    changeSettings(defaultConfig, { ...change, ...differing[network] }),
  );
  const options = { gpu, sizes, batchSize, train, kernels };
  const alone: Engine[] = [];
  for (const own of settings) alone.push(await createWebGpuEngine({ ...options, settings: own }));
  const expected = await trained(groupOf(alone), settings);
  const group = await createWebGpuGroup({ ...options, settings });
  expect(await trained(group, settings)).toEqual(expected);
  group.destroy();
  for (const engine of alone) engine.destroy();
}

describe("networks that are trained together are, to the last bit, what each is alone", () => {
  const same = (change: Partial<Config>) => differing.map(() => change);
  // `group-suite.ts` goes through optimizers, and each form fused: this is about images of MNIST's size, and several layers.
  test("with zeros left out, fused", () => expectAlike([10], "unrolled", same({ optimizer: "sgd" })));
  test.each(["unrolled", "tiled"] as const)("layer by layer, in the %s form", (form) =>
    expectAlike([40, 33], form, same({ optimizer: "momentum", averageDecay: 0.9 }).slice(1)),
  );
  test("augmented, behind images with zeros left out", async () => {
    await expectAlike([12], "unrolled", augmentations);
  });
  test("alike in everything but the seed, without hidden layer", async () => {
    await expectAlike([], "auto", same({}));
  });
});

test.each(["training", "evaluation"] as const)("each is looked into as it is alone, for %s", async (of) => {
  const settings = [1, 2].map((seed) => ({ ...defaultConfig, averageDecay: 0.9, seed }));
  const options = { gpu, sizes: [784, 5, 10], batchSize, train, kernels: "portable" } as const;
  const group = await createWebGpuGroup({ ...options, settings });
  await trained(group, settings);
  const { parameters, slots } = (await group.readStates())[1];
  const alone = await createWebGpuEngine({ ...options, settings: settings[1] });
  alone.setParameters(parameters, slots);
  const { images, labels } = shown;
  const inside = await group.inspect(1, images, labels, of);
  expect(inside).toEqual(await alone.inspect(images, labels, of));
  expect(inside).not.toEqual(await group.inspect(0, images, labels, of));
  expect(inside.parameters).toEqual(of === "training" ? parameters : slots.average);
  group.destroy();
  alone.destroy();
});

/*
 * Kernels load whole vectors and whole tiles, also where a network's own rows have ended, and make nothing of what they load there: that
 * must be so whatever the network behind it holds.
 */
test.each([
  ["portable", [36, 4]],
  ["unrolled", [36, 80, 60, 4]],
  ["tiled", [36, 4]],
] as const)(
  "a network that has diverged leaves the one before it as it is, in the %s form",
  async (kernels, sizes) => {
    const images = Uint8Array.from({ length: 36 * 50 }, (_, pixel) => (pixel * 37) % 256);
    const labels = Uint8Array.from({ length: 50 }, (_, image) => image % 4);
    const split = { images, labels, count: 50, rows: 6, columns: 6 };
    // SiLU and GELU pass NaN on.
    const settings = [1, 2].map((seed) => ({ ...defaultConfig, activation: "silu", seed }) as const);
    // Mini-batches of whole vectors have no rows behind them.
    const group = await createWebGpuGroup({ gpu, sizes, batchSize: 10, train: split, kernels, settings });
    const beside = async (rate: number) => {
      for (const network of [0, 1]) group.setParameters(network, initialise(sizes, "he-normal", 1));
      group.setOrders(settings.map(({ seed }) => epochOrder(50, seed, 0, true)));
      const scheduled = [0.01, rate].map((learningRate) => ({ learningRate, magnitude: 1 }));
      const steps = [0, 10, 20, 30, 40].map((first, step) => ({
        first,
        size: 10,
        number: step + 1,
        scheduled,
      }));
      const metrics = await group.train(steps).metrics();
      const [parameters, evaluations] = [await group.readParameters(), await group.evaluate(split)];
      return [metrics, parameters, evaluations].map(([own]) => own);
    };
    const alone = await beside(0.01);
    expect(await beside(Number.NaN)).toEqual(alone);
    expect((await group.readParameters())[1][0].weight[0]).toBeNaN();
    group.destroy();
  },
);

test("as many fit as limits, memory and, on a software adapter, a cache allow", async () => {
  const options = { gpu, sizes: [784, 10, 10], batchSize, train, settings: defaultConfig };
  type Options = Parameters<typeof networksThatFit>[0];
  const fitting = (own: Options, bytes: number) => networksThatFit(own, digits.test, bytes);
  expect(await fitting(options, 0)).toBe(1);
  const few = await fitting(options, 8 << 20);
  const many = await fitting(options, 1 << 30);
  expect([few > 1, many > 5 * few, many <= 2048]).toEqual([true, true, true]);
  expect((await fitting({ ...options, sizes: [784, 2000, 10] }, 1 << 30)) === 1).toBe(gpu.software);
  expect(await fitting({ ...options, residency: "streamed" }, 1 << 30)).toBe(1);
  // As many images as no device has room for in a buffer are streamed, which is done for one network.
  expect(await networksThatFit(options, { ...digits.test, count: 1e12 }, 1 << 30)).toBe(1);
});
