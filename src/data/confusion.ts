/** How often images of each class were taken for each class. */
export interface ConfusionMatrix {
  readonly classes: number;
  /** `[classes, classes]`, row-major: the row is the label, the column the prediction. */
  readonly counts: Uint32Array;
}

/** How many of `predicted` are the labels. */
export function countCorrect(predicted: ArrayLike<number>, labels: Uint8Array): number {
  let correct = 0;
  for (let image = 0; image < labels.length; image++) correct += Number(predicted[image] === labels[image]);
  return correct;
}

/** How many images of one class there are and how many of them were classified correctly. */
export interface ClassResult {
  readonly images: number;
  readonly correct: number;
  /** correct / images in [0, 1]; undefined for a class without images. */
  readonly accuracy: number | undefined;
}

/**
 * Counts predictions by label.
 * @param labels the class of each image, `[count]`
 * @param predicted the predicted class of each image, `[count]`
 * @throws RangeError if there are not as many of both, or for an image of a class that there is not
 */
export function confusionMatrix(
  labels: Uint8Array,
  predicted: Uint16Array,
  classes: number,
): ConfusionMatrix {
  const counts = new Uint32Array(classes * classes);
  if (predicted.length !== labels.length)
    throw new RangeError(`there are ${predicted.length} predictions for ${labels.length} labels`);
  for (const [index, label] of labels.entries()) {
    const taken = predicted[index];
    if (Math.max(label, taken) >= classes)
      throw new RangeError(
        `image ${index} is of class ${label}, taken for ${taken}, but there are ${classes} classes`,
      );
    counts[label * classes + taken]++;
  }
  return { classes, counts };
}

/** The result of every class, `[classes]`. */
export function classResults({ classes, counts }: ConfusionMatrix): ClassResult[] {
  return Array.from({ length: classes }, (_, label) => {
    const images = counts
      .subarray(label * classes, (label + 1) * classes)
      .reduce((sum, count) => sum + count, 0);
    const correct = counts[label * classes + label];
    return { images, correct, accuracy: images === 0 ? undefined : correct / images };
  });
}

/** One kind of mistake: `count` images labelled `label` were taken for `predicted`. */
export interface Confusion {
  readonly label: number;
  readonly predicted: number;
  readonly count: number;
}

/** The `limit` most frequent mistakes, most frequent first; of equals, the lower label and prediction first. */
export function commonConfusions({ classes, counts }: ConfusionMatrix, limit: number): Confusion[] {
  return Array.from(counts, (count, cell) => ({
    label: Math.floor(cell / classes),
    predicted: cell % classes,
    count,
  }))
    .filter(({ label, predicted, count }) => label !== predicted && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, limit);
}
