import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type ProductShape, productParts, productsOf } from "./products-unrolled.ts";

function shapeOf({ inputs, outputVectors }: LayerLayout): ProductShape {
  return { termVectors: outputVectors, results: inputs };
}

/** The parts in which `backwardUnrolled` leaves its sums; if it is one, `backwardUnrolledWhole` can do all. */
export function backwardPartsUnrolled(layer: LayerLayout): number {
  return productParts(shapeOf(layer));
}

/** dZ · W for up to `batch` samples, in parts, into `partials` `[batch, parts, inputs]`. */
export function backwardUnrolled(
  layer: LayerLayout,
  batch: number,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer; partials: GPUBuffer },
): KernelCall {
  return call(layer, batch, "partials", buffers);
}

/**
 * dZ_previous = (dZ · W) ⊙ derivatives for up to `batch` samples, as `backward`, of a layer that takes one part; the result
 * takes the place of the derivatives of the layer before.
 */
export function backwardUnrolledWhole(
  layer: LayerLayout,
  batch: number,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer; previous_gradient: GPUBuffer },
): KernelCall {
  return call(layer, batch, "backward", buffers);
}

function call(
  layer: LayerLayout,
  batch: number,
  sums: "partials" | "backward",
  { gradient, ...buffers }: { gradient: GPUBuffer; [name: string]: GPUBuffer },
): KernelCall {
  const { variants, constants, ...grid } = productsOf(shapeOf(layer), batch);
  return {
    name: "backward_unrolled",
    variants: { ...variants, RESULTS_TO: sums },
    constants: { ...layerConstants(layer), ...constants },
    buffers: { inputs: gradient, ...buffers },
    ...grid,
  };
}
