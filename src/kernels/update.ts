import { type Descent, descentOf } from "./descent.ts";
import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, rowVectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** One step of the optimizer, in place in `parameters`, along the gradients dZᵀ·X and the column sums of dZ. */
export function update(
  layer: LayerLayout,
  input: LayerInput,
  descent: Descent,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const source = inputOf(input);
  const descends = descentOf(descent);
  return {
    name: "update",
    variants: { ...source.variants, ...descends.variants },
    constants: {
      ...layerConstants(layer),
      ...descends.constants,
    },
    buffers: { ...source.buffers, ...descends.buffers, ...buffers },
    invocations: layer.outputVectors * rowVectors(layer),
  };
}
