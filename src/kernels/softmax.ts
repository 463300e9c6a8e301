import { vectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** Probabilities `[batch, classes]`, rows not padded, of logits `[batch, classes]`, rows padded. */
export function softmax(
  classes: number,
  batch: number,
  buffers: { logits: GPUBuffer; probabilities: GPUBuffer },
): KernelCall {
  return {
    name: "softmax",
    variants: { CLASS_VECTORS: String(vectors(classes)) },
    constants: { CLASSES: classes },
    buffers,
    invocations: batch,
  };
}
