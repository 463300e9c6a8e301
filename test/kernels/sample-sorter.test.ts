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
  const inked = await wordsOf(memory, sorter.inked);
  const sorted = (first: number, size: number) =>
    [0, 1, 2, 3, 4].map((part) => {
      const begin = (first * 5 + part * size) * 2;
      const pairs = Array.from({ length: size }, (_, i) => [
        ...words.subarray(begin + 2 * i, begin + 2 * i + 2),
      ]);
      return [inked[first * 5 + part], pairs];
    });
  // Pairs of the sample and its image.
  const [blank, one, zero] = [
    [0, 2],
    [1, 1],
    [2, 0],
  ];
  expect(sorted(1, 3)).toEqual([
    [1, [zero, one, blank]],
    [1, [one, zero, blank]],
    [0, [zero, one, blank]],
    [0, [zero, one, blank]],
    [1, [zero, one, blank]],
  ]);
  const [three, second] = [
    [0, 3],
    [1, 1],
  ];
  expect(sorted(4, 2)).toEqual([
    [1, [three, second]],
    [2, [three, second]],
    [1, [three, second]],
    [1, [three, second]],
    [1, [three, second]],
  ]);
  memory.destroy();
});
