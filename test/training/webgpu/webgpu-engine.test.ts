import { describe, expect, test, vi } from "vitest";
import { epochOrder } from "../../../src/data/batches.ts";
import { firstImages } from "../../../src/data/dataset.ts";
import { builtInDigits } from "../../../src/data/digits.ts";
import { openGpu } from "../../../src/gpu/gpu.ts";
import { initialise } from "../../../src/model/initialise.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { keptSplits } from "../../../src/training/engine/engine.ts";
import { checkLimits } from "../../../src/training/webgpu/plan.ts";
import { createWebGpuEngine, type WebGpuEngineOptions } from "../../../src/training/webgpu/webgpu-engine.ts";
import { testAdapter, testDevice } from "../../helpers/gpu.ts";
import { expectClose } from "../../helpers/tolerance.ts";
import { type CreateEngine, expectParameters, odd } from "../engine/engine-fixture.ts";
import { describeSettings, describeTrajectories, settingCases } from "../engine/engine-settings.ts";
import { describeComputing, describeEngine } from "../engine/engine-suite.ts";

const gpu = await openGpu(await testAdapter());

// Measured on golden networks of 10 steps: parameters agree within 2e-7; float32 has 6e-8 relative precision.
const float32 = { atol: 1e-6, rtol: 1e-5, reason: "float32 sums over a few steps" };
const tolerances = {
  parameters: float32,
  loss: float32,
  imageLoss: float32,
  probabilities: float32,
};

// Software adapters compile tiled kernels for seconds each.
for (const [kernels, residency, describeIts] of [
  ["portable", "resident", describeEngine],
  ["portable", "streamed", describeEngine],
  ["unrolled", "resident", describeEngine],
  ["tiled", "streamed", describeComputing],
] as const) {
  describeIts(
    `WebGPU engine, ${kernels}, ${residency}`,
    (options) => createWebGpuEngine({ gpu, residency, kernels, ...options }),
    tolerances,
  );
}

describe.each([
  ["portable", "resident"],
  ["unrolled", "streamed"],
] as const)("settings of a step, %s kernels, %s", (kernels, residency) => {
  const create: CreateEngine = (options) => createWebGpuEngine({ gpu, residency, kernels, ...options });
  describeTrajectories(create, tolerances);
  describeSettings(create);
});

describe("settings of a step, tiled kernels", () => {
  const create: CreateEngine = (options) => createWebGpuEngine({ gpu, kernels: "tiled", ...options });
  // Software adapters compile tiled kernels for seconds: each activation or optimizer that differs, and all else at once.
  const chosen = ["tanh", "relu", "nesterov", "adam", "everything"];
  describeTrajectories(
    create,
    tolerances,
    settingCases.filter(({ name }) => chosen.includes(name)),
  );
});

