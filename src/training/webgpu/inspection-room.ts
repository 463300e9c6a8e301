import { upTo } from "../../data/batches.ts";
import type { Memory } from "../../gpu/memory.ts";
import { encodeReadback } from "../../gpu/readback.ts";
import { type PlacedImages, placeImages } from "../../kernels/lib/images.ts";
import { type ParameterLayout, rowBytes, vectors, vectorWidth } from "../../kernels/lib/layout.ts";
import { sampleMetricsBytes } from "../../kernels/loss.ts";

/** Where up to `capacity` samples are computed, a buffer for each thing that is read back. */
export interface InspectionRoom {
  readonly capacity: number;
  readonly images: PlacedImages;
  readonly order: GPUBuffer;
  readonly labels: GPUBuffer;
  readonly probabilities: GPUBuffer;
  readonly sampleMetrics: GPUBuffer;
  readonly Z: readonly GPUBuffer[];
  /** Of hidden layers; the last layer's are the probabilities. */
  readonly A: readonly GPUBuffer[];
  /** Of hidden layers first the activation derivatives, as in training. */
  readonly dZ: readonly GPUBuffer[];
}

/** Room for `capacity` samples. */
export function allocateRoom(memory: Memory, { layers }: ParameterLayout, capacity: number): InspectionRoom {
  const rows = (name: string) => (layer: { outputs: number }, index: number) =>
    memory.storage(`inspected ${name} of layer ${index + 1}`, capacity * rowBytes(layer.outputs));
  const order = memory.storage("inspected order", capacity * 4);
  memory.device.queue.writeBuffer(order, 0, upTo(capacity));
  const classes = layers[layers.length - 1].outputs;
  return {
    capacity,
    images: placeImages({
      memory,
      label: "inspected images",
      inputs: layers[0].inputs,
      count: capacity,
      span: capacity,
      order,
    }),
    order,
    labels: memory.storage("inspected labels", capacity * 4),
    probabilities: memory.storage("inspected probabilities", capacity * classes * 4),
    sampleMetrics: memory.storage("metrics of inspected samples", capacity * sampleMetricsBytes),
    Z: layers.map(rows("Z")),
    A: layers.slice(0, -1).map(rows("A")),
    dZ: layers.map(rows("dZ")),
  };
}

/** All that `room` has, to be freed. */
export function buffersOf(room: InspectionRoom): GPUBuffer[] {
  const { images, order, labels, probabilities, sampleMetrics, Z, A, dZ } = room;
  return [images.input.buffers.images, order, labels, probabilities, sampleMetrics, ...Z, ...A, ...dZ];
}

/**
 * Encodes the readback of a matrix `[count, columns]` whose rows are padded to whole vectors; returns what reads it, without
 * the padding, once the commands were submitted.
 */
export function readRows(
  memory: Memory,
  encoder: GPUCommandEncoder,
  buffer: GPUBuffer,
  count: number,
  columns: number,
): () => Promise<Float32Array> {
  const stride = vectors(columns) * vectorWidth;
  const readback = encodeReadback(memory, encoder, buffer, 0, count * rowBytes(columns));
  return async () => {
    const padded = new Float32Array(await readback.read());
    const values = new Float32Array(count * columns);
    for (let row = 0; row < count; row++)
      values.set(padded.subarray(row * stride, row * stride + columns), row * columns);
    return values;
  };
}
