import { imageSize, type Split } from "../data/dataset.ts";
import { vectors as vectorsOf, vectorWidth } from "./layout.ts";
import { quad, stretchesOf } from "./stretches.ts";

/** How images lie on the GPU for kernels that leave out what is blank, part by part. */
export interface Arrangement {
  /** Which vector of four pixels lies at each place of a row. */
  readonly vectors: Uint32Array;
  /** Parts of a row: what a quad has of it. */
  readonly parts: number;
  /** Vectors in a part; the last one may have fewer. */
  readonly partVectors: number;
  /** 32-bit words that have a bit for each part. */
  readonly inkWords: number;
}

/** The most images that are looked at to find out what is often blank at the same time. */
const mostImages = 2048;

/** Images in the order in which they are. */
export function plainArrangement(inputs: number): Arrangement {
  const count = vectorsOf(inputs);
  const { vectors: stretch, parts } = stretchesOf(count);
  return {
    vectors: Uint32Array.from({ length: count }, (_, vector) => vector),
    parts,
    partVectors: stretch * quad,
    inkWords: Math.ceil(parts / 32),
  };
}

/**
 * Puts vectors together that are blank in the same images, so that whole parts are blank as often as can be: beginning with
 * nothing, a part takes the vector with which it has ink in the fewest images, until it is full. The parts with the most ink
 * come first: who computes several takes on the long ones before the short ones.
 */
export function sparseArrangement(split: Split): Arrangement {
  const inputs = imageSize(split);
  const plain = plainArrangement(inputs);
  const { parts, partVectors } = plain;
  const images = inkedImages(split, plain.vectors.length);
  const left = new Set(plain.vectors);
  const found = Array.from({ length: parts }, (_, index) => {
    const part: number[] = [];
    // The short part, if there is one, has to be the last one in the row, which is found first.
    const size = index === 0 ? plain.vectors.length - (parts - 1) * partVectors : partVectors;
    let inked: Uint32Array = new Uint32Array(images[0].length);
    while (part.length < size) {
      let best = -1;
      let fewest = Number.POSITIVE_INFINITY;
      for (const vector of left) {
        const count = countOfUnion(inked, images[vector]);
        if (count < fewest) [best, fewest] = [vector, count];
      }
      left.delete(best);
      part.push(best);
      inked = inked.map((word, at) => word | images[best][at]);
    }
    return part;
  });
  return { ...plain, vectors: Uint32Array.from(found.reverse().flat()) };
}

/** For each vector, a bit for every image that was looked at: whether it has ink there. */
function inkedImages({ images, count, ...split }: Split, vectors: number): Uint32Array[] {
  const inputs = imageSize({ images, count, ...split });
  const looked = Math.min(count, mostImages);
  const inked = Array.from({ length: vectors }, () => new Uint32Array(Math.ceil(looked / 32)));
  for (let index = 0; index < looked; index++) {
    const at = Math.floor((index * count) / looked) * inputs;
    for (let pixel = 0; pixel < inputs; pixel++) {
      if (images[at + pixel] > 0) inked[Math.floor(pixel / vectorWidth)][index >> 5] |= 1 << (index & 31);
    }
  }
  return inked;
}

/** How many bits are set in either. */
function countOfUnion(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < a.length; at++) count += bitsIn(a[at] | b[at]);
  return count;
}

/** How many bits of a 32-bit word are set (Hacker's Delight, 2nd edition, section 5-1). */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
