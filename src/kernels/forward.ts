import { type Activation, activationCodes } from "./activation.ts";
import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, vectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** A = activation(X · Wᵀ + b) for up to `batch` samples; A `[batch, outputs]` goes to `outputs`, rows padded. */
export function forward(
  layer: LayerLayout,
  activation: Activation,
  batch: number,
  input: LayerInput,
  buffers: { parameters: GPUBuffer; outputs: GPUBuffer },
): KernelCall {
  const source = inputOf(input);
  return {
    name: "forward",
    variants: source.variants,
    constants: {
      ...layerConstants(layer),
      OUTPUTS: layer.outputs,
      ACTIVATION: activationCodes[activation],
    },
    buffers: { ...source.buffers, ...buffers },
    invocations: layer.outputVectors * vectors(batch),
  };
}
