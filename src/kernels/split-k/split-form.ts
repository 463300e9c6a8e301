import type { Fusion, Layer, LayerForm, TrainedLayer } from "../layer.ts";
import type { LayerLayout } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { outputsOf } from "../lib/outputs.ts";
import { backwardPartials, forwardPartials } from "./split-k.ts";

/** Where the results of a product go, for its kernel. */
export interface ProductResults {
  readonly variants: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, number>>;
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
}

/** The products of a layer, and how a form cuts them into slices. */
interface SplitProducts {
  /** X · Wᵀ `[batch, outputs]`. */
  readonly forward: {
    slices(layout: LayerLayout, batch: number): number;
    call(layer: Layer, results: ProductResults): KernelCall;
  };
  /** dZ · W `[batch, inputs]`. */
  readonly backward: {
    slices(layout: LayerLayout, batch: number): number;
    call(layer: TrainedLayer, results: ProductResults): KernelCall;
  };
  /** What the kernels that add slices up are filled with: see `partialVariants`. */
  readonly adding: { readonly samples: number; readonly together: number };
}

/** What two forms have in common: a product of one slice computes its results, one of several leaves partial sums to be added up. */
export function splitForm({
  forward,
  backward,
  adding,
}: SplitProducts): Pick<LayerForm, "partialVectors" | "forward" | "backward"> & Pick<Fusion, "sums"> {
  const sums = (layer: Layer) => ({
    call: forward.call(layer, partialSums(layer, layer.layout.outputVectors)),
    slices: forward.slices(layer.layout, layer.batch),
  });
  return {
    sums,
    partialVectors(layout, batch, back) {
      const forth = forward.slices(layout, batch) * layout.outputVectors;
      const slices = back ? backward.slices(layout, batch) : 1;
      return Math.max(forth, slices > 1 ? slices * layout.inputVectors : 0);
    },
    forward(layer) {
      const { layout, batch, does, outputs } = layer;
      const slices = forward.slices(layout, batch);
      if (slices > 1) return [sums(layer).call, forwardPartials(layer, slices, adding)];
      const { variants, constants, buffers } = outputsOf(layout, does);
      return [
        forward.call(layer, {
          variants: { RESULTS_TO: "forward", ...variants },
          constants,
          buffers: { ...buffers, outputs },
        }),
      ];
    },
    backward(layer, previous_gradient) {
      const { layout, batch } = layer;
      const slices = backward.slices(layout, batch);
      if (slices > 1)
        return [
          backward.call(layer, partialSums(layer, layout.inputVectors)),
          backwardPartials(layer, slices, previous_gradient, adding.together),
        ];
      const variants = { RESULTS_TO: "backward" };
      return [backward.call(layer, { variants, constants: {}, buffers: { previous_gradient } })];
    },
  };
}

/** Into partial sums `[batch, slices, resultVectors]`. */
function partialSums({ partials }: Layer, resultVectors: number): ProductResults {
  return {
    variants: { RESULTS_TO: "partials" },
    constants: { RESULT_VECTORS: resultVectors },
    buffers: { partials },
  };
}