describe("digits, of which zeros are left out", () => {
  const { train, test: watched } = builtInDigits({ train: 200, test: 20 });
  const settings = defaultConfig;
  const trained = async ({ sizes = [784, 10, 10], ...options }: Partial<WebGpuEngineOptions>) => {
    const engine = await createWebGpuEngine({ gpu, sizes, batchSize: 32, train, settings, ...options });
    engine.setParameters(initialise(sizes, "article", 1));
    engine.setOrder(epochOrder(train.count, 1, 0, true));
    const steps = [0, 32, 64, 96, 128, 160, 192].map((first, index) => {
      return { first, size: Math.min(32, train.count - first), learningRate: 0.5, number: index + 1 };
    });
    const { loss } = await engine.train(steps).metrics();
    const results = {
      parameters: await engine.readParameters(),
      loss,
      evaluated: await engine.evaluate(watched),
      probabilities: await engine.predict(watched.images),
    };
    engine.destroy();
    return results;
  };
  const expectAlike = (one: Awaited<ReturnType<typeof trained>>, other: typeof one) => {
    expectParameters(one.parameters, other.parameters, float32, "after seven steps");
    expectClose(one.loss, other.loss, { ...float32, what: "losses" });
    expectClose(one.probabilities, other.probabilities, { ...float32, what: "probabilities" });
    expectClose(one.evaluated.losses, other.evaluated.losses, { ...float32, what: "losses of images" });
  };

  test("the same training as with them, and the same bits when streamed", async () => {
    const sparse = await trained({ kernels: "unrolled", residency: "resident" });
    expect(await trained({ kernels: "unrolled", residency: "streamed" })).toEqual(sparse);
    expectAlike(sparse, await trained({ kernels: "portable" }));
  });

  // Blocks of results and slices of rows are odd in number, so that quads of a workgroup differ in both, and the last has none.
  test.each([{ sizes: [784, 10, 10] }, { sizes: [784, 72, 72, 10] }])(
    "$sizes by workgroups of 4, 8 or 16 invocations, to the same bits",
    async ({ sizes }) => {
      const results = [];
      for (const subgroupMinSize of [4, 8, 16])
        results.push(await trained({ sizes, kernels: "unrolled", gpu: { ...gpu, subgroupMinSize } }));
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );

  // 25 pixels are padded to 28, and whatever lay there before must be gone.
  test("nor of rows that are no whole vectors, however often they are uploaded", async () => {
    const images = Uint8Array.from({ length: 25 * 40 }, (_, pixel) => 1 + ((pixel * 89) % 255));
    const split = { images, labels: train.labels.slice(0, 40), count: 40, rows: 5, columns: 5 };
    const sizes = [25, 200, 10];
    const results = [];
    for (const residency of ["resident", "streamed"] as const) {
      const options = {
        gpu,
        sizes,
        batchSize: 16,
        train: split,
        settings,
        kernels: "unrolled",
        residency,
      } as const;
      const engine = await createWebGpuEngine(options);
      engine.setParameters(initialise(sizes, "he-normal", 1));
      engine.setOrder(epochOrder(40, 1, 0, true));
      for (const first of [0, 16, 0, 16, 24])
        await engine.train([{ first, size: 16, learningRate: 0.5, number: 1 }]).metrics();
      results.push([await engine.readParameters(), await engine.evaluate(split)]);
      engine.destroy();
    }
    expect(results[1]).toEqual(results[0]);
  });

  test("on a device that cannot bind all that the fused update needs", async () => {
    const device = await (await testAdapter()).requestDevice({ requiredFeatures: ["subgroups"] });
    // Images, what is nonzero of them, a gradient, parameters, two slots; activations and gradient of the next layer.
    expect(device.limits.maxStorageBuffersPerShaderStage).toBe(8);
    const settings = { ...defaultConfig, optimizer: "momentum", averageDecay: 0.4 } as const;
    const modest = await trained({ kernels: "unrolled", settings, gpu: { ...gpu, device } });
    expectAlike(modest, await trained({ kernels: "unrolled", settings }));
    device.destroy();
  });
});

test.each([false, true])(
  "an evaluation of the same images takes no more memory, deskew %s",
  async (deskew) => {
    const { train, test: watched } = builtInDigits({ train: 32, test: 20 });
    const sizes = [784, 10];
    const settings = { ...defaultConfig, deskew };
    const engine = await createWebGpuEngine({
      gpu,
      sizes,
      batchSize: 32,
      train,
      settings,
      kernels: "portable",
    });
    engine.setParameters(initialise(sizes, "article", 1));
    const first = await engine.evaluate(watched);
    const create = vi.spyOn(gpu.device, "createBuffer");
    expect(await engine.evaluate(watched)).toEqual(first);
    const labels = create.mock.calls.map(([{ label }]) => label);
    create.mockRestore();
    engine.destroy();
    expect(labels.filter((label) => !label?.startsWith("staging"))).toEqual([]);
  },
);

test("of splits that are evaluated once each, the last few take memory", async () => {
  const { train, test: watched } = builtInDigits({ train: 32, test: 20 });
  const options = { gpu, sizes: [784, 10], batchSize: 32, train, settings: defaultConfig } as const;
  const engine = await createWebGpuEngine({ ...options, kernels: "portable" });
  const held = new Set<GPUBuffer>();
  const createBuffer = gpu.device.createBuffer.bind(gpu.device);
  const creating = vi.spyOn(gpu.device, "createBuffer").mockImplementation((descriptor) => {
    const buffer = createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      held.delete(buffer);
      destroy();
    };
    held.add(buffer);
    return buffer;
  });
  const counts = [];
  for (let count = 1; count <= 3 * keptSplits; count++) {
    await engine.evaluate(firstImages(watched, count));
    counts.push(held.size);
  }
  // The one that was evaluated last stays, however often others come.
  const kept = firstImages(watched, 1);
  for (let count = 2; count <= 3 * keptSplits; count++) {
    await engine.evaluate(kept);
    await engine.evaluate(firstImages(watched, count));
  }
  const made = creating.mock.calls.length;
  await engine.evaluate(kept);
  const labels = creating.mock.calls.slice(made).map(([{ label }]) => label);
  creating.mockRestore();
  expect(labels.filter((label) => !label?.startsWith("staging"))).toEqual([]);
  engine.destroy();
  expect(counts[0]).toBeGreaterThan(0);
  expect(counts.at(-1)).toBe(counts[keptSplits - 1]);
});

