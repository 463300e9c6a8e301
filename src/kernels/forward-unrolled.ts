import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** Register tiles, in vectors of neurons and of inputs of one of a quad: larger ones take seconds to compile. */
const narrowTile = { groups: 3, vectors: 4 };
const wideTile = { groups: 4, vectors: 4 };
/** The most samples that one invocation runs through: enough for loading its weights to pay. */
const blockSamples = 256;

function tiling({ outputVectors, inputVectors }: LayerLayout) {
  const tile = outputVectors <= narrowTile.groups ? narrowTile : wideTile;
  const groups = Math.min(tile.groups, outputVectors);
  const vectors = Math.min(tile.vectors, Math.ceil(inputVectors / 4));
  const parts = Math.ceil(inputVectors / (4 * vectors));
  return { groups, vectors, parts, blocks: Math.ceil(outputVectors / groups) };
}

/** The parts in which `forwardUnrolled` leaves its sums. */
export function partsUnrolled(layer: LayerLayout): number {
  return tiling(layer).parts;
}

/** X · Wᵀ for up to `batch` samples, in parts, into `partials` `[batch, parts, outputs]`. */
export function forwardUnrolled(
  layer: LayerLayout,
  batch: number,
  input: LayerInput,
  buffers: { parameters: GPUBuffer; partials: GPUBuffer },
): KernelCall {
  const { groups, vectors, parts, blocks } = tiling(layer);
  const source = inputOf(input);
  return {
    name: "forward_unrolled",
    variants: { ...source.variants, GROUPS: String(groups), VECTORS: String(vectors) },
    constants: {
      ...layerConstants(layer),
      PARTS: parts,
      BLOCKS: blocks,
      BLOCK_SAMPLES: blockSamples,
    },
    buffers: { ...source.buffers, ...buffers },
    workgroup: 4,
    invocations: 4 * parts * blocks * Math.ceil(batch / blockSamples),
  };
}
