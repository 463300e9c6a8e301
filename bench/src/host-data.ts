import { imageSize, type Split } from "../../src/data/dataset.ts";
import type { LayerParameters } from "../../src/model/parameters.ts";
import type { BatchStart } from "./workload.ts";

/*
 * What the peers are fed with: they compute with float32 tensors and have no bytes. Everything is converted before the
 * clock starts, or the clock stands still for it (`Contender.dataMs`), except for inference, which starts from bytes.
 */

/** A split in the form that the peers take. */
export interface HostData {
  /** `[count, inputs]`, byte / 255. */
  readonly images: Float32Array<ArrayBuffer>;
  /** `[count]`. */
  readonly labels: Int32Array<ArrayBuffer>;
  readonly inputs: number;
  readonly classes: number;
}

export function hostData(split: Split, classes: number): HostData {
  const labels = Int32Array.from(split.labels);
  return { images: unitRange(split.images), labels, inputs: imageSize(split), classes };
}

/** Pixels from 0 to 1. */
export function unitRange(images: Uint8Array): Float32Array<ArrayBuffer> {
  const pixels = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) pixels[i] = images[i] / 255;
  return pixels;
}

/** One mini-batch as two arrays, gathered on the host. */
export function gatherBatch(
  { images, labels, inputs }: HostData,
  indices: Uint32Array,
): { x: Float32Array<ArrayBuffer>; labels: Int32Array<ArrayBuffer> } {
  const x = new Float32Array(indices.length * inputs);
  indices.forEach((image, row) => {
    x.set(images.subarray(image * inputs, (image + 1) * inputs), row * inputs);
  });
  return { x, labels: Int32Array.from(indices, (image) => labels[image]) };
}

/** The images of a mini-batch. */
export function batchIndices(order: Uint32Array, first: BatchStart, batchSize: number): Uint32Array {
  return order.subarray(first, first + batchSize);
}

/** A layer's weights `[inputs, outputs]`. */
export function transposed({ weight, inputs, outputs }: LayerParameters): Float32Array<ArrayBuffer> {
  const result = new Float32Array(inputs * outputs);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      result[input * outputs + output] = weight[output * inputs + input];
    }
  }
  return result;
}

/** Images by the thousand, as jax-js's demo takes them: in one piece the peers' WebGPU takes minutes. */
export function* pieces(split: Split): Generator<{ pixels: Float32Array<ArrayBuffer>; labels: Uint8Array }> {
  const atOnce = 1000;
  const size = imageSize(split);
  for (let first = 0; first < split.count; first += atOnce) {
    yield {
      pixels: unitRange(split.images.subarray(first * size, (first + atOnce) * size)),
      labels: split.labels.subarray(first, first + atOnce),
    };
  }
}
