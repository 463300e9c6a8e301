import { imageSize, type Split } from "../data/dataset.ts";
import type { Memory } from "../gpu/memory.ts";
import { vectors, vectorWidth } from "../kernels/layout.ts";

/**
 * The images and labels of a split as the kernels see them: position `p` of the order lies at `p - base` of the
 * `order` buffer, where `base` is what `stage` returned. Whether all images are on the GPU or only a window of them,
 * the kernels compute the same numbers.
 */
export interface Samples {
  readonly images: GPUBuffer;
  readonly order: GPUBuffer;
  readonly labels: GPUBuffer;
  /** The most positions that one call of `stage` may make available. */
  readonly span: number;
  setOrder(order: Uint32Array): void;
  /** Makes positions `[first, first + count)` of the order available to commands submitted from now on. */
  stage(first: number, count: number): number;
}

/** Bytes of one image on the GPU: rows padded with zeros to whole vectors. */
function imageStride(split: Split): number {
  return vectors(imageSize(split)) * vectorWidth;
}

/** Bytes that keeping `split` resident takes in its largest buffer. */
function residentBytes(split: Split): number {
  return split.count * imageStride(split);
}

/** Whether all images of `split` fit into one buffer that a kernel can read. */
export function fitsResident(
  { maxBufferSize, maxStorageBufferBindingSize }: GPUSupportedLimits,
  split: Split,
): boolean {
  return residentBytes(split) <= Math.min(maxBufferSize, maxStorageBufferBindingSize);
}

/** Bytes handed to the queue at once: bounds the staging memory that an upload takes. */
const uploadBytes = 4 << 20;

/** All images on the GPU, uploaded once; a mini-batch is a window of the order. */
export function residentSamples(memory: Memory, name: string, split: Split): Samples {
  const size = imageSize(split);
  const stride = imageStride(split);
  const images = memory.storage(`${name} images`, residentBytes(split));
  const labels = memory.storage(`${name} labels`, split.count * 4);
  const order = memory.storage(`${name} order`, split.count * 4);
  const { queue } = memory.device;
  const chunk = Math.max(1, Math.floor(uploadBytes / stride));
  for (let first = 0; first < split.count; first += chunk) {
    const count = Math.min(chunk, split.count - first);
    const rows = split.images.subarray(first * size, (first + count) * size);
    // Without padding they lie as the GPU wants them already.
    queue.writeBuffer(images, first * stride, size === stride ? rows : gather(rows, size, range(0, count)));
    queue.submit([]); // lets the queue reuse the staging memory of the chunk before
  }
  queue.writeBuffer(labels, 0, Uint32Array.from(split.labels));
  queue.writeBuffer(order, 0, range(0, split.count));
  return {
    images,
    labels,
    order,
    span: split.count,
    setOrder: (indices) => queue.writeBuffer(order, 0, new Uint32Array(indices)),
    stage: () => 0,
  };
}

/** Room for `span` images that are uploaded anew for every use, in the order of their use. */
export function sampleWindow(memory: Memory, name: string, inputs: number, span: number) {
  const stride = vectors(inputs) * vectorWidth;
  const images = memory.storage(`${name} window of images`, span * stride);
  const labels = memory.storage(`${name} window of labels`, span * 4);
  const order = memory.storage(`${name} order within the window`, span * 4);
  const { queue } = memory.device;
  queue.writeBuffer(order, 0, range(0, span));
  return {
    images,
    labels,
    order,
    span,
    /** Uploads the images of `source` `[*, inputs]` at `indices`, and their labels. */
    upload(source: Uint8Array, indices: Uint32Array, classes: (index: number) => number = () => 0): void {
      queue.writeBuffer(images, 0, gather(source, inputs, indices));
      queue.writeBuffer(labels, 0, Uint32Array.from(indices, classes));
    },
  };
}

/** Only a window of `span` images on the GPU: `stage` uploads them in the order in which they are visited. */
export function streamedSamples(memory: Memory, name: string, split: Split, span: number): Samples {
  const { upload, ...window } = sampleWindow(memory, name, imageSize(split), span);
  let visited: Uint32Array = range(0, split.count);
  return {
    ...window,
    setOrder: (indices) => {
      visited = indices.slice();
    },
    stage: (first, count) => {
      upload(split.images, visited.subarray(first, first + count), (index) => split.labels[index]);
      return first;
    },
  };
}

function range(first: number, end: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: end - first }, (_, index) => first + index);
}

/** The images of `source` `[*, inputs]` at `indices`, one after the other, padded as the GPU wants them. */
function gather(source: Uint8Array, inputs: number, indices: Uint32Array): Uint8Array<ArrayBuffer> {
  const stride = vectors(inputs) * vectorWidth;
  const gathered = new Uint8Array(indices.length * stride);
  indices.forEach((image, position) => {
    gathered.set(source.subarray(image * inputs, (image + 1) * inputs), position * stride);
  });
  return gathered;
}

/** The numbers from 0 up to `end`. */
export function upTo(end: number): Uint32Array<ArrayBuffer> {
  return range(0, end);
}
