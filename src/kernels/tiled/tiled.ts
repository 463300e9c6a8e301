import { fusedUpdateOf } from "../fused/fused.ts";
import type { Layer, LayerForm, TrainedLayer } from "../layer.ts";
import { placeImages } from "../lib/images.ts";
import { inputOf } from "../lib/input.ts";
import { type LayerLayout, layerConstants, rowVectors, vectors } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { optimizerStepOf } from "../optimizers/optimizer-step.ts";
import { portable } from "../portable.ts";
import { forwardPartials } from "../split-k/split-k.ts";

/** Tiles in workgroup memory: for GPUs, where a load from it is cheap, and many invocations must have work. */
export const tiled: LayerForm = {
  leastWeights: 0,
  imagesLike: () => placeImages,
  partialVectors: (layout, batch) => tilingOf(layout, batch).slices * layout.outputVectors,
  forward(layer) {
    const { call, slices } = sums(layer);
    return [call, forwardPartials(layer, slices, 1)];
  },
  backward: portable.backward,
  update: (layer) => [update(layer)],
  fusion: { widest: 32, samples: 1, weights: "each", sums, update },
};

/** Invocations of a workgroup that shares a tile: one or two subgroups on every GPU. */
const threads = 64;

/**
 * The shape of a tile that `threads` invocations cover: as many across as there are vectors of neurons, rounded up to
 * a power of two, up to a square; the others along samples or inputs.
 */
function tileOf(outputVectors: number): { across: number; along: number } {
  const across = Math.min(8, 2 ** Math.ceil(Math.log2(outputVectors)));
  return { across, along: threads / across };
}

/** Vectors of inputs that pass through workgroup memory at a time: DEPTH of the shader. */
const depth = 4;
/** Workgroups below which sums are cut into more slices, so that every processor of a GPU has work. */
const wantedWorkgroups = 64;

/** Tiles of neurons and samples, and the slices of the inputs: as many as there should be workgroups, of whole passes of `depth`. */
function tilingOf(layout: LayerLayout, batch: number) {
  const { across: neurons, along: samples } = tileOf(layout.outputVectors);
  const blocks = Math.ceil(layout.outputVectors / neurons);
  const tiles = blocks * Math.ceil(vectors(batch) / samples);
  const passes = Math.ceil(layout.inputVectors / depth);
  const wanted = Math.min(passes, Math.ceil(wantedWorkgroups / tiles));
  const sliceVectors = Math.ceil(passes / wanted) * depth;
  return {
    neurons,
    samples,
    blocks,
    tiles,
    sliceVectors,
    slices: Math.ceil(layout.inputVectors / sliceVectors),
  };
}

/** X · Wᵀ as partial sums. */
function sums({ layout, batch, parameters, input, partials }: Layer) {
  const { neurons, samples, blocks, tiles, sliceVectors, slices } = tilingOf(layout, batch);
  const source = inputOf(input);
  const call: KernelCall = {
    name: "forward_tiled",
    variants: { ...source.variants, NEURONS: String(neurons), SAMPLES: String(samples) },
    constants: { ...layerConstants(layout), SLICES: slices, SLICE_VECTORS: sliceVectors, BLOCKS: blocks },
    buffers: { ...source.buffers, parameters, partials },
    workgroup: threads,
    invocations: slices * tiles * threads,
  };
  return { call, slices };
}

/** What the portable `update` computes; along with it, the update of the output layer behind it. */
function update(layer: TrainedLayer, output?: TrainedLayer): KernelCall {
  const { layout, parameters, input, gradient, optimizer } = layer;
  const { across: neurons, along: inputs } = tileOf(layout.outputVectors);
  const blocks = Math.ceil(rowVectors(layout) / inputs);
  const source = inputOf(input);
  const step = optimizerStepOf(optimizer);
  const fused = fusedUpdateOf(output, blocks * Math.ceil(layout.outputVectors / neurons) * threads);
  return {
    name: "update_tiled",
    variants: {
      ...source.variants,
      ...step.variants,
      ...fused.variants,
      NEURONS: String(neurons),
      INPUTS: String(inputs),
    },
    constants: { ...layerConstants(layout), ...step.constants, ...fused.constants, BLOCKS: blocks },
    buffers: { ...source.buffers, ...step.buffers, ...fused.buffers, gradient, parameters },
    workgroup: threads,
    invocations: fused.invocations,
  };
}
