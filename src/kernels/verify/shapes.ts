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
  const arrangement = kind === "sparse" ? plainArrangement(inputs) : undefined;
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

/** Wipes some parts of some images, and one part of all of them. */
function blankParts(
  images: Uint8Array,
  inputs: number,
  { parts, partVectors }: Arrangement,
  data: TestData,
): void {
  const width = partVectors * vectorWidth;
  for (let first = 0; first < images.length; first += inputs) {
    const blank = data.integers(parts, 2);
    if (parts > 1) blank[1] = 1;
    blank.forEach((isBlank, part) => {
      const begin = first + part * width;
      if (isBlank) images.fill(0, begin, Math.min(begin + width, first + inputs));
    });
  }
}
