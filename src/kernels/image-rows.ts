import type { Memory } from "../gpu/memory.ts";
import type { Arrangement } from "./arrangement.ts";
import { vectors, vectorWidth } from "./layout.ts";

/**
 * Images `[count, inputs]` on the GPU as the kernels want them: rows of bytes, padded with zeros to whole vectors, whose order
 * is that of the arrangement.
 */
export class ImageRows {
  readonly buffer: GPUBuffer;
  /** A bit for each part of each image that has ink, `inkWords` words an image; none without an arrangement. */
  readonly ink: Uint32Array;
  readonly #queue: GPUQueue;
  readonly #inputs: number;
  readonly #arrangement: Arrangement | undefined;
  /** Room for the rows under way, a word a vector: kept, since garbage of that size is collected late. */
  #rows = new Uint32Array();

  constructor(memory: Memory, label: string, inputs: number, count: number, arrangement?: Arrangement) {
    this.buffer = memory.storage(label, count * vectors(inputs) * vectorWidth);
    this.ink = new Uint32Array(count * (arrangement?.inkWords ?? 0));
    this.#queue = memory.device.queue;
    this.#inputs = inputs;
    this.#arrangement = arrangement;
  }

  /** Uploads the images of `source` `[*, inputs]` at `indices` as rows `first` and following. */
  write(first: number, source: Uint8Array, indices: Uint32Array): void {
    const inputs = this.#inputs;
    const width = vectors(inputs);
    const length = indices.length * width;
    if (this.#rows.length < length) this.#rows = new Uint32Array(length);
    const bytes = new Uint8Array(this.#rows.buffer);
    indices.forEach((image, row) => {
      bytes.set(source.subarray(image * inputs, (image + 1) * inputs), row * width * vectorWidth);
    });
    const rows = this.#rows.subarray(0, length);
    if (this.#arrangement)
      arrange(rows, this.#arrangement, this.ink.subarray(first * this.#arrangement.inkWords));
    this.#queue.writeBuffer(this.buffer, first * width * vectorWidth, rows);
  }
}

/** Puts the vectors of each row where `arrangement` wants them, and says in `ink` which parts of it have ink. */
function arrange(
  rows: Uint32Array,
  { vectors: order, partVectors, inkWords }: Arrangement,
  ink: Uint32Array,
): void {
  const width = order.length;
  const before = new Uint32Array(width);
  for (let first = 0, at = 0; first < rows.length; first += width, at += inkWords) {
    before.set(rows.subarray(first, first + width));
    ink.fill(0, at, at + inkWords);
    for (let place = 0, part = 0; place < width; part++) {
      const end = Math.min(place + partVectors, width);
      let any = 0;
      for (; place < end; place++) {
        const vector = before[order[place]];
        rows[first + place] = vector;
        any |= vector;
      }
      if (any !== 0) ink[at + (part >> 5)] |= 1 << (part & 31);
    }
  }
}
