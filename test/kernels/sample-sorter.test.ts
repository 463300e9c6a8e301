import { expect, test } from "vitest";
import { openGpu } from "../../src/gpu/gpu.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { encodeReadback } from "../../src/gpu/readback.ts";
import { plainArrangement } from "../../src/kernels/arrangement.ts";
import { ImageRows } from "../../src/kernels/image-rows.ts";
import { SampleSorter } from "../../src/kernels/sample-sorter.ts";
import { testAdapter } from "../helpers/gpu.ts";

const gpu = await openGpu(await testAdapter());

/** What lies in `buffer`, as words. */
async function wordsOf(memory: Memory, buffer: GPUBuffer): Promise<Uint32Array> {
  const encoder = gpu.device.createCommandEncoder();
  const readback = encodeReadback(memory, encoder, buffer);
  gpu.device.queue.submit([encoder.finish()]);
  return new Uint32Array(await readback.read());
}

test("samples with ink in a part come first, in the order of the mini-batch, the others after them backwards", async () => {
  const memory = new Memory(gpu.device);
  // 68 pixels are 17 vectors in parts of 4, 4, 4, 4 and 1. Image i has ink where `inks[i]` says.
  const inks = [[0, 4], [1], [], [0, 1, 2, 3, 4]];
  const images = new Uint8Array(4 * 68);
  inks.forEach((parts, image) => {
    for (const part of parts) images[image * 68 + part * 16 + 3] = 255;
  });
  const arrangement = plainArrangement(68);
  const rows = new ImageRows(memory, "images", 68, 4, arrangement);
  rows.write(0, images, Uint32Array.of(0, 1, 2, 3));
  const sorter = new SampleSorter(memory, "test", 6, arrangement);
  const order = Uint32Array.of(3, 2, 1, 0, 3, 1);
  // The first position is of no mini-batch.
  sorter.sort(
    [
      { first: 1, size: 3 },
      { first: 4, size: 2 },
    ],
    order,
    rows.ink,
  );
  const words = await wordsOf(memory, sorter.rows);
  const ink = await wordsOf(memory, sorter.ink);
  const sorted = (first: number, size: number) =>
    [0, 1, 2, 3, 4].map((part) => {
      const begin = (first * 5 + part * size) * 3;
      const rows = Array.from({ length: size }, (_, i) => [
        ...words.subarray(begin + 3 * i, begin + 3 * i + 3),
      ]);
      const at = (first * 5 + part) * 2;
      return [...ink.subarray(at, at + 2), rows];
    });
  // The sample, its image, and where the sums of its n-th part with ink go; of blank parts nobody reads where.
  const blank = [0, 2, 0];
  const one = (n: number) => [1, 1, 5 + n];
  const zero = (n: number) => [2, 0, 10 + n];
  expect(sorted(1, 3)).toEqual([
    [1, 1, [zero(0), one(0), blank]],
    [1, 1, [one(0), zero(1), blank]],
    [0, 0, [zero(1), one(1), blank]],
    [0, 0, [zero(1), one(1), blank]],
    [1, 1, [zero(1), one(1), blank]],
  ]);
  const three = (n: number) => [0, 3, n];
  const second = (n: number) => [1, 1, 5 + n];
  expect(sorted(4, 2)).toEqual([
    [1, 1, [three(0), second(0)]],
    [2, 1, [three(1), second(0)]],
    [1, 1, [three(2), second(1)]],
    [1, 1, [three(3), second(1)]],
    [1, 1, [three(4), second(1)]],
  ]);
  expect([...(await wordsOf(memory, sorter.inkedParts))]).toEqual([0, 0, 1, 2, 5, 1]);
  memory.destroy();
});

test("a part's ink reaches as far as that of any sample of the mini-batch, in any of its stretches", async () => {
  const memory = new Memory(gpu.device);
  // 80 pixels are 20 vectors: a part of four stretches of five.
  const arrangement = plainArrangement(80);
  const { parts, stretch } = arrangement;
  expect([parts, stretch * 4]).toEqual([1, 20]);
  const images = new Uint8Array(3 * 80);
  images[stretch * 4] = 1; // the first vector of the second stretch
  images[80 + (2 * stretch + 2) * 4] = 1; // the third one of the third
  images[160 + (3 * stretch + 1) * 4 + 3] = 1; // the second one of the fourth
  const rows = new ImageRows(memory, "images", 80, 3, arrangement);
  rows.write(0, images, Uint32Array.of(0, 1, 2));
  expect([...rows.ink]).toEqual([1, 3, 2]);
  const sorter = new SampleSorter(memory, "test", 4, arrangement);
  const batches = [
    { first: 0, size: 2 },
    { first: 2, size: 2 },
  ];
  sorter.sort(batches, Uint32Array.of(0, 1, 2, 0), rows.ink);
  const ink = await wordsOf(memory, sorter.ink);
  expect([...ink.subarray(0, 2), ...ink.subarray(4, 6)]).toEqual([2, 3, 2, 2]);
  memory.destroy();
});
