import { classifierOf, fusedUpdateOf } from "../fused/fused.ts";
import type { Fusion, Layer, LayerForm, TrainedLayer } from "../layer.ts";
import { placeImages } from "../lib/images.ts";
import { inputOf } from "../lib/input.ts";
import { type LayerLayout, layerConstants, rowVectors, vectors } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { optimizerStepOf } from "../optimizers/optimizer-step.ts";
import { type ProductResults, splitForm } from "../split-k/split-form.ts";
import { partialVariants } from "../split-k/split-k.ts";
import { type Slices, slicesOf, type Tiling, threads, threadsVariants, tilingOf } from "./tiling.ts";

/** Partial sums that are loaded before they are used. */
const together = 8;
/** The most vectors of classes for which the fused classifier has registers: 16 classes. */
const mostClassVectors = 4;

/** The split-K form of the products. */
const { sums, ...products } = splitForm({
  forward: { slices: (layout, batch) => forwardPlan(layout, batch).slices.count, call: forward },
  backward: { slices: (layout, batch) => backwardPlan(layout, batch).slices.count, call: backward },
  adding: { samples: 1, together },
});

/** Tiles in workgroup memory: for GPUs, where a load from it is cheap, and many invocations must have work. */
export const tiled: LayerForm = {
  leastWeights: 0,
  imagesLike: () => placeImages,
  ...products,
  update: (layer) => [update(layer)],
  fusion: { pays: (_, output) => output.outputVectors <= mostClassVectors, sums, classifier, update },
};

/** A product and the slices of its terms. */
interface ProductPlan {
  readonly tiling: Tiling;
  readonly slices: Slices;
}

/** Samples x neurons, over inputs. */
function forwardPlan({ inputVectors, outputVectors }: LayerLayout, batch: number): ProductPlan {
  const tiling = tilingOf(vectors(batch), outputVectors);
  return { tiling, slices: slicesOf(tiling, inputVectors, 1) };
}

/** Passes of backward that take longer than the dispatch which adds slices up. */
const dispatchPasses = 16;

/** Samples x inputs, over neurons. */
function backwardPlan({ inputVectors, outputVectors }: LayerLayout, batch: number): ProductPlan {
  const tiling = tilingOf(vectors(batch), inputVectors);
  return { tiling, slices: slicesOf(tiling, outputVectors, dispatchPasses) };
}

/** X · Wᵀ, and what becomes of it. */
function forward({ layout, batch, parameters, input }: Layer, results: ProductResults): KernelCall {
  const source = inputOf(input);
  const product = productOf(forwardPlan(layout, batch));
  return {
    ...product,
    name: "forward_tiled",
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
  const product = productOf(backwardPlan(layout, batch));
  return {
    ...product,
    name: "backward_tiled",
    variants: { ...product.variants, ...results.variants },
    constants: { ...layerConstants(layout), ...product.constants, ...results.constants },
    buffers: { gradient, parameters, ...results.buffers },
  };
}

/** The variants, constants and grid of a product that may be cut into slices. */
function productOf({ tiling: { blocks, tiles, variants }, slices }: ProductPlan) {
  return {
    variants,
    constants: { BLOCKS: blocks, SLICES: slices.count, SLICE_VECTORS: slices.vectors },
    workgroup: threads,
    invocations: slices.count * tiles * threads,
  };
}

/** As many workgroups as the fused classifier should have, before they compute more than one sample each. */
const classifierWorkgroups = 256;
/** The most vectors that `fused_classifier_tiled` may have in workgroup memory for each invocation: 12 kB in all. */
const mostSums = 12;

/** `forward_partials`, `forward`, `softmax_cross_entropy` and `backward` in one dispatch. */
function classifier(...[hidden, output, slices, loss]: Parameters<Fusion["classifier"]>): KernelCall {
  const { batch } = hidden;
  const { variants, constants, buffers } = classifierOf(hidden, output, slices, loss);
  const fitting = Math.floor(mostSums / output.layout.outputVectors);
  const samples = Math.max(1, Math.min(4, fitting, Math.floor(batch / classifierWorkgroups)));
  const loads = partialVariants(slices, samples, Math.ceil(together / samples));
  return {
    name: "fused_classifier_tiled",
    variants: { ...variants, ...threadsVariants, ...loads },
    constants,
    buffers,
    workgroup: threads,
    invocations: Math.ceil(batch / samples) * threads,
  };
}

/** What the portable `update` computes; along with it, the update of the output layer behind it. */
function update(layer: TrainedLayer, output?: TrainedLayer): KernelCall {
  const { layout, parameters, input, gradient, optimizer } = layer;
  const { blocks, tiles, variants } = tilingOf(layout.outputVectors, rowVectors(layout));
  const source = inputOf(input);
  const step = optimizerStepOf(optimizer);
  const fused = fusedUpdateOf(output, tiles, "output_tiled");
  const workgroups = tiles + (output ? rowVectors(output.layout) : 0);
  return {
    name: "update_tiled",
    variants: { ...source.variants, ...step.variants, ...fused.variants, ...variants, ...threadsVariants },
    constants: { ...layerConstants(layout), ...step.constants, ...fused.constants, BLOCKS: blocks },
    buffers: { ...source.buffers, ...step.buffers, ...fused.buffers, gradient, parameters },
    workgroup: threads,
    invocations: workgroups * threads,
  };
}
