/** Invocations of a workgroup that shares a tile: one or two subgroups on every GPU. */
export const threads = 64;

/**
 * The shape of a tile that `threads` invocations cover: as many across as there are vectors of neurons, rounded up to
 * a power of two, up to a square; the others along samples or inputs.
 */
export function tileOf(outputVectors: number): { across: number; along: number } {
  const across = Math.min(8, 2 ** Math.ceil(Math.log2(outputVectors)));
  return { across, along: threads / across };
}
