import { blockOf } from "./blocks.ts";
import { vectors as vectorsOf } from "./layout.ts";
import { quad, stretchesOf } from "./stretches.ts";

/** The shape of products in parts: rows of `terms` numbers with weights of as many, for each of `results`. */
export interface ProductShape {
  readonly termVectors: number;
  readonly results: number;
}

/** The most samples that one invocation runs through: enough for loading its weights to pay. */
const blockSamples = 256;

/** The most vectors of results that each of a quad gets: a row's loads and unpacking are shared by as many. */
const mostSets = 2;

/** The parts in which `shaders/products_unrolled.wgsl` leaves its sums. */
export function productParts({ termVectors }: ProductShape): number {
  return stretchesOf(termVectors).parts;
}

/** The variants, constants and grid of `shaders/products_unrolled.wgsl` for up to `batch` samples. */
export function productsOf({ termVectors, results }: ProductShape, batch: number) {
  const { vectors, count, parts } = stretchesOf(termVectors);
  const block = blockOf(results, mostSets);
  return {
    variants: { ...block.variants, VECTORS: String(vectors) },
    constants: {
      CHUNKS: count,
      SLICES: parts,
      RESULT_VECTORS: vectorsOf(results),
      BLOCKS: block.count,
      BLOCK_SAMPLES: blockSamples,
    },
    workgroup: quad,
    invocations: quad * parts * block.count * Math.ceil(batch / blockSamples),
  };
}
