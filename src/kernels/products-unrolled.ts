/** The shape of products in parts: rows of `terms` numbers with weights of as many, for each of `results`. */
export interface ProductShape {
  readonly termVectors: number;
  readonly resultVectors: number;
}

/** Register tiles, in vectors of results and of terms of one of a quad: larger ones take seconds to compile. */
const narrowTile = { groups: 3, vectors: 7 };
const wideTile = { groups: 4, vectors: 7 };
/** The most samples that one invocation runs through: enough for loading its weights to pay. */
const blockSamples = 256;

/** The four invocations of a quad, which compute together. */
const quad = 4;

function tiling({ termVectors, resultVectors }: ProductShape) {
  const tile = resultVectors <= narrowTile.groups ? narrowTile : wideTile;
  const groups = Math.min(tile.groups, resultVectors);
  const vectors = Math.min(tile.vectors, Math.ceil(termVectors / quad));
  const parts = Math.ceil(termVectors / (quad * vectors));
  return { groups, vectors, parts, blocks: Math.ceil(resultVectors / groups) };
}

/** The parts in which `shaders/products_unrolled.wgsl` leaves its sums. */
export function productParts(shape: ProductShape): number {
  return tiling(shape).parts;
}

/** The variants, constants and grid of `shaders/products_unrolled.wgsl` for up to `batch` samples. */
export function productsOf(shape: ProductShape, batch: number) {
  const { groups, vectors, parts, blocks } = tiling(shape);
  return {
    variants: { GROUPS: String(groups), VECTORS: String(vectors) },
    constants: {
      PARTS: parts,
      RESULT_VECTORS: shape.resultVectors,
      BLOCKS: blocks,
      BLOCK_SAMPLES: blockSamples,
    },
    workgroup: quad,
    invocations: quad * parts * blocks * Math.ceil(batch / blockSamples),
  };
}
