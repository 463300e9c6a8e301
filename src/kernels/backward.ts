import { type Activation, activationCodes } from "./activation.ts";
import { type LayerLayout, layerConstants, vectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/**
 * dZ_previous = (dZ · W) ⊙ activation'(A) for up to `batch` samples: from the gradient of `layer` `[batch, outputs]`
 * to that of the layer before `[batch, inputs]`, whose activation and output A are given.
 */
export function backward(
  layer: LayerLayout,
  previousActivation: Activation,
  batch: number,
  buffers: {
    gradient: GPUBuffer;
    parameters: GPUBuffer;
    activations: GPUBuffer;
    previous_gradient: GPUBuffer;
  },
): KernelCall {
  return {
    name: "backward",
    constants: {
      ...layerConstants(layer),
      ACTIVATION: activationCodes[previousActivation],
    },
    buffers,
    invocations: layer.inputVectors * vectors(batch),
  };
}
