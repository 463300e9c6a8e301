/**
 * Random numbers of training steps: a function of what they are for and nothing else, so that the GPU draws the same,
 * and any of them can be drawn again. (`data/random.ts` has the sequences that the host draws once.)
 */

/** Four numbers, uniform in 0 to 2^32 - 1. */
export type Draw = readonly [number, number, number, number];

/** What all draws of one training step share. */
export interface DrawKey {
  readonly seed: number;
  /** Number of the step since training began, from 1. */
  readonly step: number;
}

/** What a draw is for: no two purposes share a stream. Hidden layer `layer`, from 0, has `hiddenDropout + layer`. */
export const streams = { affine: 0, elastic: 1, inputDropout: 2, hiddenDropout: 16 } as const;

/** The hash pcg4d of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020, in u32 arithmetic. */
export function pcg4d(x: number, y: number, z: number, w: number): Draw {
  x = (Math.imul(x, 1664525) + 1013904223) | 0;
  y = (Math.imul(y, 1664525) + 1013904223) | 0;
  z = (Math.imul(z, 1664525) + 1013904223) | 0;
  w = (Math.imul(w, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  return [x >>> 0, y >>> 0, z >>> 0, w >>> 0];
}

/** Draw `index` of a stream in one step. */
export function draw({ seed, step }: DrawKey, stream: number, index: number): Draw {
  return pcg4d(seed, step, stream, index);
}

/** Uniform in [0, 1): the 24 bits of a draw that a float32 holds exactly. */
export function uniform(drawn: number): number {
  return (drawn >>> 8) * 2 ** -24;
}

/** Uniform in [-1, 1). */
export function signed(drawn: number): number {
  return 2 * uniform(drawn) - 1;
}
