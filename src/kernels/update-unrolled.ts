import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, rowVectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** Register tile: 3 x 4 neurons, 4 x 4 inputs; larger ones are little faster and take seconds to compile. */
const mostGroups = 3;
const mostVectors = 4;

/** What `update` computes, in the unrolled form. */
export function updateUnrolled(
  layer: LayerLayout,
  input: LayerInput,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const groups = Math.min(mostGroups, layer.outputVectors);
  const vectors = Math.min(mostVectors, rowVectors(layer));
  const parts = Math.ceil(rowVectors(layer) / vectors);
  const source = inputOf(input);
  return {
    name: "update_unrolled",
    variants: { ...source.variants, GROUPS: String(groups), VECTORS: String(vectors) },
    constants: {
      INPUT_VECTORS: layer.inputVectors,
      OUTPUT_VECTORS: layer.outputVectors,
      LAYER_OFFSET: layer.offset,
      PARTS: parts,
    },
    buffers: { ...source.buffers, ...buffers },
    invocations: parts * Math.ceil(layer.outputVectors / groups),
  };
}
