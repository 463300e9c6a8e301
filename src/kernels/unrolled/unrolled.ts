import { fusedClassifier, fusedUpdateOf } from "../fused/fused.ts";
import type { Layer, LayerForm, TrainedLayer } from "../layer.ts";
import { inputOf } from "../lib/input.ts";
import { type LayerLayout, layerConstants, rowVectors, vectors } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { outputsOf } from "../lib/outputs.ts";
import { type OptimizerStep, optimizerStepOf } from "../optimizers/optimizer-step.ts";
import { backwardPartials, forwardPartials } from "../split-k/split-k.ts";
import { imagesWithoutZeros } from "./nonzero-images.ts";
import { blockOf, chunksOf, quad } from "./tiling.ts";

/** What comes behind the partial sums: samples share loads, which are dear, and none waits for another. */
const adding = { samples: 4, together: 1 };

/** The widest hidden layer for which a fused classifier pays. */
const widestFused = 512;

/**
 * Large register tiles in unrolled text, a quad of invocations at a time: for software adapters, where a load costs as much
 * as ten multiply-adds and occupancy nothing. Small layers do not pay for compiling it.
 */
export const unrolled: LayerForm = {
  needs: "subgroups",
  leastWeights: 4096,
  imagesLike: imagesWithoutZeros,
  partialVectors(layout, _batch, back) {
    const forth = forwardSlices(layout) * layout.outputVectors;
    return Math.max(forth, back ? backwardSlices(layout) * layout.inputVectors : 0);
  },
  forward(layer) {
    const { layout, does, outputs } = layer;
    if (forwardSlices(layout) > 1) {
      const { call, slices } = sums(layer);
      return [call, forwardPartials(layer, slices, adding)];
    }
    const { variants, constants, buffers } = outputsOf(layout, does);
    return [forward(layer, { RESULTS_TO: "forward", ...variants }, constants, { ...buffers, outputs })];
  },
  backward(layer, previous_gradient) {
    const slices = backwardSlices(layer.layout);
    if (slices === 1) return [backward(layer, "backward", { previous_gradient })];
    const { partials } = layer;
    return [
      backward(layer, "partials", { partials }),
      backwardPartials(layer, slices, previous_gradient, adding.together),
    ];
  },
  update: (layer) => [update(layer)],
  fusion: {
    pays: (hidden) => hidden.outputs <= widestFused,
    sums,
    classifier: fusedClassifier,
    update,
  },
};

function forwardSlices({ inputVectors }: LayerLayout): number {
  return chunksOf(inputVectors).slices;
}

function backwardSlices({ outputVectors }: LayerLayout): number {
  return chunksOf(outputVectors).slices;
}

/** X · Wᵀ as partial sums. */
function sums(layer: Layer) {
  const { layout, partials } = layer;
  return {
    call: forward(layer, { RESULTS_TO: "partials" }, {}, { partials }),
    slices: forwardSlices(layout),
  };
}

/** X · Wᵀ, and what becomes of it. */
function forward(
  { layout, batch, parameters, input }: Layer,
  variants: Readonly<Record<string, string>>,
  constants: Readonly<Record<string, number>>,
  buffers: Readonly<Record<string, GPUBuffer>>,
): KernelCall {
  const source = inputOf(input);
  const products = productsOf(layout.inputVectors, layout.outputs, batch);
  return {
    ...products,
    name: "forward_unrolled",
    variants: { ...source.variants, ...products.variants, ...variants },
    constants: { ...layerConstants(layout), ...products.constants, ...constants },
    buffers: { ...source.buffers, parameters, ...buffers },
  };
}

/** dZ · W, and what becomes of it. */
function backward(
  { layout, batch, parameters, gradient }: TrainedLayer,
  resultsTo: "partials" | "backward",
  buffers: Readonly<Record<string, GPUBuffer>>,
): KernelCall {
  const products = productsOf(layout.outputVectors, layout.inputs, batch);
  return {
    ...products,
    name: "backward_unrolled",
    variants: { ...products.variants, RESULTS_TO: resultsTo },
    constants: { ...layerConstants(layout), ...products.constants },
    buffers: { inputs: gradient, parameters, ...buffers },
  };
}

/** The most samples that one invocation runs through: enough for loading its weights to pay. */
const blockSamples = 256;
/** The most vectors of results that each of a quad gets: a row's loads and unpacking are shared by as many. */
const mostSets = 2;

/** The variants, constants and grid of `products.wgsl`, for rows of `termVectors` with weights of as many for each of `results`. */
function productsOf(termVectors: number, results: number, batch: number) {
  const { vectors: chunk, count, slices } = chunksOf(termVectors);
  const block = blockOf(results, mostSets);
  return {
    variants: { ...block.variants, VECTORS: String(chunk) },
    constants: {
      CHUNKS: count,
      SLICES: slices,
      RESULT_VECTORS: vectors(results),
      BLOCKS: block.count,
      BLOCK_SAMPLES: blockSamples,
    },
    invocations: quad * slices * block.count * Math.ceil(batch / blockSamples),
  };
}

/** What the portable `update` computes; along with it, the update of the output layer behind it. */
function update(layer: TrainedLayer, output?: TrainedLayer): KernelCall {
  const { layout, parameters, input, gradient, optimizer } = layer;
  const { vectors: chunk, count, slices } = chunksOf(layout.inputVectors);
  const block = blockOf(layout.outputs);
  const source = inputOf(input);
  const step = optimizerStepOf(optimizer);
  const invocations = quad * slices * block.count;
  const fused = fusedUpdateOf(output, invocations, "output");
  return {
    name: "update_unrolled",
    variants: {
      ...source.variants,
      ...step.variants,
      ...fused.variants,
      ...block.variants,
      VECTORS: String(chunk),
    },
    constants: {
      ...layerConstants(layout),
      ...step.constants,
      ...fused.constants,
      CHUNKS: count,
      SLICES: slices,
      BLOCKS: block.count,
      STEPS_AT_ZERO: Number(stepsAtZero(optimizer)),
    },
    buffers: { ...source.buffers, ...step.buffers, ...fused.buffers, gradient, parameters },
    invocations: invocations + (output ? rowVectors(output.layout) : 0),
  };
}

/** Whether the optimizer changes parameters whose gradient is zero: by weight decay, or by what it has kept of earlier steps. */
function stepsAtZero({ settings, slots }: OptimizerStep): boolean {
  return settings.weightDecay > 0 || Object.keys(slots).length > 0;
}
