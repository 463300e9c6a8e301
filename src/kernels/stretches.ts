/** How the four invocations of a quad divide a row of vectors among them, for `shaders/stretch.wgsl`. */
export interface Stretches {
  /** Vectors in a stretch, which one invocation keeps in registers. */
  readonly vectors: number;
  /** Stretches in a row. */
  readonly count: number;
  /** Quads that it takes for a row, each with four stretches; the last one may have fewer. */
  readonly parts: number;
}

/** The invocations of a quad, which compute together. */
export const quad = 4;

/** The longest stretch: with longer ones the text takes seconds to compile and runs no faster. */
const mostVectors = 8;

/**
 * The stretches of a row of `rowVectors` vectors: whole ones, since shaders see a row as an array of them. Long ones
 * share the costs of a stretch, about two vectors' worth, among more; but a quad should have four of them to do.
 */
export function stretchesOf(rowVectors: number): Stretches {
  let best: Stretches | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let vectors = 1; vectors <= mostVectors; vectors++) {
    if (rowVectors % vectors !== 0) continue;
    const count = rowVectors / vectors;
    const parts = Math.ceil(count / quad);
    const cost = parts * (vectors + 2);
    if (cost > least) continue;
    best = { vectors, count, parts };
    least = cost;
  }
  if (!best) throw new Error(`a row of ${rowVectors} vectors has no stretches`);
  return best;
}
