import { type LayerLayout, layerConstants, vectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/**
 * dZ_previous = (dZ · W) ⊙ derivatives for up to `batch` samples: from the gradient of `layer` `[batch, outputs]` to that of
 * the layer before `[batch, inputs]`, which takes the place of that layer's derivatives.
 */
export function backward(
  layer: LayerLayout,
  batch: number,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer; previous_gradient: GPUBuffer },
): KernelCall {
  return {
    name: "backward",
    constants: layerConstants(layer),
    buffers,
    invocations: layer.inputVectors * vectors(batch),
  };
}
