import { gather } from "../../reference/gather.ts";
import type { LayerInput } from "../input.ts";
import { vectors, vectorWidth } from "../layout.ts";
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
  const stride = vectors(inputs) * vectorWidth;
  const padded = new Uint8Array(count * stride);
  for (let i = 0; i < count; i++) padded.set(images.subarray(i * inputs, (i + 1) * inputs), i * stride);
  const input: LayerInput = {
    kind,
    images: bench.upload("images", padded),
    order: bench.upload("order", order),
  };
  return {
    input,
    values: gather(images, order, { first, size: batch }, inputs),
    step: { first, size: batch },
  };
}
