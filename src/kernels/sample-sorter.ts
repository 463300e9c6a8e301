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

/** Words of an entry of `rows` and of `ink` (`struct Row` and `struct Ink` of `shaders/stretch_sparse.wgsl`). */
const rowWords = 3;
const inkWords = 2;

/**
 * For every mini-batch and every part of a row of pixels, the samples in such an order that those with ink in that part come
 * first: `shaders/stretch_sparse.wgsl` reads it. Only those have sums of that part (`shaders/parts_inked.wgsl`).
 */
export class SampleSorter {
  /** `[positions, parts]` rows; those of a mini-batch are `[parts, size]`. */
  readonly rows: GPUBuffer;
  /** What has ink in a mini-batch; that of its parts are the first `[parts]` of its `[size, parts]`. */
  readonly ink: GPUBuffer;
  /** `[positions]` parts of each sample that have ink. */
  readonly inkedParts: GPUBuffer;
  readonly #queue: GPUQueue;
  readonly #arrangement: Arrangement;
  /** Room for what is uploaded next: kept, since garbage of that size is collected late. */
  #words = new Uint32Array();

  /** @param span the most positions of the order there are */
  constructor(memory: Memory, name: string, span: number, arrangement: Arrangement) {
    const { parts } = arrangement;
    this.rows = memory.storage(`${name} rows, part by part`, span * parts * rowWords * 4);
    this.ink = memory.storage(`${name} ink, part by part`, span * parts * inkWords * 4);
    this.inkedParts = memory.storage(`${name} parts with ink`, span * 4);
    this.#queue = memory.device.queue;
    this.#arrangement = arrangement;
  }

  /**
   * Sorts the samples of `batches`, in ascending order, for commands submitted from now on.
   * @param order the image at each position
   * @param reaches how far the ink of images reaches, as `ImageRows` has it
   */
  sort(batches: readonly Batch[], order: Uint32Array, reaches: Uint8Array): void {
    const { parts } = this.#arrangement;
    const { first: base, count } = extent(batches);
    const length = count * (parts * (rowWords + inkWords) + 1);
    if (this.#words.length < length) this.#words = new Uint32Array(length);
    const inkedParts = this.#words.subarray(0, count).fill(0);
    const rows = this.#words.subarray(count, count * (1 + parts * rowWords));
    const ink = this.#words.subarray(count * (1 + parts * rowWords), length);
    for (const { first, size } of batches) {
      const begin = first - base;
      for (let part = 0; part < parts; part++) {
        let inked = 0;
        let blank = size;
        let furthest = 0;
        for (let sample = 0; sample < size; sample++) {
          const image = order[first + sample];
          const reach = reaches[image * parts + part];
          if (reach > furthest) furthest = reach;
          const place = reach > 0 ? inked++ : --blank;
          const at = rowWords * (begin * parts + part * size + place);
          rows[at] = sample;
          rows[at + 1] = image;
          rows[at + 2] = sample * parts + inkedParts[begin + sample];
          if (reach > 0) inkedParts[begin + sample]++;
        }
        const at = inkWords * (begin * parts + part);
        ink[at] = inked;
        ink[at + 1] = furthest;
      }
    }
    this.#queue.writeBuffer(this.rows, base * parts * rowWords * 4, rows);
    this.#queue.writeBuffer(this.ink, base * parts * inkWords * 4, ink);
    this.#queue.writeBuffer(this.inkedParts, base * 4, inkedParts);
  }
}
