import * as v from "valibot";

/** Rows and columns of the images, as in MNIST. */
export const ownSide = 28;

/** A digit that somebody drew and labelled, as the browser's store holds it. */
const ownDigit = v.object({
  /** `[28 * 28]` bytes, prepared as the network is shown it. */
  image: v.pipe(v.instance(Uint8Array), v.length(ownSide * ownSide)),
  label: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(9)),
});

/** Digits that are among the training images, as the browser's store holds them. */
export const storedMix = v.object({
  digits: v.pipe(v.array(ownDigit), v.minLength(1), v.readonly()),
  /** Of the training images. */
  share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** How many of them were read right before. */
  rightBefore: v.number(),
});

/** What the browser's store holds for the next visit: the digits, and those that were trained on last. */
export const storedOwn = v.object({
  digits: v.pipe(v.array(ownDigit), v.readonly()),
  mix: v.optional(storedMix),
});

export type StoredOwn = v.InferOutput<typeof storedOwn>;
export type OwnDigit = v.InferOutput<typeof ownDigit>;
export type Mix = v.InferOutput<typeof storedMix>;
