import { describe, expect, test } from "vitest";
import { openGpu } from "../../src/gpu/gpu.ts";
import { initialise } from "../../src/model/initialise.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { createWebGpuEngine } from "../../src/training/webgpu-engine.ts";
import { testAdapter, testDevice } from "../helpers/gpu.ts";
import { type CreateEngine, odd } from "./engine-fixture.ts";
import { describeSettings, describeTrajectories, settingCases } from "./engine-settings.ts";
import { describeEngine } from "./engine-suite.ts";

const gpu = await openGpu(await testAdapter());

// Measured on golden networks of 10 steps: parameters agree within 2e-7; float32 has 6e-8 relative precision.
const float32 = { atol: 1e-6, rtol: 1e-5, reason: "float32 sums over a few steps" };
const tolerances = {
  parameters: float32,
  loss: float32,
  imageLoss: float32,
  probabilities: float32,
};

for (const [kernels, residency] of [
  ["portable", "resident"],
  ["portable", "streamed"],
  ["unrolled", "resident"],
  ["tiled", "streamed"],
] as const) {
  describeEngine(
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
  expect(await trained(modest)).toEqual(await trained(gpu.device));
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
  await expect(createWebGpuEngine({ gpu, sizes: [65_536, width, 10], batchSize: 1, train })).rejects.toThrow(
    new RegExp(`needs \\d+ bytes.* ${maxStorageBufferBindingSize}`),
  );
});
