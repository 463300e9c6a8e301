import { expect, test } from "vitest";
import { imageSize, type Split } from "../../src/data/dataset.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { openGpu } from "../../src/gpu/gpu.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { encodeReadback } from "../../src/gpu/readback.ts";
import { imagesWithoutZeros, permutationFor } from "../../src/kernels/unrolled/nonzero-images.ts";
import { testAdapter } from "../helpers/gpu.ts";

const gpu = await openGpu(await testAdapter());
const { train: digits } = builtInDigits({ train: 200, test: 1 });

/** Images of one row of pixels, whose ink `hasInk` says. */
function splitOf(count: number, columns: number, hasInk: (image: number, pixel: number) => boolean): Split {
  const images = Uint8Array.from({ length: count * columns }, (_, at) =>
    Number(hasInk(Math.floor(at / columns), at % columns)),
  );
  return { images, labels: new Uint8Array(count), count, rows: 1, columns };
}

/** The share of slices of `width` vectors that are zero, in images whose vectors lie in `order`. */
function zeroShare({ images, count }: Split, order: Uint32Array, width: number): number {
  const inputs = images.length / count;
  let [zero, all] = [0, 0];
  for (let image = 0; image < count; image++) {
    for (let first = 0; first < order.length; first += width) {
      const pixels = [...order.subarray(first, first + width)].flatMap((vector) =>
        [0, 1, 2, 3].map((pixel) => vector * 4 + pixel),
      );
      zero += Number(pixels.every((pixel) => pixel >= inputs || images[image * inputs + pixel] === 0));
      all++;
    }
  }
  return zero / all;
}

const inOrder = (length: number) => Uint32Array.from({ length }, (_, vector) => vector);

test("every vector of an image has its place", () => {
  const widths = [1, 25, 68, 80, 84, 130];
  for (const split of [
    digits,
    ...widths.map((width) => splitOf(3, width, (image, pixel) => pixel % 5 > image)),
  ]) {
    const places = permutationFor(split);
    expect(places.toSorted()).toEqual(inOrder(Math.ceil(imageSize(split) / 4)));
  }
});

test("far more slices of digits are zero than in the order of the pixels", () => {
  const plain = zeroShare(digits, inOrder(196), 28);
  const permuted = zeroShare(digits, permutationFor(digits), 28);
  expect([plain < 0.25, permuted > 0.35]).toEqual([true, true]);
});

test("what is zero at the same time goes together, slices that are nonzero most often first", () => {
  // 17 vectors in 5 slices of 4, 4, 4, 4 and 1: even and odd vectors are nonzero in turn, the last one never.
  const split = splitOf(8, 68, (image, pixel) => pixel < 64 && Math.floor(pixel / 4) % 2 === image % 2);
  const places = permutationFor(split);
  expect(places[16]).toBe(16);
  for (const first of [0, 4, 8, 12])
    expect(new Set([...places.subarray(first, first + 4)].map((vector) => vector % 2)).size).toBe(1);
  expect(zeroShare(split, places, 4)).toBe((4 * 0.5 + 1) / 5);
});

test("chunks begin with the vectors that are nonzero most often", () => {
  // 20 vectors, one slice of four chunks: vector v is nonzero in the images from v on.
  const split = splitOf(20, 80, (image, pixel) => Math.floor(pixel / 4) <= image);
  const dealt = [0, 4, 8, 12, 16, 1, 5, 9, 13, 17, 2, 6, 10, 14, 18, 3, 7, 11, 15, 19];
  expect([...permutationFor(split)]).toEqual(dealt);
});

