import { describe, expect, test } from "vitest";
import { create, globals } from "webgpu";
import { cases } from "../../../bench/src/compiler/compiler.ts";
import { dispatchesOnGpu, limitsOfToday } from "../../../bench/src/compiler/gpu-of-today.ts";
import { recordStep } from "../../../bench/src/compiler/step.ts";
import { configurations, workloadName } from "../../../bench/src/workload.ts";
import { builtInDigits } from "../../../src/data/digits.ts";
import { openGpu } from "../../../src/gpu/gpu.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { createWebGpuEngine } from "../../../src/training/webgpu/webgpu-engine.ts";

/*
 * What must hold of a step on every GPU, and needs neither one nor its compiler.
 */

Object.assign(globalThis, globals);

/** Dawn's adapter without a driver: it checks pipelines against WebGPU's own limits, and computes nothing. */
const checking = create(["backend=null"]);

/** By the network: the most dispatches and megabytes that a step may take. */
const allowed: Readonly<Record<string, readonly [dispatches: number, megabytes: number]>> = {
  "784-10-10, batch 64": [3, 0.8],
  "784-10-10, batch 1024": [3, 4.5],
  "784-128-10, batch 64": [3, 5],
  "784-128-10, batch 1024": [3, 12],
  "784-800-10, batch 64": [3, 17],
  "784-800-10, batch 1024": [3, 55],
  "preset accurate: 784-512-512-10, batch 128": [8, 40],
  "preset record: 784-1024-512-10, batch 256": [8, 80],
  "784-2048-2048-10, batch 1024": [6, 280],
};

describe.each(cases)("a step of $name", (network) => {
  test("takes few dispatches, and little more traffic than it must", async () => {
    const { dispatches, bytes, kernels } = await recordStep(network, limitsOfToday, ["subgroups"]);
    const [mostDispatches, mostMegabytes] = allowed[network.name];
    expect(dispatches).toBeLessThanOrEqual(mostDispatches);
    expect(bytes / 1e6).toBeLessThanOrEqual(mostMegabytes);
    // Every weight is read and written at least.
    expect(bytes).toBeGreaterThan(3 * 4 * 784 * network.sizes[1]);
    for (const { workgroups, workgroupSize } of kernels)
      expect(workgroups * workgroupSize).toBeGreaterThan(0);
  });

  test("compiles with what WebGPU promises everywhere: 16 KB of workgroup memory, 256 invocations, 8 buffers", async () => {
    const gpu = await openGpu(await checking.requestAdapter());
    const { maxComputeWorkgroupStorageSize: bytes, maxStorageBuffersPerShaderStage: buffers } =
      gpu.device.limits;
    expect([bytes, buffers, gpu.software]).toEqual([16384, 8, false]);
    const { train } = builtInDigits({ train: 16, test: 1 });
    const { sizes, batchSize, settings = defaultConfig } = network;
    const engine = await createWebGpuEngine({ gpu, sizes, batchSize, train, settings });
    engine.destroy();
    gpu.destroy();
  });
});

test("dispatches on a GPU are those of its kernels, which fuse wide layers too, whatever ran here", async () => {
  const counted = [];
  for (const load of configurations) counted.push([workloadName(load), await dispatchesOnGpu(load)]);
  expect(counted).toEqual([
    ["784-10-10, batch 64", 3],
    ["784-128-10, batch 64", 3],
    ["784-800-10, batch 64", 3],
    ["784-256-128-10, batch 64", 7],
    ["784-128-10, batch 1024", 3],
    ["784-800-10, batch 1024", 3],
  ]);
});
