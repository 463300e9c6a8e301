import type { Memory } from "../gpu/memory.ts";
import type { Arrangement } from "./arrangement.ts";
import { vectors, vectorWidth } from "./layout.ts";

/**
 * Images `[count, inputs]` on the GPU as the kernels want them: rows of bytes, padded with zeros to whole vectors, whose order
 * is that of the arrangement.
 */
export class ImageRows {
  readonly buffer: GPUBuffer;
  /**
   * How far ink reaches `[count, parts]`: within the first vectors of the part's stretches, that many, or 0 if the part is
   * blank; empty without an arrangement.
   */
  readonly ink: Uint8Array;
  readonly #queue: GPUQueue;
  readonly #inputs: number;
  readonly #arrangement: Arrangement | undefined;
  /** Room for the rows under way, a word a vector: kept, since garbage of that size is collected late. */
  #rows = new Uint32Array();

  constructor(memory: Memory, label: string, inputs: number, count: number, arrangement?: Arrangement) {
    this.buffer = memory.storage(label, count * vectors(inputs) * vectorWidth);
    this.ink = new Uint8Array(count * (arrangement?.parts ?? 0));
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
      arrange(rows, this.#arrangement, this.ink.subarray(first * this.#arrangement.parts));
    this.#queue.writeBuffer(this.buffer, first * width * vectorWidth, rows);
  }
}

/** Puts the vectors of each row where `arrangement` wants them, and says in `ink` how far the ink of each part reaches. */
function arrange(
  rows: Uint32Array,
  { vectors: order, parts, partVectors, stretch }: Arrangement,
  ink: Uint8Array,
): void {
  const width = order.length;
  const before = new Uint32Array(width);
  for (let first = 0, at = 0; first < rows.length; first += width, at += parts) {
    before.set(rows.subarray(first, first + width));
    for (let place = 0, part = 0; part < parts; part++) {
      const end = Math.min(place + partVectors, width);
      let reaches = 0;
      while (place < end) {
        for (let vector = 1; vector <= stretch; vector++, place++) {
          const pixels = before[order[place]];
          rows[first + place] = pixels;
          if (pixels !== 0 && vector > reaches) reaches = vector;
        }
      }
      ink[at + part] = reaches;
    }
  }
}
