import { expect, test } from "vitest";
import type { Split } from "../../src/data/dataset.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { type Arrangement, plainArrangement, sparseArrangement } from "../../src/kernels/arrangement.ts";

const { train: digits } = builtInDigits({ train: 200, test: 1 });

/** Images of one row of pixels, whose ink `hasInk` says. */
function splitOf(count: number, columns: number, hasInk: (image: number, pixel: number) => boolean): Split {
  const images = Uint8Array.from({ length: count * columns }, (_, at) =>
    Number(hasInk(Math.floor(at / columns), at % columns)),
  );
  return { images, labels: new Uint8Array(count), count, rows: 1, columns };
}

/** The share of parts of images that are blank. */
function blankShare({ images, count }: Split, { vectors, parts, partVectors }: Arrangement): number {
  const inputs = images.length / count;
  let blank = 0;
  for (let image = 0; image < count; image++) {
    for (let part = 0; part < parts; part++) {
      const here = [...vectors.subarray(part * partVectors, (part + 1) * partVectors)];
      const pixels = here.flatMap((vector) => [0, 1, 2, 3].map((pixel) => vector * 4 + pixel));
      blank += Number(pixels.every((pixel) => pixel >= inputs || images[image * inputs + pixel] === 0));
    }
  }
  return blank / (count * parts);
}

test("every vector of an image has its place", () => {
  for (const split of [digits, splitOf(3, 25, () => true), splitOf(1, 1, () => false)]) {
    const { vectors } = sparseArrangement(split);
    const { vectors: plain } = plainArrangement(split.rows * split.columns);
    expect(vectors.toSorted()).toEqual(plain);
  }
});

test("far more parts of digits are blank than in the order of the pixels", () => {
  const plain = blankShare(digits, plainArrangement(784));
  const sparse = blankShare(digits, sparseArrangement(digits));
  expect([plain < 0.25, sparse > 0.35]).toEqual([true, true]);
});

test("what is blank at the same time goes together, parts with much ink first", () => {
  // 17 vectors in 5 parts of 4, 4, 4, 4 and 1: even and odd vectors have ink in turn, the last one never.
  const split = splitOf(8, 68, (image, pixel) => pixel < 64 && Math.floor(pixel / 4) % 2 === image % 2);
  const arrangement = sparseArrangement(split);
  expect(arrangement).toMatchObject({ parts: 5, partVectors: 4, stretch: 1 });
  const [a, b, c, d, ...last] = [0, 4, 8, 12, 16].map((at) =>
    [...arrangement.vectors.subarray(at, at + 4)].map((vector) => vector % 2),
  );
  expect(last).toEqual([[0]]);
  expect(arrangement.vectors[16]).toBe(16);
  for (const part of [a, b, c, d]) expect(new Set(part).size).toBe(1);
  expect(blankShare(split, arrangement)).toBe((4 * 0.5 + 1) / 5);
});

test("stretches begin with the vectors that have ink most often", () => {
  // 20 vectors, one part: vector v has ink in the images from v on.
  const split = splitOf(20, 80, (image, pixel) => Math.floor(pixel / 4) <= image);
  const { vectors, parts, stretch } = sparseArrangement(split);
  expect([parts, stretch]).toEqual([1, 5]);
  expect([...vectors]).toEqual([0, 4, 8, 12, 16, 1, 5, 9, 13, 17, 2, 6, 10, 14, 18, 3, 7, 11, 15, 19]);
});

test("images so large that the search would take long stay as they are", () => {
  const split = splitOf(2, 4 * 1025, (_, pixel) => pixel % 5 === 0);
  expect(sparseArrangement(split)).toEqual(plainArrangement(4 * 1025));
});
