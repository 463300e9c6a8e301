import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import type { Split } from "../../src/data/dataset.ts";
import { UserError } from "../../src/errors.ts";
import { type Gpu, openGpu } from "../../src/gpu/gpu.ts";
import { initialise } from "../../src/model/initialise.ts";
import { optimizerNames } from "../../src/model/optimizers.ts";
import { defaultConfig, type StepSettings } from "../../src/model/settings.ts";
import { createCpuEngine } from "../../src/training/engine/cpu-engine.ts";
import type { Engine } from "../../src/training/engine/engine.ts";
import { createWebGpuEngine, type WebGpuEngineOptions } from "../../src/training/webgpu/webgpu-engine.ts";
import { testAdapter } from "../helpers/gpu.ts";
import { expectClose } from "../helpers/tolerance.ts";
import { Random } from "./mutants.ts";
import { isWhole, report, testOfAll } from "./reliability.ts";

/* Networks just below, at and just above what a device can do: right, or refused by the limit's name with nothing allocated. */

const seed = 6;
type Limit = keyof GPUSupportedLimits & string;

/** A device that has no more than these limits, of those that WebGPU lets a device have less of than its adapter. */
async function openLimited(limits: Partial<Record<Limit, number>>): Promise<Gpu & { allocated: number }> {
  const adapter = await testAdapter();
  const names = ["features", "info"] as const;
  const limited = {
    ...Object.fromEntries(names.map((name) => [name, adapter[name]])),
    limits: new Proxy(adapter.limits, { get: (all, name: Limit) => limits[name] ?? all[name] }),
    requestDevice: (descriptor: GPUDeviceDescriptor) => adapter.requestDevice(descriptor),
  };
  const gpu = { ...(await openGpu(limited as unknown as GPUAdapter)), allocated: 0 };
  for (const [name, value] of Object.entries(limits)) expect(gpu.device.limits[name as Limit]).toBe(value);
  const create = gpu.device.createBuffer.bind(gpu.device);
  gpu.device.createBuffer = (descriptor) => {
    gpu.allocated++;
    return create(descriptor);
  };
  return gpu;
}

/** The least of each that a device has. */
const least = { maxStorageBufferBindingSize: 128 << 20, maxBufferSize: 256 << 20 };

function splitOf(count: number, inputs: number, classes: number, random: Random): Split {
  // Drawn once and repeated: up to a gigabyte of them would take minutes.
  const drawn = Uint8Array.from({ length: 4099 }, () => random.below(256));
  const images = new Uint8Array(count * inputs);
  for (let at = 0; at < images.length; at += drawn.length)
    images.set(drawn.subarray(0, images.length - at), at);
  return {
    ...{ count, images, rows: 1, columns: inputs },
    labels: Uint8Array.from({ length: count }, () => random.below(classes)),
  };
}

/** Two steps on the first images: their losses, and what is predicted then. */
async function trained(engine: Engine, { count, images }: Split, batchSize: number) {
  const { sizes } = engine;
  engine.setParameters(initialise(sizes, "article", 1));
  engine.setOrder(Uint32Array.from({ length: count }, (_, index) => index));
  const size = Math.min(batchSize, count);
  const steps = [1, 2].map((number) => ({ first: 0, size, number, learningRate: 0.01 }));
  const { loss } = await engine.train(steps).metrics();
  const probabilities = await engine.predict(images.slice(0, 4 * sizes[0]));
  engine.destroy();
  return [...loss, ...probabilities];
}

async function asReference(options: Omit<WebGpuEngineOptions, "gpu">, gpu: Gpu): Promise<void> {
  const { train, batchSize } = options;
  const found = await trained(await createWebGpuEngine({ ...options, gpu }), train, batchSize);
  const expected = await trained(createCpuEngine(options), train, batchSize);
  // Sums of up to 8,192 products in float32.
  expectClose(found, expected, { atol: 1e-4, rtol: 1e-3, reason: "float32 sums of thousands of products" });
}

/** What exactly fills a binding of the least size, and with `over` more does not fit. */
const kinds = [
  { what: "parameters", sizes: (over: number) => [4 * ((1 << 20) - 1) + over, 8], batchSize: 1 },
  { what: "a layer's outputs", sizes: (over: number) => [1, 4096 + over, 2], batchSize: 8192 },
  { what: "a mini-batch's images", sizes: (over: number) => [(1 << 22) + over, 4], batchSize: 32 },
];

