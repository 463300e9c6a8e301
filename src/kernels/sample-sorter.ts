import type { Memory } from "../gpu/memory.ts";
import type { Arrangement } from "./arrangement.ts";

/** A mini-batch: `size` positions of the order from `first` on. */
export interface Batch {
  readonly first: number;
  readonly size: number;
}

/** The stretch of the order that mini-batches in ascending order cover. */
export function extent(batches: readonly Batch[]): { first: number; end: number; count: number } {
  const { first } = batches[0];
  const last = batches[batches.length - 1];
  const end = last.first + last.size;
  return { first, end, count: end - first };
}

/** Words of an entry of `rows` (`struct Row` of `shaders/stretch.wgsl`). */
const rowWords = 2;

/**
 * For every mini-batch and every part of a row of pixels, the samples in such an order that those with ink in that part come
 * first: `shaders/stretch_sparse.wgsl` reads it.
 */
export class SampleSorter {
  /** `[positions, parts]` rows; those of a mini-batch are `[parts, size]`. */
  readonly rows: GPUBuffer;
  /** How many samples have ink; those of a mini-batch are the first `[parts]` of its `[size, parts]`. */
  readonly inked: GPUBuffer;
  readonly #queue: GPUQueue;
  readonly #arrangement: Arrangement;
  /** Room for what is uploaded next: kept, since garbage of that size is collected late. */
  #words = new Uint32Array();

  /** @param span the most positions of the order there are */
  constructor(memory: Memory, name: string, span: number, arrangement: Arrangement) {
    const { parts } = arrangement;
    this.rows = memory.storage(`${name} rows, part by part`, span * parts * rowWords * 4);
    this.inked = memory.storage(`${name} samples with ink, part by part`, span * parts * 4);
    this.#queue = memory.device.queue;
    this.#arrangement = arrangement;
  }

  /**
   * Sorts the samples of `batches`, in ascending order, for commands submitted from now on.
   * @param order the image at each position
   * @param ink of the images, as `ImageRows` has it
   */
  sort(batches: readonly Batch[], order: Uint32Array, ink: Uint32Array): void {
    const { parts, inkWords } = this.#arrangement;
    const { first: base, count: positions } = extent(batches);
    const count = positions * parts;
    const length = count * (rowWords + 1);
    if (this.#words.length < length) this.#words = new Uint32Array(length);
    const rows = this.#words.subarray(0, count * rowWords);
    const inked = this.#words.subarray(count * rowWords, length);
    for (const { first, size } of batches) {
      const begin = (first - base) * parts;
      for (let part = 0; part < parts; part++) {
        let low = begin + part * size;
        let high = low + size;
        for (let sample = 0; sample < size; sample++) {
          const image = order[first + sample];
          const hasInk = (ink[image * inkWords + (part >> 5)] >>> (part & 31)) & 1;
          const at = rowWords * (hasInk ? low++ : --high);
          rows[at] = sample;
          rows[at + 1] = image;
        }
        inked[begin + part] = low - begin - part * size;
      }
    }
    this.#queue.writeBuffer(this.rows, base * parts * rowWords * 4, rows);
    this.#queue.writeBuffer(this.inked, base * parts * 4, inked);
  }
}
