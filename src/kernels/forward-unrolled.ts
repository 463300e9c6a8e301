import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type LayerOutputs, outputsOf } from "./outputs.ts";
import { type ProductShape, productParts, productsOf } from "./products-unrolled.ts";

function shapeOf({ inputVectors, outputs }: LayerLayout): ProductShape {
  return { termVectors: inputVectors, results: outputs };
}

/** The parts that `forwardUnrolled` leaves; if it is one, `forwardUnrolledWhole` can do all. */
export function partsUnrolled(layer: LayerLayout): number {
  return productParts(shapeOf(layer));
}

/** X · Wᵀ for up to `batch` samples, in parts, into `partials` `[batch, parts, outputs]`. */
export function forwardUnrolled(
  layer: LayerLayout,
  batch: number,
  input: LayerInput,
  buffers: { parameters: GPUBuffer; partials: GPUBuffer },
): KernelCall {
  return call(layer, batch, input, { variants: { RESULTS_TO: "partials" }, constants: {}, buffers });
}

/** A = activation(X · Wᵀ + b) for up to `batch` samples, as `forward`, of a layer that takes one part. */
export function forwardUnrolledWhole(
  layer: LayerLayout,
  does: LayerOutputs,
  batch: number,
  input: LayerInput,
  buffers: { parameters: GPUBuffer; outputs: GPUBuffer },
): KernelCall {
  const result = outputsOf(layer, does);
  return call(layer, batch, input, {
    variants: { ...result.variants, RESULTS_TO: "forward" },
    constants: result.constants,
    buffers: { ...result.buffers, ...buffers },
  });
}

function call(
  layer: LayerLayout,
  batch: number,
  input: LayerInput,
  sums: Pick<KernelCall, "variants" | "constants" | "buffers">,
): KernelCall {
  const source = inputOf(input);
  const { variants, constants, ...grid } = productsOf(shapeOf(layer), batch);
  return {
    name: "forward_unrolled",
    variants: { ...source.variants, ...variants, ...sums.variants },
    constants: { ...layerConstants(layer), ...constants, ...sums.constants },
    buffers: { ...source.buffers, ...sums.buffers },
    ...grid,
  };
}
