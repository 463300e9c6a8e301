import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, rowVectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** W -= learning rate · dZᵀ·X and b -= learning rate · column sums of dZ, in place in `parameters`. */
export function update(
  layer: LayerLayout,
  input: LayerInput,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const source = inputOf(input);
  return {
    name: "update",
    variants: source.variants,
    constants: {
      ...layerConstants(layer),
    },
    buffers: { ...source.buffers, ...buffers },
    invocations: layer.outputVectors * rowVectors(layer),
  };
}
