import { randomStream } from "./random.ts";

/** One mini-batch: a window of the epoch's order. The last one of an epoch may be short. */
export interface Batch {
  /** Position in the epoch's order of the batch's first sample. */
  readonly first: number;
  /** Number of samples. */
  readonly size: number;
}

/** The stretch of the order that mini-batches in ascending order cover. */
export function extent(batches: readonly Batch[]): { first: number; end: number; count: number } {
  const { first } = batches[0];
  const last = batches[batches.length - 1];
  const end = last.first + last.size;
  return { first, end, count: end - first };
}

/** Steps in an epoch over `samples` samples: the last mini-batch may be short, it is used all the same. */
export function stepsPerEpoch(samples: number, batchSize: number): number {
  return Math.ceil(samples / batchSize);
}

/** Steps of a training of so many epochs, or of `steps` if these are fewer; 0 for no such end. */
export function totalSteps(
  { epochs, steps }: { readonly epochs: number; readonly steps: number },
  stepsInEpoch: number,
): number {
  const inAll = epochs * stepsInEpoch;
  return steps > 0 ? Math.min(steps, inAll) : inAll;
}

/** The mini-batch of step `step` (counted from 0 within its epoch). */
export function batchAt(step: number, batchSize: number, samples: number): Batch {
  const first = step * batchSize;
  return { first, size: Math.min(batchSize, samples - first) };
}

/** The mini-batches of one pass over `samples` samples. */
export function batchesOf(samples: number, batchSize: number): Batch[] {
  return Array.from({ length: stepsPerEpoch(samples, batchSize) }, (_, step) =>
    batchAt(step, batchSize, samples),
  );
}

/** The numbers from 0 up to `end`: the order in which samples lie. */
export function upTo(end: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: end }, (_, index) => index);
}

/** The order in which epoch `epoch` (from 0) visits the samples, `[samples]`: a Fisher-Yates shuffle, or file order. */
export function epochOrder(samples: number, seed: number, epoch: number, shuffle: boolean): Uint32Array {
  const order = upTo(samples);
  if (!shuffle) return order;
  const random = randomStream(seed, "shuffle", epoch);
  for (let last = samples - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const index = order[last];
    order[last] = order[other];
    order[other] = index;
  }
  return order;
}
