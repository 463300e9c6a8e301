import type { Predictions } from "./engine/engine.ts";

/**
 * What an ensemble of networks says: the mean of its members' probabilities. Mistakes that members do not share are
 * outvoted (Lakshminarayanan, Pritzel, Blundell 2017, section 2.4).
 * @param members probabilities `[count, classes]` of each
 */
export function meanProbabilities(members: readonly Float32Array[]): Float32Array {
  return Float32Array.from(
    members[0],
    (_, index) => members.reduce((sum, probabilities) => sum + probabilities[index], 0) / members.length,
  );
}

/** The class with the largest probability, the lowest of equals: found by comparison, as networks find theirs, whatever is no number. */
function classOf(probabilities: Float32Array): number {
  return probabilities.reduce((best, probability, c) => (probability > probabilities[best] ? c : best), 0);
}

/** The least probability that float32 can hold: what is rounded to nothing has no logarithm. */
const leastProbability = 2 ** -149;

/**
 * Loss and classes that probabilities mean.
 * @param probabilities `[count, classes]`
 * @param labels `[count]`
 */
export function judge(probabilities: Float32Array, labels: Uint8Array): Predictions {
  const count = labels.length;
  const classes = probabilities.length / count;
  const rows = Array.from({ length: count }, (_, image) =>
    probabilities.subarray(image * classes, (image + 1) * classes),
  );
  const losses = Float32Array.from(
    rows,
    (row, image) => -Math.log(Math.max(row[labels[image]], leastProbability)),
  );
  return {
    loss: losses.reduce((sum, loss) => sum + loss, 0) / count,
    losses,
    classes: Uint16Array.from(rows, classOf),
  };
}
