import type { FloatArray } from "../model/parameters.ts";

/** Sums over the samples of one mini-batch. */
export interface BatchMetrics {
  /** Sum of the samples' losses, in nats. */
  readonly loss: number;
  /** How many samples were classified correctly. */
  readonly correct: number;
}

/**
 * Sums the losses and the correct predictions of one mini-batch.
 * @param losses `[batch]`
 * @param predicted classes, `[batch]`
 * @param labels `[batch]`
 */
export function batchMetrics(
  losses: FloatArray,
  predicted: Uint16Array,
  labels: Uint8Array,
  batch: number,
): BatchMetrics {
  let loss = 0;
  let correct = 0;
  for (let sample = 0; sample < batch; sample++) {
    loss += losses[sample];
    if (predicted[sample] === labels[sample]) correct++;
  }
  return { loss, correct };
}