for (const { what, sizes, batchSize } of kinds) {
  const optionsOf = (over: number) => {
    const random = new Random(xoroshiro128plus(seed));
    const train = splitOf(batchSize, sizes(over)[0], 2, random);
    return { train, sizes: sizes(over), batchSize, settings: defaultConfig };
  };

  test(`${what} beyond a binding are refused by the limit's name, with nothing allocated`, async () => {
    const gpu = await openLimited(least);
    for (const over of [1, 4]) {
      const refusal = await createWebGpuEngine({ ...optionsOf(over), gpu }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(UserError);
      expect((refusal as UserError).message).toContain("maxStorageBufferBindingSize is 134217728");
      expect(gpu.allocated).toBe(0);
    }
    gpu.destroy();
    await report("limits", `${what} just above a binding: refused`, { tried: 2, wrong: 0, seed });
  });

  testOfAll(`${what} that fill a binding, or nearly, compute what the reference does`, async () => {
    const gpu = await openLimited(least);
    for (const over of [0, -4]) await asReference(optionsOf(over), gpu);
    gpu.destroy();
    await report("limits", `${what} that fill a binding, or nearly: right`, { tried: 2, wrong: 0, seed });
  });
}

test("images of which a binding holds fewer than an evaluation would take are evaluated fewer at a time", async () => {
  const gpu = await openLimited(least);
  const train = splitOf(4, 1 << 18, 2, new Random(xoroshiro128plus(seed)));
  await asReference({ train, sizes: [1 << 18, 2], batchSize: 2, settings: defaultConfig }, gpu);
  gpu.destroy();
});

/** Two layers that are fused where their buffers allow it; what is remembered beside them takes more of these. */
const small = { sizes: [20, 9, 4], batchSize: 5 };

testOfAll(
  "with any number of storage buffers a stage from the least on, all optimizers compute what the reference does",
  async () => {
    const random = new Random(xoroshiro128plus(seed));
    const train = splitOf(10, 20, 4, random);
    let tried = 0;
    for (const maxStorageBuffersPerShaderStage of [8, 9, 10, 11, 12]) {
      const gpu = await openLimited({ ...least, maxStorageBuffersPerShaderStage });
      for (const optimizer of optimizerNames) {
        for (const averageDecay of [0, 0.9]) {
          const settings: StepSettings = { ...defaultConfig, optimizer, averageDecay };
          for (const kernels of ["portable", "unrolled"] as const) {
            await asReference({ ...small, train, settings, kernels }, gpu);
            tried++;
          }
        }
      }
      gpu.destroy();
    }
    await report("limits", "8 to 12 storage buffers a stage, by optimizer", { tried, wrong: 0, seed });
  },
);

/** A device that refuses dispatches of more workgroups in a dimension than `most`. */
function narrow(gpu: Gpu, most: number): Gpu {
  const { device } = gpu;
  const limits = new Proxy(device.limits, {
    get: (all, name: Limit) => (name === "maxComputeWorkgroupsPerDimension" ? most : all[name]),
  });
  const createCommandEncoder = (...args: Parameters<GPUDevice["createCommandEncoder"]>) => {
    const encoder = device.createCommandEncoder(...args);
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (descriptor) => {
      const pass = begin(descriptor);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (x, y = 1, z = 1) => {
        if (Math.max(x, y, z) > most) throw new Error(`${x}x${y}x${z} workgroups, but there may be ${most}`);
        return dispatch(x, y, z);
      };
      return pass;
    };
    return encoder;
  };
  const changed: Partial<GPUDevice> = { limits, createCommandEncoder };
  const narrowed = new Proxy(device, {
    get(all, name: keyof GPUDevice) {
      const value = changed[name] ?? all[name];
      return typeof value === "function" && !(name in changed) ? value.bind(all) : value;
    },
  });
  return { ...gpu, device: narrowed };
}

test("workgroups that fill a dimension, or go beyond it, compute what the reference does", async () => {
  const random = new Random(xoroshiro128plus(seed));
  const gpu = await openLimited({});
  const count = isWhole ? 20 : 1;
  for (let index = 0; index < count; index++) {
    const sizes = [64 + random.below(900), 32 + random.below(100), 3 + random.below(30)];
    const batchSize = 1 + random.below(40);
    const train = splitOf(50, sizes[0], sizes[2], random);
    const kernels = isWhole ? random.of(["portable", "unrolled"] as const) : "portable";
    const most = 60 + random.below(60);
    await asReference({ sizes, batchSize, train, settings: defaultConfig, kernels }, narrow(gpu, most));
  }
  gpu.destroy();
  await report("limits", "few workgroups a dimension", { tried: count, wrong: 0, seed });
});
