import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type ProductShape, productParts, productsOf } from "./products-unrolled.ts";

function shapeOf({ inputVectors, outputs }: LayerLayout): ProductShape {
  return { termVectors: inputVectors, results: outputs };
}

/** The parts in which `forwardUnrolled` leaves its sums. */
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
  const source = inputOf(input);
  const { variants, constants, ...grid } = productsOf(shapeOf(layer), batch);
  return {
    name: "forward_unrolled",
    variants: { ...source.variants, ...variants },
    constants: { ...layerConstants(layer), ...constants },
    buffers: { ...source.buffers, ...buffers },
    ...grid,
  };
}
