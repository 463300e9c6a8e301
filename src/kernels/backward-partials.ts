import type { LayerLayout } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/**
 * dZ_previous = (sum over parts) ⊙ derivatives for up to `batch` samples, from the sums that `layer` sends back
 * `[batch, parts, inputs]`; the result takes the place of the derivatives of the layer before.
 */
export function backwardParts(
  { inputVectors }: LayerLayout,
  parts: number,
  batch: number,
  buffers: { partials: GPUBuffer; previous_gradient: GPUBuffer },
): KernelCall {
  return {
    name: "backward_partials",
    constants: { INPUT_VECTORS: inputVectors, SLICES: parts },
    buffers,
    invocations: batch * inputVectors,
  };
}
