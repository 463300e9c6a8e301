import { type Descent, descentOf } from "./descent.ts";
import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, rowVectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** Register tiles, in vectors of neurons and of inputs; larger ones are little faster and take seconds to compile. */
const narrowTile = { groups: 3, vectors: 5 };
const wideTile = { groups: 4, vectors: 5 };

/** What `update` computes, in the unrolled form. */
export function updateUnrolled(
  layer: LayerLayout,
  input: LayerInput,
  descent: Descent,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const tile = layer.outputVectors <= narrowTile.groups ? narrowTile : wideTile;
  const groups = Math.min(tile.groups, layer.outputVectors);
  const vectors = Math.min(tile.vectors, Math.ceil(rowVectors(layer) / 4));
  const parts = Math.ceil(rowVectors(layer) / (4 * vectors));
  const source = inputOf(input);
  const descends = descentOf(descent);
  return {
    name: "update_unrolled",
    variants: { ...source.variants, ...descends.variants, GROUPS: String(groups), VECTORS: String(vectors) },
    constants: { ...layerConstants(layer), ...descends.constants, PARTS: parts },
    buffers: { ...source.buffers, ...descends.buffers, ...buffers },
    workgroup: 4,
    invocations: 4 * parts * Math.ceil(layer.outputVectors / groups),
  };
}
