import type { FloatArray } from "../model/parameters.ts";
import type { OutputShape } from "./shapes.ts";

/**
 * Probabilities of the classes, row by row: `P[s, c] = e^(z[s, c] - m) / Σ e^(z[s, k] - m)` with the row's maximum
 * `m`, so that no exponential overflows.
 * @param logits `z [batch, classes]`
 * @param output receives `P [batch, classes]`
 */
export function softmax(
  logits: FloatArray,
  { batch, classes }: OutputShape,
  output: Float64Array = new Float64Array(batch * classes),
): Float64Array {
  for (let sample = 0; sample < batch; sample++) {
    const row = sample * classes;
    let maximum = logits[row];
    for (let c = 1; c < classes; c++) maximum = Math.max(maximum, logits[row + c]);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += output[row + c] = Math.exp(logits[row + c] - maximum);
    for (let c = 0; c < classes; c++) output[row + c] /= sum;
  }
  return output;
}
