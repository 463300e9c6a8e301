import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** What a stream of random numbers is for: each purpose has its own, so that adding one disturbs no other. */
const purposes = {
  parameters: 1,
  shuffle: 2,
  digits: 3,
  verification: 7,
  split: 8,
  sweep: 9,
} as const;

/** A sequence of random numbers that depends on nothing but what `randomStream` was given. */
export interface RandomStream {
  /** Uniform in [0, 1), 53 random bits. */
  uniform(): number;
  /** A whole number, uniform in [0, below). */
  integer(below: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * The random numbers of one seed for one purpose, and for one place within it (an epoch, a layer, an image). There is
 * no hidden state to save: asking again for the same stream starts the same sequence.
 */
export function randomStream(seed: number, purpose: keyof typeof purposes, index = 0): RandomStream {
  const generator = xoroshiro128plus(mix(mix(mix(seed) ^ purposes[purpose]) ^ index));
  const uniform = () => uniformFloat64(generator);
  return {
    uniform,
    integer: (below) => uniformInt(generator, 0, below - 1),
    // Box-Muller transform; 1 - uniform() is in (0, 1], where the logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** The 32-bit finaliser of MurmurHash3 (Appleby, public domain): neighbouring seeds become unrelated ones. */
function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
