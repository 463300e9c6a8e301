import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, vectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { threads, tileOf } from "./tile.ts";

/** Vectors of inputs that pass through workgroup memory at a time: DEPTH of the shader. */
const depth = 4;
/** Workgroups below which sums are split into more parts, so that every processor of a GPU has work. */
const wantedWorkgroups = 64;

function tiling(layer: LayerLayout, batch: number) {
  const { across: neurons, along: samples } = tileOf(layer.outputVectors);
  const blocks = Math.ceil(layer.outputVectors / neurons);
  return { neurons, samples, blocks, tiles: blocks * Math.ceil(vectors(batch) / samples) };
}

/** Splits the inputs into as many parts as there should be workgroups to a tile, each of whole passes of `depth`. */
function split(layer: LayerLayout, tiles: number) {
  const passes = Math.ceil(layer.inputVectors / depth);
  const wanted = Math.min(passes, Math.ceil(wantedWorkgroups / tiles));
  const partVectors = Math.ceil(passes / wanted) * depth;
  return { partVectors, parts: Math.ceil(layer.inputVectors / partVectors) };
}

/** The parts in which `forwardTiled` leaves its sums. */
export function partsTiled(layer: LayerLayout, batch: number): number {
  return split(layer, tiling(layer, batch).tiles).parts;
}

/** X · Wᵀ for up to `batch` samples, in parts, into `partials` `[batch, parts, outputs]`. */
export function forwardTiled(
  layer: LayerLayout,
  batch: number,
  input: LayerInput,
  buffers: { parameters: GPUBuffer; partials: GPUBuffer },
): KernelCall {
  const { neurons, samples, blocks, tiles } = tiling(layer, batch);
  const { parts, partVectors } = split(layer, tiles);
  const source = inputOf(input);
  return {
    name: "forward_tiled",
    variants: { ...source.variants, NEURONS: String(neurons), SAMPLES: String(samples) },
    constants: {
      ...layerConstants(layer),
      SLICES: parts,
      SLICE_VECTORS: partVectors,
      BLOCKS: blocks,
    },
    buffers: { ...source.buffers, ...buffers },
    workgroup: threads,
    invocations: parts * tiles * threads,
  };
}
