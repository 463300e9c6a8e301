import { type Batch, extent, upTo } from "../../data/batches.ts";
import { imageSize, type Split } from "../../data/dataset.ts";
import { checkSize, largestStorage, type Memory } from "../../gpu/memory.ts";
import type { PlaceImages } from "../../kernels/lib/images.ts";
import type { LayerInput } from "../../kernels/lib/input.ts";
import { imageBytes } from "../../kernels/lib/layout.ts";

/**
 * The images and labels of a split as the kernels see them: position `p` of the order lies at `p - base` of the
 * `order` buffer, where `base` is what `stage` returned. Whether all images are on the GPU or only a window of them,
 * the kernels compute the same numbers.
 */
export interface Samples {
  /** What the first layer reads. */
  readonly input: LayerInput;
  readonly order: GPUBuffer;
  readonly labels: GPUBuffer;
  /** The most positions that the mini-batches of one call of `stage` may cover. */
  readonly span: number;
  /** Of each network. */
  setOrders(orders: readonly Uint32Array[]): void;
  /** Makes mini-batches, in ascending order, available to commands submitted from now on. */
  stage(batches: readonly Batch[]): number;
}

/** Bytes of one image on the GPU: rows padded with zeros to whole vectors. */
function imageStride(split: Split): number {
  return imageBytes(imageSize(split));
}

/** Bytes that keeping `split` resident takes in its largest buffer. */
function residentBytes(split: Split): number {
  return split.count * imageStride(split);
}

/** Whether all images of `split` fit into one buffer that a kernel can read. */
export function fitsResident(limits: GPUSupportedLimits, split: Split): boolean {
  return residentBytes(split) <= largestStorage(limits);
}

/** Bytes handed to the queue at once: bounds the staging memory that an upload takes. */
const uploadBytes = 4 << 20;

/** Bytes of images in a streamed window. */
const windowBytes = 16 << 20;

/** Positions that are there at once of each of several networks, whose orders would take more room than their parameters. */
const windowPositions = 16_384;

/** What is to be decided on by `placeSamples`. */
export interface Placement {
  readonly train: Split;
  readonly batchSize: number;
  /** Where the training images live; `auto`, the default, is resident if they fit. */
  readonly residency?: "auto" | "resident" | "streamed";
}

/** Whether the training images are going to be resident: if they fit into the GPU's memory, unless `residency` says where. */
export function staysResident(
  limits: GPUSupportedLimits,
  { train, residency = "auto" }: Omit<Placement, "batchSize">,
): boolean {
  return residency === "resident" || (residency === "auto" && fitsResident(limits, train));
}

/** The training images, resident or streamed. */
export function placeSamples(memory: Memory, placement: Placement, placeImages: PlaceImages): Samples {
  const { train, batchSize } = placement;
  if (staysResident(memory.device.limits, placement)) {
    const remedy = "Let their residency be auto, or use fewer of them.";
    checkSize(memory.device.limits, "All training images", residentBytes(train), { remedy });
    const span = memory.networks === 1 ? train.count : Math.max(batchSize, windowPositions);
    return residentSamples(memory, "training", train, Math.min(span, train.count), placeImages);
  }
  const span = Math.max(batchSize, Math.floor(windowBytes / imageSize(train)));
  return streamedSamples(memory, "training", train, Math.min(span, train.count), placeImages);
}

/** All images on the GPU, uploaded once, and `span` positions of each network's order; a mini-batch is a window of them. */
export function residentSamples(
  memory: Memory,
  name: string,
  split: Split,
  span: number,
  placeImages: PlaceImages,
): Samples {
  const { count } = split;
  const labels = memory.storage(`${name} labels`, count * 4);
  const order = memory.storageOfEach(`${name} order`, span * 4);
  const images = placeImages({
    memory,
    label: `${name} images`,
    inputs: imageSize(split),
    count,
    span,
    order,
  });
  const { queue } = memory.device;
  const chunk = Math.max(1, Math.floor(uploadBytes / imageStride(split)));
  const all = upTo(count);
  for (let first = 0; first < count; first += chunk) {
    images.write(first, split.images, all.subarray(first, first + chunk));
    queue.submit([]); // lets the queue reuse the staging memory of the chunk before
  }
  queue.writeBuffer(labels, 0, Uint32Array.from(split.labels));
  let visited: readonly Uint32Array<ArrayBuffer>[] = alike(memory, all);
  const writeOrders = (first: number, end: number) => {
    visited.forEach((indices, network) => {
      memory.write(order, network, 0, indices.subarray(first, end));
    });
  };
  const whole = span >= count;
  if (whole) writeOrders(0, count);
  return {
    input: images.input,
    labels,
    order,
    span,
    setOrders: (orders) => {
      visited = orders.map((indices) => new Uint32Array(indices));
      if (whole) writeOrders(0, count);
    },
    stage: (batches) => {
      const { first, end } = extent(batches);
      const base = whole ? 0 : first;
      if (!whole) writeOrders(first, end);
      images.stage(batches, visited, base);
      return base;
    },
  };
}

/** The same order for each network. */
function alike({ networks }: Memory, order: Uint32Array<ArrayBuffer>): readonly Uint32Array<ArrayBuffer>[] {
  return new Array(networks).fill(order);
}

/** Room for `span` images that are uploaded anew for every use, in the order of their use. */
export function sampleWindow(
  memory: Memory,
  name: string,
  inputs: number,
  span: number,
  placeImages: PlaceImages,
) {
  const labels = memory.storage(`${name} window of labels`, span * 4);
  const order = memory.storageOfEach(`${name} order within the window`, span * 4);
  const images = placeImages({ memory, label: `${name} window of images`, inputs, count: span, span, order });
  const { queue } = memory.device;
  const within = alike(memory, upTo(span));
  within.forEach((indices, network) => {
    memory.write(order, network, 0, indices);
  });
  return {
    input: images.input,
    labels,
    order,
    span,
    /** Uploads the images of `source` `[*, inputs]` at `indices`, and their labels, for `batches` within the window. */
    upload(
      source: Uint8Array,
      indices: Uint32Array,
      batches: readonly Batch[],
      classes: (index: number) => number = () => 0,
    ): void {
      images.write(0, source, indices);
      queue.writeBuffer(labels, 0, Uint32Array.from(indices, classes));
      images.stage(batches, within, 0);
    },
  };
}

/** Only a window of `span` images on the GPU: `stage` uploads them in the order in which they are visited, by one network. */
export function streamedSamples(
  memory: Memory,
  name: string,
  split: Split,
  span: number,
  placeImages: PlaceImages,
): Samples {
  if (memory.networks > 1) throw new Error("images are streamed in the order of one network only");
  const { upload, ...window } = sampleWindow(memory, name, imageSize(split), span, placeImages);
  let visited: Uint32Array = upTo(split.count);
  return {
    ...window,
    setOrders: ([indices]) => {
      visited = indices.slice();
    },
    stage: (batches) => {
      const { first: base, end } = extent(batches);
      const within = batches.map(({ first, size }) => ({ first: first - base, size }));
      upload(split.images, visited.subarray(base, end), within, (index) => split.labels[index]);
      return base;
    },
  };
}
