import type { Batch } from "../../data/batches.ts";
import type { Memory } from "../../gpu/memory.ts";
import type { LayerInput } from "./input.ts";
import { vectors, vectorWidth } from "./layout.ts";

/** Images on the GPU, as the first layer reads them. */
export interface PlacedImages {
  readonly input: LayerInput;
  /** Uploads the images of `source` `[*, inputs]` at `indices` as rows `first` and following. */
  write(first: number, source: Uint8Array, indices: Uint32Array): void;
  /**
   * Prepares for mini-batches, in ascending order, of each network's order, in commands submitted from now on.
   * @param base the position that lies first in the buffer of the order
   */
  stage(batches: readonly Batch[], orders: readonly Uint32Array[], base: number): void;
}

/** What images need on the GPU. */
export interface ImagesPlace {
  readonly memory: Memory;
  readonly label: string;
  /** Pixels of an image. */
  readonly inputs: number;
  /** The most images that there are. */
  readonly count: number;
  /** The most positions that are staged at once. */
  readonly span: number;
  /** Of each network, `[span]`. */
  readonly order: GPUBuffer;
}

/** Makes room for images. */
export type PlaceImages = (place: ImagesPlace) => PlacedImages;

/** Images as rows of bytes, read through the order. */
export const placeImages: PlaceImages = (place) => {
  const rows = new ImageRows(place);
  const input = { kind: "bytes", buffers: { images: rows.buffer, order: place.order } };
  return { input, write: (...images) => rows.write(...images), stage() {} };
};

/** Rows of bytes, padded with zeros to whole vectors. */
export class ImageRows {
  readonly buffer: GPUBuffer;
  readonly #queue: GPUQueue;
  readonly #inputs: number;
  /** Room for the rows under way, a word a vector: kept, since garbage of that size is collected late. */
  #rows = new Uint32Array();

  constructor({ memory, label, inputs, count }: Omit<ImagesPlace, "order" | "span">) {
    this.buffer = memory.storage(label, count * vectors(inputs) * vectorWidth);
    this.#queue = memory.device.queue;
    this.#inputs = inputs;
  }

  /**
   * Uploads the images of `source` `[*, inputs]` at `indices` as rows `first` and following.
   * @param change what is done to the rows, a word a vector, on the way
   */
  write(first: number, source: Uint8Array, indices: Uint32Array, change?: (rows: Uint32Array) => void): void {
    const inputs = this.#inputs;
    const width = vectors(inputs);
    const length = indices.length * width;
    if (this.#rows.length < length) this.#rows = new Uint32Array(length);
    const bytes = new Uint8Array(this.#rows.buffer);
    indices.forEach((image, row) => {
      // The padding, where `change` may have left pixels of rows before.
      this.#rows[(row + 1) * width - 1] = 0;
      bytes.set(source.subarray(image * inputs, (image + 1) * inputs), row * width * vectorWidth);
    });
    const rows = this.#rows.subarray(0, length);
    change?.(rows);
    this.#queue.writeBuffer(this.buffer, first * width * vectorWidth, rows);
  }
}
