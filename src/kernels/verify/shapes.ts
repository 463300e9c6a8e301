import { gather } from "../../reference/gather.ts";
import { type Arrangement, plainArrangement } from "../arrangement.ts";
import { ImageRows } from "../image-rows.ts";
import { imageInput, type LayerInput } from "../input.ts";
import { vectorWidth } from "../layout.ts";
import { SampleSorter } from "../sample-sorter.ts";
import type { KernelBench, TestData } from "./bench.ts";

/** Shapes around the tile sizes of every kernel, and those of the article. */
export const layerShapes = [
  { batch: 1, inputs: 1, outputs: 1 },
  { batch: 3, inputs: 5, outputs: 2 },
  { batch: 64, inputs: 784, outputs: 10 },
  { batch: 65, inputs: 63, outputs: 33 },
  { batch: 63, inputs: 65, outputs: 64 },
  { batch: 7, inputs: 130, outputs: 129 },
];
export const shapeName = ({ batch, inputs, outputs }: (typeof layerShapes)[number]) =>
  `${batch} x ${inputs} -> ${outputs}`;
export type LayerShape = (typeof layerShapes)[number];

/** The input of a layer, on the GPU and as the reference takes it; a window in the middle of a larger order. */
export function layerInput(
  bench: KernelBench,
  data: TestData,
  kind: LayerInput["kind"],
  { batch, inputs }: LayerShape,
) {
  const first = 2;
  if (kind === "floats") {
    const values = data.normal(batch * inputs);
    const input: LayerInput = { kind, inputs: bench.uploadRows("inputs", values, inputs) };
    return { input, values, step: { first, size: batch } };
  }
  const count = 11;
  const images = data.bytes(count * inputs);
  const order = data.integers(first + batch, count);
  const step = { first, size: batch };
  const arrangement = kind === "nonzero" ? plainArrangement(inputs) : undefined;
  if (arrangement) blankParts(images, inputs, arrangement, data);
  const rows = new ImageRows(bench.memory, "images", inputs, count, arrangement);
  rows.write(
    0,
    images,
    Uint32Array.from({ length: count }, (_, index) => index),
  );
  const sorter = arrangement && new SampleSorter(bench.memory, "verification", order.length, arrangement);
  sorter?.sort([step], order, rows.ink);
  const input = imageInput(rows, bench.upload("order", order), sorter);
  return { input, values: gather(images, order, step, inputs), step };
}

/** Wipes some parts of some images, one part of all of them, and what ends the stretches of the first. */
function blankParts(images: Uint8Array, inputs: number, arrangement: Arrangement, data: TestData): void {
  const { parts, partVectors, stretch } = arrangement;
  const width = partVectors * vectorWidth;
  for (let first = 0; first < images.length; first += inputs) {
    const wipe = (begin: number, count: number) =>
      images.fill(0, first + Math.min(begin, inputs), first + Math.min(begin + count, inputs));
    const blank = data.integers(parts, 2);
    if (parts > 1) blank[1] = 1;
    blank.forEach((isBlank, part) => {
      if (isBlank) wipe(part * width, width);
    });
    const kept = Math.ceil(stretch / 2);
    for (let vector = kept; vector < partVectors; vector += stretch) {
      wipe(vector * vectorWidth, (stretch - kept) * vectorWidth);
    }
  }
}

/** How many parts of each sample `[batch, inputs]` have ink. */
export function countInkedParts(values: ArrayLike<number>, { batch, inputs }: LayerShape): Uint32Array {
  const { parts, partVectors } = plainArrangement(inputs);
  const width = partVectors * vectorWidth;
  return Uint32Array.from({ length: batch }, (_, sample) => {
    const row = Array.from({ length: inputs }, (_, input) => values[sample * inputs + input]);
    const inked = Array.from({ length: parts }, (_, part) =>
      row.slice(part * width, (part + 1) * width).some((value) => value !== 0),
    );
    return inked.filter(Boolean).length;
  });
}
