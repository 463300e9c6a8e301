import { vectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** Bytes of a sample's slot in `sample_metrics`: its loss (f32) and its predicted class (u32). */
export const sampleMetricsBytes = 8;

/**
 * Loss and prediction of every sample into `sample_metrics`, at its position in the order, and dZ of the last layer
 * `[batch, classes]`, rows padded, into `gradient`.
 */
export function softmaxCrossEntropy(
  classes: number,
  batch: number,
  labelSmoothing: number,
  buffers: {
    logits: GPUBuffer;
    order: GPUBuffer;
    labels: GPUBuffer;
    gradient: GPUBuffer;
    sample_metrics: GPUBuffer;
  },
): KernelCall {
  return {
    name: "softmax_cross_entropy",
    variants: { CLASS_VECTORS: String(vectors(classes)) },
    constants: { CLASSES: classes, LABEL_SMOOTHING: labelSmoothing },
    buffers,
    invocations: batch,
  };
}
