import { type Batch, extent } from "../../data/batches.ts";
import { imageSize, type Split } from "../../data/dataset.ts";
import type { Memory } from "../../gpu/memory.ts";
import { ImageRows, type ImagesPlace, type PlacedImages, type PlaceImages } from "../lib/images.ts";
import type { LayerInput } from "../lib/input.ts";
import { vectors as vectorsOf, vectorWidth } from "../lib/layout.ts";
import { chunksOf, quad } from "./tiling.ts";

/*
 * Four of five pixels of MNIST are zero, and add nothing to a sum. The unrolled kernels of the first layer go through those
 * samples of a mini-batch only that are nonzero in the slice of a row that a quad computes: `chunk_nonzero.wgsl`. For that
 * images lie on the GPU in an order of pixels in which whole slices are zero as often as can be, and the host sorts the
 * samples of each mini-batch. Nobody else knows: parameters stay in the order of the pixels.
 */

/** Puts images where the unrolled form reads them, in a pixel permutation that suits images like those of `train`. */
export function imagesWithoutZeros(train: Split): PlaceImages {
  const permutation = permutationFor(train);
  return (place) => new NonzeroImages(place, permutation);
}

/** The most images that are looked at to find out what is often zero at the same time, and the most vectors of one. */
const mostImages = 1024;
const mostVectors = 1024;

/**
 * Which vector of four pixels lies at each place of a row. Vectors that are zero in the same images go together: beginning with
 * nothing, a slice takes the vector with which it is nonzero in the fewest images, until it is full. The slices that are
 * nonzero most often come first: who computes several takes on the long ones before the short ones. Images of more than
 * `mostVectors` stay as they are, since the search would take longer than it saves.
 */
export function permutationFor(split: Split): Uint32Array {
  const count = vectorsOf(imageSize(split));
  const left = new Set(Array.from({ length: count }, (_, vector) => vector));
  if (count > mostVectors) return Uint32Array.from(left);
  const { vectors, slices } = chunksOf(count);
  const width = vectors * quad;
  const nonzero = nonzeroImages(split, count);
  // The slice that may have fewer vectors is the last one of the row: the first one to be found.
  const found = Array.from({ length: slices }, (_, index) =>
    takeSlice(left, nonzero, index === 0 ? count - (slices - 1) * width : width),
  );
  return Uint32Array.from(found.reverse().flatMap((slice) => dealSlice(slice, vectors, nonzero)));
}

/** Some of the images that are looked at, a bit for each. */
type Images = Uint32Array;

/** For each vector, the images that are nonzero there. */
function nonzeroImages({ images, count, rows, columns }: Split, vectors: number): Images[] {
  const inputs = rows * columns;
  const looked = Math.min(count, mostImages);
  const nonzero = Array.from({ length: vectors }, () => new Uint32Array(Math.ceil(looked / 32)));
  for (let index = 0; index < looked; index++) {
    const first = Math.floor((index * count) / looked) * inputs;
    for (let pixel = 0; pixel < inputs; pixel++) {
      if (images[first + pixel] > 0)
        nonzero[Math.floor(pixel / vectorWidth)][index >>> 5] |= 1 << (index & 31);
    }
  }
  return nonzero;
}

/** How many images are in one or both. */
function countUnion(some: Images, others: Images): number {
  let count = 0;
  for (let word = 0; word < some.length; word++) count += bitCount(some[word] | others[word]);
  return count;
}

