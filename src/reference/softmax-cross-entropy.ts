import type { FloatArray } from "../model/parameters.ts";
import type { OutputShape } from "./shapes.ts";
import { softmax } from "./softmax.ts";

/** What the last layer's logits say of one mini-batch. */
export interface SampleResults {
  /** Cross-entropy of every sample in nats, `[batch]`. */
  readonly losses: Float64Array;
  /** `dZ [batch, classes]`: the derivative of the mini-batch's mean loss with respect to the logits. */
  readonly gradient: Float64Array;
  /** The class with the largest logit, the lowest of equals, `[batch]`. */
  readonly predicted: Uint16Array;
}

/** Room for the results of up to `batch` samples. */
export function sampleResults({ batch, classes }: OutputShape): SampleResults {
  return {
    losses: new Float64Array(batch),
    gradient: new Float64Array(batch * classes),
    predicted: new Uint16Array(batch),
  };
}

export interface CrossEntropyOptions {
  /** Share of the target probability that is spread over all classes; 0, none, unless given. */
  readonly smoothing?: number;
  /** Receives the results. */
  readonly results?: SampleResults;
}

/**
 * Loss, its gradient and the prediction of every sample. The target probabilities are
 * `q[c] = (1 - smoothing) onehot(label)[c] + smoothing / classes` (Szegedy et al., "Rethinking the Inception
 * Architecture", 2016, section 7), the loss is `log Σ e^z[k] - Σ q[c] z[c]`, computed by log-sum-exp: it is finite for
 * any finite logits, where `-log softmax(z)[label]` is infinite once the probability underflows. The gradient of the
 * mean loss is `dZ = (softmax(z) - q) / batch`.
 * @param logits `z [batch, classes]`
 * @param labels `[batch]`, each below `classes`
 */
export function softmaxCrossEntropy(
  logits: FloatArray,
  labels: Uint8Array,
  shape: OutputShape,
  { smoothing = 0, results = sampleResults(shape) }: CrossEntropyOptions = {},
): SampleResults {
  const { batch, classes } = shape;
  const { losses, gradient, predicted } = results;
  const spread = smoothing / classes;
  softmax(logits, shape, gradient);
  for (let sample = 0; sample < batch; sample++) {
    const row = sample * classes;
    const label = row + labels[sample];
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[row + c] > logits[row + best]) best = c;
    const maximum = logits[row + best];
    let sum = 0;
    let below = 0;
    for (let c = 0; c < classes; c++) {
      sum += Math.exp(logits[row + c] - maximum);
      below += maximum - logits[row + c];
    }
    predicted[sample] = best;
    losses[sample] = Math.log(sum) + (1 - smoothing) * (maximum - logits[label]) + spread * below;

    gradient[label] -= 1 - smoothing;
    for (let c = 0; c < classes; c++) gradient[row + c] = (gradient[row + c] - spread) / batch;
  }
  return results;
}
