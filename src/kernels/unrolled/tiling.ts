import { vectors, vectorWidth } from "../lib/layout.ts";

/** The invocations of a quad, which compute together. */
export const quad = 4;

/** How the four invocations of a quad divide a row of vectors among them, for `chunk.wgsl`. */
export interface Chunks {
  /** Vectors in a chunk, which one invocation keeps in registers. */
  readonly vectors: number;
  /** Chunks in a row. */
  readonly count: number;
  /** Slices of the row: what a quad has of it, four chunks; the last one may have fewer. */
  readonly slices: number;
}

/** The longest chunk: with longer ones the text takes seconds to compile and runs no faster. */
const mostVectors = 8;

/**
 * The chunks of a row of `rowVectors` vectors: whole ones, since shaders see a row as an array of them. Long ones
 * share the costs of a chunk, about two vectors' worth, among more; but a quad should have four of them to do.
 */
export function chunksOf(rowVectors: number): Chunks {
  let best: Chunks = { vectors: 1, count: rowVectors, slices: Math.ceil(rowVectors / quad) };
  const cost = ({ vectors, slices }: Chunks) => slices * (vectors + 2);
  for (let vectors = 2; vectors <= mostVectors; vectors++) {
    if (rowVectors % vectors !== 0) continue;
    const count = rowVectors / vectors;
    const chunks = { vectors, count, slices: Math.ceil(count / quad) };
    if (cost(chunks) <= cost(best)) best = chunks;
  }
  return best;
}

/** The results, of all that a layer has, that one invocation computes. */
export interface Block {
  /** Blocks that it takes for all results. */
  readonly count: number;
  /**
   * For the text: its vectors of results (GROUPS), those of them for each invocation of a quad (SETS), its results (RESULTS),
   * and how many of each vector (N0, N1 ...).
   */
  readonly variants: Readonly<Record<string, string>>;
}

/**
 * Blocks of up to `sets` vectors for each invocation of a quad, as equal as can be: all share one text. A layer that is one
 * block leaves out what pads its last vector, a sixth of the work for ten neurons.
 */
export function blockOf(results: number, sets = 1): Block {
  const count = Math.ceil(vectors(results) / (sets * quad));
  const groups = Math.ceil(vectors(results) / count);
  const computed = count === 1 ? results : groups * vectorWidth;
  const ofGroup = (group: number) => Math.min(vectorWidth, computed - group * vectorWidth);
  const counts = Array.from({ length: groups }, (_, group) => [`N${group}`, String(ofGroup(group))]);
  return {
    count,
    variants: {
      GROUPS: String(groups),
      SETS: String(Math.ceil(groups / quad)),
      RESULTS: String(computed),
      ...Object.fromEntries(counts),
    },
  };
}
