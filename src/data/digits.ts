import { type Dataset, imageAt, type Split, usedImages } from "./dataset.ts";
import { handOf } from "./digit-hand.ts";
import { imageSide, writeStrokes } from "./digit-pen.ts";
import { digitStrokes } from "./digit-shapes.ts";

/** How many digits to write, and the seed that decides their shapes. */
export interface DigitsOptions {
  /** 1 unless given. */
  readonly seed?: number;
  /** Training images: 60,000 unless given, as in MNIST. */
  readonly train?: number;
  /**
   * Test images: 2,000 unless given. They are drawn before anything trains and read after each epoch; that an accuracy of 95% has a
   * standard error of half a point then is enough for digits that stand in for others.
   */
  readonly test?: number;
}

/** As in MNIST. */
const usualTrain = 60_000;

/**
 * The digits that a run needs which uses so many training images, or all if 0: they are drawn one by one, no more than are
 * used, and there are no more of them than without a limit.
 */
export function digitsWithin(limit: number): { readonly train: number } {
  return { train: usedImages(limit, usualTrain) };
}

const classes = 10;

/** What every output calls the data set. */
export const builtInName = "built-in digits";

/** Test images take their chances from here on, so that they are the same whatever the number of training images. */
const firstTestIndex = 2 ** 30;

/**
 * A data set in MNIST's form that needs no file: the ten digits drawn as pen strokes, 28x28 bytes, light on dark,
 * fitted and centred as MNIST's are. Image i of a split shows the digit i % 10 and depends on the seed and i alone. The
 * bytes are the same on every engine: nothing but sums, products, quotients and square roots, which IEEE 754 rounds in
 * one way only, goes into them.
 *
 * @throws RangeError where a count is negative, or where a count or the seed is no whole number.
 */
export function builtInDigits(options: DigitsOptions = {}): Dataset {
  const steps = writeDigits(options);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/**
 * The same data set, written a little at a time: each `next()` writes 200 images at most and yields the share of all
 * images that is done, in (0, 1]; the data set is the generator's return value. A page calls it between frames.
 */
export function* writeDigits(options: DigitsOptions = {}): Generator<number, Dataset> {
  const { seed = 1, train = usualTrain, test = 2000 } = options;
  checkCounts(seed, train, test);
  const dataset: Dataset = {
    name: builtInName,
    origin: `drawn as pen strokes with seed ${seed}`,
    classes,
    train: emptySplit(train),
    test: emptySplit(test),
  };
  const atOnce = 200;
  for (let done = 0; done < train + test; ) {
    const end = Math.min(done + atOnce, train + test);
    for (; done < end; done++) {
      if (done < train) writeImage(dataset.train, done, seed, done);
      else writeImage(dataset.test, done - train, seed, firstTestIndex + done - train);
    }
    yield done / (train + test);
  }
  return dataset;
}

function checkCounts(seed: number, train: number, test: number): void {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`The seed of the digits is ${seed}, not a whole number.`);
  }
  for (const count of [train, test]) {
    if (!Number.isSafeInteger(count) || count < 0 || count > firstTestIndex) {
      throw new RangeError(`${count} digits were asked for, not a whole number from 0 to ${firstTestIndex}.`);
    }
  }
}

function emptySplit(count: number): Split {
  const images = new Uint8Array(count * imageSide * imageSide);
  return { images, labels: new Uint8Array(count), count, rows: imageSide, columns: imageSide };
}

/** Writes image `position` of `split` from the chances of `index`. */
function writeImage(split: Split, position: number, seed: number, index: number): void {
  const label = position % classes;
  const hand = handOf(seed, index);
  const image = imageAt(split, position);
  writeStrokes(digitStrokes(label, hand), hand, image);
  split.labels[position] = label;
}