test("what is under way as an engine is destroyed ends with a sentence, and leaves the device to others", async () => {
  const sizes = [784, 9, 10];
  const { train } = builtInDigits({ train: 20, test: 1 });
  const images = train.images.subarray(0, 784);
  const started = async () => {
    const options = {
      gpu,
      sizes,
      batchSize: 10,
      train,
      settings: defaultConfig,
      kernels: "portable",
    } as const;
    const engine = await createWebGpuEngine(options);
    engine.setParameters(initialise(sizes, "article", 1));
    engine.setOrder(epochOrder(train.count, 1, 0, true));
    return engine;
  };
  const engine = await started();
  const expected = await engine.predict(images);
  const trained = engine.train([{ first: 0, size: 10, number: 1, learningRate: 0.1 }]);
  const compile = gpu.device.createComputePipelineAsync.bind(gpu.device);
  const compiling = vi.spyOn(gpu.device, "createComputePipelineAsync");
  compiling.mockImplementationOnce((descriptor) => {
    engine.destroy();
    return compile(descriptor);
  });
  const inside = engine.inspect(images);
  await expect(inside).rejects.toThrow("destroy() was called before this was answered");
  compiling.mockRestore();
  await expect(trained.metrics()).rejects.toThrow("destroy() was called before this was answered");
  const pending = await started();
  const prediction = pending.predict(images);
  pending.destroy();
  await expect(prediction).rejects.toThrow("destroy() was called before this was answered");
  const another = await started();
  expect(await another.predict(images)).toEqual(expected);
  another.destroy();
});

test("an inside that is too large to be looked into is refused, and the next one is seen", async () => {
  const sizes = [4, 1024, 2];
  const split = { images: new Uint8Array(16), labels: new Uint8Array(4), count: 4, rows: 2, columns: 2 };
  const options = {
    gpu,
    sizes,
    batchSize: 4,
    train: split,
    settings: defaultConfig,
    kernels: "portable",
  } as const;
  const engine = await createWebGpuEngine(options);
  engine.setParameters(initialise(sizes, "article", 1));
  const seen = await engine.inspect(split.images.subarray(0, 4));
  const { maxStorageBufferBindingSize } = gpu.device.limits;
  const tooMany = Math.ceil(maxStorageBufferBindingSize / (4 * 1024)) + 1;
  await expect(engine.inspect(new Uint8Array(4 * tooMany))).rejects.toThrow(
    /inside of \d+ images needs .* Look into fewer/,
  );
  expect(await engine.inspect(split.images.subarray(0, 4))).toEqual(seen);
  engine.destroy();
});

test("a device that cannot bind the buffers of two layers at once updates them one by one, to the same bits", async () => {
  const modest = await testDevice();
  const key = "maxStorageBuffersPerShaderStage";
  // Pixels, their order, a gradient, parameters, Adam's two averages and theirs; activations and gradient of the next layer.
  expect([modest.limits[key] < 9, gpu.device.limits[key] >= 9]).toEqual([true, true]);
  const { train, batchSize, order } = odd;
  const sizes = [25, 6, 10];
  const settings = { ...defaultConfig, optimizer: "adam", averageDecay: 0.4 } as const;
  const trained = async (device: GPUDevice) => {
    const options = { sizes, batchSize, train, settings, kernels: "tiled" } as const;
    const engine = await createWebGpuEngine({ gpu: { ...gpu, device }, ...options });
    engine.setParameters(initialise(sizes, "article", 1));
    engine.setOrder(order);
    const step = { first: 0, size: batchSize, learningRate: 0.1 };
    await engine.train([1, 2, 3].map((number) => ({ ...step, number }))).metrics();
    return engine.readState();
  };
  const [one, other] = await Promise.all([modest, gpu.device].map(trained));
  expect(one).toEqual(other);
});

test("a mini-batch of images that training changes takes four times the bytes of others", async () => {
  const { maxStorageBufferBindingSize } = gpu.device.limits;
  const batchSize = Math.ceil(maxStorageBufferBindingSize / (784 * 4)) + 1;
  const { train } = builtInDigits({ train: 1, test: 1 });
  const options = { gpu, sizes: [784, 10], batchSize, train };
  const changed = createWebGpuEngine({ ...options, settings: { ...defaultConfig, shift: 1 } });
  await expect(changed).rejects.toThrow(`A mini-batch of ${batchSize} images of 784 pixels needs`);
  const { limits } = gpu.device;
  expect(() => checkLimits(limits, [784, 10], { ...defaultConfig, batchSize })).not.toThrow();
});

test("a network beyond the adapter's limits is refused by the limit's name and value, before allocation", async () => {
  const { maxStorageBufferBindingSize } = gpu.device.limits;
  const width = Math.ceil(maxStorageBufferBindingSize / 4 / 65_536) + 4;
  const train = {
    images: new Uint8Array(65_536),
    labels: new Uint8Array(1),
    count: 1,
    rows: 256,
    columns: 256,
  };
  const options = { gpu, sizes: [65_536, width, 10], batchSize: 1, train, settings: defaultConfig };
  await expect(createWebGpuEngine(options)).rejects.toThrow(
    new RegExp(`needs \\d+ bytes.* ${maxStorageBufferBindingSize}`),
  );
});
