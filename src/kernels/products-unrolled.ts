import { quad, stretchesOf } from "./stretches.ts";

/** The shape of products in parts: rows of `terms` numbers with weights of as many, for each of `results`. */
export interface ProductShape {
  readonly termVectors: number;
  readonly resultVectors: number;
}

/** The most samples that one invocation runs through: enough for loading its weights to pay. */
const blockSamples = 256;

/** The parts in which `shaders/products_unrolled.wgsl` leaves its sums. */
export function productParts({ termVectors }: ProductShape): number {
  return stretchesOf(termVectors).parts;
}

/** The variants, constants and grid of `shaders/products_unrolled.wgsl` for up to `batch` samples. */
export function productsOf({ termVectors, resultVectors }: ProductShape, batch: number) {
  const { vectors, count, parts } = stretchesOf(termVectors);
  const groups = Math.min(quad, resultVectors);
  const blocks = Math.ceil(resultVectors / groups);
  return {
    variants: { GROUPS: String(groups), VECTORS: String(vectors) },
    constants: {
      STRETCHES: count,
      PARTS: parts,
      RESULT_VECTORS: resultVectors,
      BLOCKS: blocks,
      BLOCK_SAMPLES: blockSamples,
    },
    workgroup: quad,
    invocations: quad * parts * blocks * Math.ceil(batch / blockSamples),
  };
}