test("a slice takes the vector with which it is nonzero in the fewest of all images that are looked at", () => {
  // 33 images, more than the bits of a word; 17 vectors, of which the last slice has one.
  const split = splitOf(33, 68, (image, pixel) => ((image + 3) * (Math.floor(pixel / 4) + 5)) % 7 < 2);
  const hasInk = (image: number, vector: number) => split.images[image * 68 + vector * 4] === 1;
  const inks = (slice: readonly number[]) =>
    [...inOrder(33)].filter((image) => slice.some((vector) => hasInk(image, vector))).length;
  const left = new Set(inOrder(17));
  const slices = [1, 4, 4, 4, 4].map((size) => {
    const slice: number[] = [];
    while (slice.length < size) {
      const fewest = Math.min(...[...left].map((vector) => inks([...slice, vector])));
      const taken = [...left].find((vector) => inks([...slice, vector]) === fewest)!;
      slice.push(taken);
      left.delete(taken);
    }
    return slice.toSorted((a, b) => inks([b]) - inks([a]));
  });
  expect([...permutationFor(split)]).toEqual(slices.reverse().flat());
});

test("images so large that the search would take long stay as they are", () => {
  const split = splitOf(2, 4 * 1025, (_, pixel) => pixel % 5 === 0);
  expect(permutationFor(split)).toEqual(inOrder(1025));
});

/** What lies in `buffer`, as words. */
async function wordsOf(memory: Memory, buffer: GPUBuffer): Promise<Uint32Array> {
  const encoder = gpu.device.createCommandEncoder();
  const readback = encodeReadback(memory, encoder, buffer);
  gpu.device.queue.submit([encoder.finish()]);
  return new Uint32Array(await readback.read());
}

test("samples that are nonzero in a slice come first, in the order of the mini-batch, the others after them backwards", async () => {
  const memory = new Memory(gpu.device);
  // 160 pixels: 40 vectors, two slices of four chunks of five. Where an image is nonzero, by place.
  const nonzeroAt = [[0, 21], [23], [], [7, 39]];
  const split = splitOf(4, 160, (image, pixel) => nonzeroAt[image].includes(Math.floor(pixel / 4)));
  const ordered = splitOf(2, 160, () => false);
  const order = Uint32Array.of(3, 2, 1, 0, 3, 1);
  const place = {
    memory,
    label: "images",
    inputs: 160,
    count: 4,
    span: 6,
    order: memory.storage("order", 24),
  };
  const images = imagesWithoutZeros(ordered)(place);
  images.write(0, split.images, Uint32Array.of(0, 1, 2, 3));
  // The first position is of no mini-batch.
  images.stage(
    [
      { first: 1, size: 3 },
      { first: 4, size: 2 },
    ],
    [order],
    0,
  );
  const sorted = await wordsOf(memory, images.input.buffers.sorted);
  const nonzero = await wordsOf(memory, images.input.buffers.nonzero);
  const permutation = permutationFor(ordered);
  expect(nonzero.subarray(0, 40)).toEqual(permutation);
  const sliceOf = (vector: number) => Math.floor(permutation.indexOf(vector) / 20);
  const within = (vector: number) => (permutation.indexOf(vector) % 5) + 1;
  for (const { first, size } of [
    { first: 1, size: 3 },
    { first: 4, size: 2 },
  ]) {
    for (const slice of [0, 1]) {
      const samples = Array.from({ length: size }, (_, sample) => sample);
      const here = (sample: number) =>
        nonzeroAt[order[first + sample]].filter((vector) => sliceOf(vector) === slice);
      const inked = samples.filter((sample) => here(sample).length > 0);
      const blank = samples.filter((sample) => here(sample).length === 0).reverse();
      const begin = (first * 2 + slice * size) * 2;
      const expected = [...inked, ...blank].flatMap((sample) => [sample, order[first + sample]]);
      expect([...sorted.subarray(begin, begin + 2 * size)]).toEqual(expected);
      const reach = Math.max(0, ...inked.flatMap((sample) => here(sample).map(within)));
      const extent = 40 + (first * 2 + slice) * 2;
      expect([...nonzero.subarray(extent, extent + 2)]).toEqual([inked.length, reach]);
    }
  }
  memory.destroy();
});
