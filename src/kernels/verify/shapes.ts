import { gather } from "../../reference/gather.ts";
import { placeImages } from "../lib/images.ts";
import { floats, type LayerInput } from "../lib/input.ts";
import { vectors, vectorWidth } from "../lib/layout.ts";
import { imagesWithoutZeros } from "../unrolled/nonzero-images.ts";
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

/** What a layer reads: the layer before, images, or images as the unrolled form has them. */
export type InputKind = "floats" | "bytes" | "nonzero";

/** The input of a layer, on the GPU and as the reference takes it; a window in the middle of a larger order. */
export function layerInput(
  bench: KernelBench,
  data: TestData,
  kind: InputKind,
  { batch, inputs }: LayerShape,
): { input: LayerInput; values: Float32Array | Float64Array; step: { first: number; size: number } } {
  const step = { first: 2, size: batch };
  if (kind === "floats") {
    const values = data.normal(batch * inputs);
    return { input: floats(bench.uploadRows("inputs", values, inputs)), values, step };
  }
  const count = 11;
  const images = data.bytes(count * inputs);
  const order = data.integers(step.first + batch, count);
  if (kind === "nonzero") wipeEnds(images, inputs, data);
  const split = { images, labels: new Uint8Array(count), count, rows: 1, columns: inputs };
  const place = kind === "nonzero" ? imagesWithoutZeros(split) : placeImages;
  const placed = place({
    memory: bench.memory,
    label: "images",
    inputs,
    count,
    span: order.length,
    order: bench.upload("order", order),
  });
  placed.write(
    0,
    images,
    Uint32Array.from({ length: count }, (_, index) => index),
  );
  placed.stage([step], [order], 0);
  return { input: placed.input, values: gather(images, order, step, inputs), step };
}

/** Wipes an end of each image, longer or shorter, so that some vectors are zero in some images and the last ones in all. */
function wipeEnds(images: Uint8Array, inputs: number, data: TestData): void {
  const count = images.length / inputs;
  data.integers(count, vectors(inputs)).forEach((kept, image) => {
    images.fill(0, image * inputs + kept * vectorWidth, (image + 1) * inputs);
  });
}
