import { type Activation, activationCodes } from "./activation.ts";
import { inputOf, type LayerInput } from "./input.ts";
import type { LayerLayout } from "./layout.ts";
import { vectors } from "./layout.ts";
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
      INPUT_VECTORS: layer.inputVectors,
      OUTPUT_VECTORS: layer.outputVectors,
      OUTPUTS: layer.outputs,
      LAYER_OFFSET: layer.offset,
      ACTIVATION: activationCodes[activation],
    },
    buffers: { ...source.buffers, ...buffers },
    invocations: layer.outputVectors * vectors(batch),
  };
}
