import type { Workload } from "../workload.ts";
import { recordStep } from "./step.ts";

/** The limits of a GPU of today, as far as kernels go by them. */
export const limitsOfToday = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 16,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxComputeWorkgroupStorageSize: 65536,
  maxComputeWorkgroupsPerDimension: 65535,
} as const;

/**
 * Dispatches of a step of ours on a GPU, which need not be there: what runs on a software adapter has other kernels, and fuses
 * others. WebGPU's names must be global.
 */
export async function dispatchesOnGpu(workload: Pick<Workload, "sizes" | "batchSize">): Promise<number> {
  const { sizes, batchSize } = workload;
  const { dispatches } = await recordStep({ name: "", sizes, batchSize }, limitsOfToday, []);
  return dispatches;
}
