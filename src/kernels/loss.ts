import type { LayerLayout } from "./lib/layout.ts";
import type { KernelCall } from "./lib/library.ts";
import type { StepBuffer } from "./lib/steps.ts";

/** Bytes of a sample's slot in `sample_metrics`: its loss (f32) and its predicted class (u32). */
export const sampleMetricsBytes = 8;

/** Bytes of a step's entry in `step_metrics`: sum of losses (f32) and number of correct predictions (u32). */
export const stepMetricsBytes = 8;

/** The f32 and the u32 of each of the slots of `sample_metrics`, or of the entries of `step_metrics`, from the one at `first` on. */
export function readMetrics(
  metrics: ArrayBuffer,
  first = 0,
): { readonly floats: Float32Array; readonly integers: Uint32Array } {
  const slots = new DataView(metrics, first * sampleMetricsBytes);
  const count = slots.byteLength / sampleMetricsBytes;
  const floats = new Float32Array(count);
  const integers = new Uint32Array(count);
  for (let slot = 0; slot < count; slot++) {
    floats[slot] = slots.getFloat32(slot * sampleMetricsBytes, true);
    integers[slot] = slots.getUint32(slot * sampleMetricsBytes + 4, true);
  }
  return { floats, integers };
}

/** What the loss reads beside the logits, and where its figures go. */
export interface LossBuffers {
  readonly order: GPUBuffer;
  readonly labels: GPUBuffer;
  readonly labelSmoothing: number;
  /** Loss and prediction of every sample, at its position in `order`. */
  readonly sampleMetrics: GPUBuffer;
}

/** The layer whose outputs are the logits. */
interface Logits {
  readonly layout: Pick<LayerLayout, "outputs" | "outputVectors">;
  readonly batch: number;
  readonly outputs: GPUBuffer;
}

/** Logits -> loss and prediction of every sample, and dZ of the last layer `[batch, classes]` into `gradient`. */
export function softmaxCrossEntropy(
  { layout, batch, outputs: logits }: Logits,
  gradient: GPUBuffer,
  { order, labels, labelSmoothing, sampleMetrics }: LossBuffers,
): KernelCall {
  return {
    name: "softmax_cross_entropy",
    variants: { CLASS_VECTORS: String(layout.outputVectors) },
    constants: { CLASSES: layout.outputs, LABEL_SMOOTHING: labelSmoothing },
    buffers: { logits, order, labels, gradient, sample_metrics: sampleMetrics },
    invocations: batch,
  };
}

/** Logits -> probabilities `[batch, classes]`, rows not padded. */
export function softmax({ layout, batch, outputs: logits }: Logits, probabilities: GPUBuffer): KernelCall {
  return {
    name: "softmax",
    variants: { CLASS_VECTORS: String(layout.outputVectors) },
    constants: { CLASSES: layout.outputs },
    buffers: { logits, probabilities },
    invocations: batch,
  };
}

/** Sums `sample_metrics` over the mini-batch of each of up to `count` steps that `steps` describes, into `step_metrics`. */
export function batchMetrics(
  count: number,
  { order, labels, sampleMetrics }: Omit<LossBuffers, "labelSmoothing">,
  { buffer: steps, stepBytes }: Pick<StepBuffer, "buffer" | "stepBytes">,
  step_metrics: GPUBuffer,
): KernelCall {
  return {
    name: "batch_metrics",
    variants: { STEP_BYTES: String(stepBytes) },
    constants: {},
    buffers: { steps, sample_metrics: sampleMetrics, order, labels, step_metrics },
    invocations: count,
  };
}