/** How many of 32 bits are set: sums of pairs of bits, of fours, of bytes, and the product adds the bytes up. */
function bitCount(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Takes `size` vectors out of `left` that together are nonzero in as few images as can be found. */
function takeSlice(left: Set<number>, nonzero: readonly Images[], size: number): number[] {
  const slice: number[] = [];
  let inAny = nonzero[0].map(() => 0);
  while (slice.length < size) {
    let best = -1;
    let fewest = Number.POSITIVE_INFINITY;
    for (const vector of left) {
      const images = countUnion(nonzero[vector], inAny);
      if (images < fewest) [best, fewest] = [vector, images];
    }
    left.delete(best);
    slice.push(best);
    inAny = inAny.map((images, word) => images | nonzero[best][word]);
  }
  return slice;
}

/** Deals the vectors of a slice to its chunks, so that all begin with those that are nonzero in the most images. */
function dealSlice(slice: readonly number[], vectors: number, nonzero: readonly Images[]): number[] {
  const images = (vector: number) => countUnion(nonzero[vector], nonzero[vector]);
  const often = slice.toSorted((a, b) => images(b) - images(a));
  const chunks = slice.length / vectors;
  return slice.map((_, place) => often[(place % vectors) * chunks + Math.floor(place / vectors)]);
}

/** Words of a row of `sorted` (`struct Row` of `chunk.wgsl`), and of an extent in `nonzero`. */
const rowWords = 2;
const extentWords = 2;

class NonzeroImages implements PlacedImages {
  readonly input: LayerInput;
  readonly #memory: Memory;
  readonly #rows: ImageRows;
  readonly #permutation: Uint32Array;
  /** Vectors in a chunk, and slices of a row. */
  readonly #chunk: number;
  readonly #slices: number;
  /**
   * How far each image reaches `[images, slices]`: what is nonzero of it lies within so many first vectors of the slice's chunks.
   */
  readonly #reach: Uint8Array;
  /** Room for what is uploaded next: kept, since garbage of that size is collected late. */
  #words = new Uint32Array();

  constructor(place: ImagesPlace, permutation: Uint32Array) {
    const { memory, label, count, span } = place;
    const { vectors, slices } = chunksOf(permutation.length);
    this.#memory = memory;
    this.#rows = new ImageRows(place);
    this.#permutation = permutation;
    this.#chunk = vectors;
    this.#slices = slices;
    this.#reach = new Uint8Array(count * slices);
    const sorted = memory.storageOfEach(`${label}, sorted`, span * slices * rowWords * 4);
    const nonzero = memory.storageOfEach(
      `nonzero of ${label}`,
      (permutation.length + span * slices * extentWords) * 4,
    );
    for (let network = 0; network < memory.networks; network++)
      memory.write(nonzero, network, 0, permutation as Uint32Array<ArrayBuffer>);
    this.input = { kind: "nonzero", buffers: { images: this.#rows.buffer, sorted, nonzero } };
  }

  write(first: number, source: Uint8Array, indices: Uint32Array): void {
    const reach = this.#reach.subarray(first * this.#slices);
    this.#rows.write(first, source, indices, (rows) => this.#permute(rows, reach));
  }

  /** Puts the vectors of each row in their places, and says how far each of its slices reaches. */
  #permute(rows: Uint32Array, reach: Uint8Array): void {
    const width = this.#permutation.length;
    const before = new Uint32Array(width);
    for (let first = 0, image = 0; first < rows.length; first += width, image++) {
      before.set(rows.subarray(first, first + width));
      for (let place = 0, slice = 0; slice < this.#slices; slice++) {
        const end = Math.min(place + this.#chunk * quad, width);
        let furthest = 0;
        while (place < end) {
          for (let vector = 1; vector <= this.#chunk; vector++, place++) {
            const pixels = before[this.#permutation[place]];
            rows[first + place] = pixels;
            if (pixels !== 0 && vector > furthest) furthest = vector;
          }
        }
        reach[image * this.#slices + slice] = furthest;
      }
    }
  }

  stage(batches: readonly Batch[], orders: readonly Uint32Array[], base: number): void {
    orders.forEach((order, network) => {
      this.#stage(network, batches, order, base);
    });
  }

  /** Of every mini-batch, for every slice, the samples that are nonzero there, in their order, then the others backwards. */
  #stage(network: number, batches: readonly Batch[], order: Uint32Array, base: number): void {
    const slices = this.#slices;
    const { first: begin, count } = extent(batches);
    const length = count * slices * (rowWords + extentWords);
    if (this.#words.length < length) this.#words = new Uint32Array(length);
    const sorted = this.#words.subarray(0, count * slices * rowWords);
    const extents = this.#words.subarray(sorted.length, length);
    for (const { first, size } of batches) {
      for (let slice = 0; slice < slices; slice++) {
        const rows = ((first - begin) * slices + slice * size) * rowWords;
        let nonzero = 0;
        let zero = size;
        let furthest = 0;
        for (let sample = 0; sample < size; sample++) {
          const image = order[first + sample];
          const reach = this.#reach[image * slices + slice];
          if (reach > furthest) furthest = reach;
          const at = rows + rowWords * (reach > 0 ? nonzero++ : --zero);
          sorted[at] = sample;
          sorted[at + 1] = image;
        }
        const at = ((first - begin) * slices + slice) * extentWords;
        extents[at] = nonzero;
        extents[at + 1] = furthest;
      }
    }
    const { sorted: sortedBuffer, nonzero } = this.input.buffers;
    this.#memory.write(sortedBuffer, network, (begin - base) * slices * rowWords * 4, sorted);
    const extentsAt = this.#permutation.length + (begin - base) * slices * extentWords;
    this.#memory.write(nonzero, network, extentsAt * 4, extents);
  }
}
