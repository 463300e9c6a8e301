import type { KernelCall } from "./library.ts";

/** Bytes of a step's entry in `step_metrics`: sum of losses (f32) and number of correct predictions (u32). */
export const stepMetricsBytes = 8;

/** Sums `sample_metrics` over the mini-batch of each of up to `count` steps that `steps` describes. */
export function batchMetrics(
  count: number,
  buffers: {
    steps: GPUBuffer;
    sample_metrics: GPUBuffer;
    order: GPUBuffer;
    labels: GPUBuffer;
    step_metrics: GPUBuffer;
  },
): KernelCall {
  return { name: "batch_metrics", constants: {}, buffers, invocations: count };
}
