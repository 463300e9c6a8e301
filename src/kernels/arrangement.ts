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
  /** Vectors in each of a part's stretches, which lie one after another. */
  readonly stretch: number;
}

/** The most images that are looked at to find out what is often blank at the same time, and the most vectors of one. */
const mostImages = 1024;
const mostVectors = 1024;

/** Images in the order in which they are. */
export function plainArrangement(inputs: number): Arrangement {
  const count = vectorsOf(inputs);
  const { vectors: stretch, parts } = stretchesOf(count);
  return {
    vectors: Uint32Array.from({ length: count }, (_, vector) => vector),
    parts,
    partVectors: stretch * quad,
    stretch,
  };
}

/**
 * Puts vectors together that are blank in the same images, so that whole parts are blank as often as can be: beginning with
 * nothing, a part takes the vector with which it has ink in the fewest images, until it is full. The parts with the most ink
 * come first: who computes several takes on the long ones before the short ones. Within a part, stretches begin with the
 * vectors that have ink most often, so that what is blank in a whole mini-batch is at their ends. Images of more than
 * `mostVectors` stay as they are, since the search would take longer than it saves.
 */
export function sparseArrangement(split: Split): Arrangement {
  const plain = plainArrangement(imageSize(split));
  const { vectors, parts, partVectors } = plain;
  if (vectors.length > mostVectors) return plain;
  const inked = inkedImages(split, vectors.length);
  const left = new Set(vectors);
  // The part that may have fewer vectors is the last one of the row: the first one to be found.
  const ends = vectors.length - (parts - 1) * partVectors;
  const found = Array.from({ length: parts }, (_, index) =>
    takePart(left, inked, index === 0 ? ends : partVectors),
  );
  const arranged = found.reverse().flatMap((part) => dealPart(part, plain.stretch, inked));
  return { ...plain, vectors: Uint32Array.from(arranged) };
}

/** Deals the vectors of a part to its stretches, first those that have ink in the most images. */
function dealPart(part: readonly number[], stretch: number, inked: readonly Uint8Array[]): number[] {
  const often = part.toSorted((a, b) => count(inked[b]) - count(inked[a]));
  const stretches = part.length / stretch;
  return part.map((_, place) => often[(place % stretch) * stretches + Math.floor(place / stretch)]);
}

/** Takes `size` vectors out of `left` that together have ink in as few images as can be found. */
function takePart(left: Set<number>, inked: readonly Uint8Array[], size: number): number[] {
  const part: number[] = [];
  let inAny = new Uint8Array(inked[0].length);
  while (part.length < size) {
    let best = -1;
    let fewest = Number.POSITIVE_INFINITY;
    for (const vector of left) {
      const count = countInEither(inAny, inked[vector]);
      if (count < fewest) [best, fewest] = [vector, count];
    }
    left.delete(best);
    part.push(best);
    inAny = inAny.map((is, image) => is | inked[best][image]);
  }
  return part;
}

/** For each vector, whether each of the images that are looked at has ink there: 1 or 0. */
function inkedImages(split: Split, vectors: number): Uint8Array[] {
  const { images, count } = split;
  const inputs = imageSize(split);
  const looked = Math.min(count, mostImages);
  const inked = Array.from({ length: vectors }, () => new Uint8Array(looked));
  for (let index = 0; index < looked; index++) {
    const first = Math.floor((index * count) / looked) * inputs;
    for (let pixel = 0; pixel < inputs; pixel++) {
      if (images[first + pixel] > 0) inked[Math.floor(pixel / vectorWidth)][index] = 1;
    }
  }
  return inked;
}

function count(inked: Uint8Array): number {
  return inked.reduce((sum, is) => sum + is, 0);
}

function countInEither(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let image = 0; image < a.length; image++) count += a[image] | b[image];
  return count;
}
