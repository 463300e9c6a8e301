import { readFileSync, writeSync } from "node:fs";
import { create, globals } from "webgpu";
import { openGpu } from "../../../src/gpu/gpu.ts";
import type { RecordedPipeline } from "./recorder.ts";
import { mark } from "./statistics.ts";

/*
 * A program of its own, run on pretended hardware: reads a list of pipelines (JSON) from stdin and compiles them one after
 * another, while Mesa writes about each to stderr. Prints one line of JSON, a `Compiled`, to stdout.
 */

/** The device that Dawn opened, if there was one of RADV's. */
export interface Compiled {
  /** The driver and its version. */
  readonly driver: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly GPUFeatureName[];
}

Object.assign(globalThis, globals);
const gpu = create([]);
const compiled = await compile(JSON.parse(readFileSync(0, "utf8")));
writeSync(1, `${JSON.stringify(compiled ?? null)}\n`);
// At once: what closes a device would call hardware that is not there.
process.exit();

async function compile(pipelines: readonly RecordedPipeline[]): Promise<Compiled | undefined> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter?.info.description.startsWith("radv")) return undefined;
  const { device } = await openGpu(adapter);
  for (const [index, pipeline] of pipelines.entries()) {
    writeSync(2, `\n${mark(index)}\n`);
    await compilePipeline(device, pipeline);
  }
  const limits: Record<string, number> = {};
  for (const name in device.limits) limits[name] = device.limits[name as keyof GPUSupportedLimits] as number;
  return { driver: adapter.info.description, limits, features: [...device.features] as GPUFeatureName[] };
}

async function compilePipeline(device: GPUDevice, pipeline: RecordedPipeline): Promise<void> {
  const { label, code, entryPoint, constants, layouts } = pipeline;
  const bindGroupLayouts = layouts.map((layout) => device.createBindGroupLayout(layout));
  await device.createComputePipelineAsync({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts }),
    compute: { module: device.createShaderModule({ code }), entryPoint, constants },
  });
}
