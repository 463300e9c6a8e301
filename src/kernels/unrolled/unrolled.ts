import { fusedClassifier, fusedUpdateOf } from "../fused/fused.ts";
import type { Layer, LayerForm, TrainedLayer } from "../layer.ts";
import { inputOf } from "../lib/input.ts";
import { layerConstants, rowVectors, vectors } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { type OptimizerStep, optimizerStepOf } from "../optimizers/optimizer-step.ts";
import { type ProductResults, splitForm } from "../split-k/split-form.ts";
import { imagesWithoutZeros } from "./nonzero-images.ts";
import { blockOf, chunksOf, quad } from "./tiling.ts";

/** The widest hidden layer for which a fused classifier pays. */
const widestFused = 512;

/** The split-K form of the products. */
const { sums, ...products } = splitForm({
  forward: { slices: ({ inputVectors }) => chunksOf(inputVectors).slices, call: forward },
  backward: { slices: ({ outputVectors }) => chunksOf(outputVectors).slices, call: backward },
  // Samples share loads, which are dear, and none waits for another.
  adding: { samples: 4, together: 1 },
});

/**
 * Large register tiles in unrolled text, a quad of invocations at a time: for software adapters, where a load costs as much
 * as ten multiply-adds and occupancy nothing. Small layers do not pay for compiling it.
 */
export const unrolled: LayerForm = {
  needs: "subgroups",
  leastWeights: 4096,
  imagesLike: imagesWithoutZeros,
  ...products,
  update: (layer) => [update(layer)],
  fusion: {
    pays: (hidden) => hidden.outputs <= widestFused,
    sums,
    classifier: fusedClassifier,
    update,
  },
};

/** X · Wᵀ, and what becomes of it. */
function forward({ layout, batch, parameters, input }: Layer, results: ProductResults): KernelCall {
  const source = inputOf(input);
  const product = productOf(layout.inputVectors, layout.outputs, batch);
  return {
    ...product,
    name: "forward_unrolled",
    variants: { ...source.variants, ...product.variants, ...results.variants },
    constants: { ...layerConstants(layout), ...product.constants, ...results.constants },
    buffers: { ...source.buffers, parameters, ...results.buffers },
  };
}

/** dZ · W, and what becomes of it. */
function backward(
  { layout, batch, parameters, gradient }: TrainedLayer,
  results: ProductResults,
): KernelCall {
  const product = productOf(layout.outputVectors, layout.inputs, batch);
  return {
    ...product,
    name: "backward_unrolled",
    variants: { ...product.variants, ...results.variants },
    constants: { ...layerConstants(layout), ...product.constants, ...results.constants },
    buffers: { inputs: gradient, parameters, ...results.buffers },
  };
}

/** The most samples that one invocation runs through: enough for loading its weights to pay. */
const blockSamples = 256;
/** The most vectors of results that each of a quad gets: a row's loads and unpacking are shared by as many. */
const mostSets = 2;

/** The variants, constants and grid of `products.wgsl`, for rows of `termVectors` with weights of as many for each of `results`. */
function productOf(termVectors: number, results: number, batch: number) {
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
