import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/**
 * Register tile: 3 x 4 neurons, 4 x 4 inputs. Measured on SwiftShader: 3 x 7 is a fifth faster and takes twice as long
 * to compile. A loop over several tiles of inputs in one invocation takes it a minute to compile.
 */
const narrowTile = { groups: 3, vectors: 4 };
/** For wide layers: fewer parts, whose sums would take more memory than the weights. */
const wideTile = { groups: 2, vectors: 10 };
const wideVectors = 64;
/** The most samples that one invocation runs through: enough for loading its weights to pay. */
const blockSamples = 256;

function tiling({ outputVectors, inputVectors }: LayerLayout) {
  const tile = outputVectors < wideVectors ? narrowTile : wideTile;
  const groups = Math.min(tile.groups, outputVectors);
  const vectors = Math.min(tile.vectors, inputVectors);
  const parts = Math.ceil(inputVectors / vectors);
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
    invocations: parts * blocks * Math.ceil(batch / blockSamples),
  };
}
