import { type Draw, type DrawKey, draw, streams } from "./random.ts";

/** Dropout of one hidden layer in one step. */
export interface DropoutKey extends DrawKey {
  /** Probability with which a number is left out, below 1. */
  readonly probability: number;
  /** The hidden layer, from 0. */
  readonly layer: number;
}

/**
 * A number is kept if what is drawn for it, 0 to 2^32 - 1, is not below this. The largest probability below 1 rounds
 * to 2^32, which is no u32.
 */
export function dropoutThreshold(probability: number): number {
  return Math.min(Math.round(probability * 2 ** 32), 2 ** 32 - 1);
}

/**
 * What the activations of a hidden layer, and their derivatives, are multiplied by: 0 for those that are left out,
 * `1 / (1 - probability)` for the others, so that what the next layer sums up has the same mean as without dropout
 * (Srivastava et al., "Dropout", 2014, in the form that changes training and not evaluation).
 * @returns factors `[batch, width]`
 */
export function hiddenDropout(key: DropoutKey, batch: number, width: number): Float64Array {
  return factors(key, streams.hiddenDropout + key.layer, batch, width);
}

/** The same for what a step's images put into the network: factors `[batch, inputs]`. */
export function inputDropout(key: Omit<DropoutKey, "layer">, batch: number, inputs: number): Float64Array {
  return factors(key, streams.inputDropout, batch, inputs);
}

/** One draw serves four numbers beside each other in a row; a row begins with a new one. */
function factors(
  { probability, ...key }: Omit<DropoutKey, "layer">,
  stream: number,
  batch: number,
  width: number,
): Float64Array {
  const threshold = dropoutThreshold(probability);
  const kept = 1 / (1 - probability);
  const drawsPerRow = Math.ceil(width / 4);
  const result = new Float64Array(batch * width);
  for (let sample = 0; sample < batch; sample++) {
    let drawn: Draw = [0, 0, 0, 0];
    for (let n = 0; n < width; n++) {
      if (n % 4 === 0) drawn = draw(key, stream, sample * drawsPerRow + n / 4);
      result[sample * width + n] = drawn[n % 4] >= threshold ? kept : 0;
    }
  }
  return result;
}
