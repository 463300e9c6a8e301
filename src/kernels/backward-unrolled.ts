import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type ProductShape, productParts, productsOf } from "./products-unrolled.ts";

function shapeOf({ inputs, outputVectors }: LayerLayout): ProductShape {
  return { termVectors: outputVectors, results: inputs };
}

/** The parts in which `backwardUnrolled` leaves its sums. */
export function backwardPartsUnrolled(layer: LayerLayout): number {
  return productParts(shapeOf(layer));
}

/** dZ · W for up to `batch` samples, in parts, into `partials` `[batch, parts, inputs]`. */
export function backwardUnrolled(
  layer: LayerLayout,
  batch: number,
  { gradient, ...buffers }: { gradient: GPUBuffer; parameters: GPUBuffer; partials: GPUBuffer },
): KernelCall {
  const { variants, constants, ...grid } = productsOf(shapeOf(layer), batch);
  return {
    name: "backward_unrolled",
    variants,
    constants: { ...layerConstants(layer), ...constants },
    buffers: { inputs: gradient, ...buffers },
    ...grid,
  };
}
