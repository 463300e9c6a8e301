import { describe, expect, test } from "vitest";
import { openGpu } from "../../src/gpu/gpu.ts";
import { createWebGpuEngine } from "../../src/training/webgpu-engine.ts";
import { testAdapter } from "../helpers/gpu.ts";
import type { CreateEngine } from "./engine-fixture.ts";
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
