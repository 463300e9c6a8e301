import type { DigitsOptions } from "../data/digits.ts";

/** Training images of the built-in digits when there is no limit. */
const mostDigits = 60_000;

/** The built-in digits within a limit of training images: they are drawn one by one, no more of them than are used. */
export function limitedDigits(limit: number): DigitsOptions {
  return limit > 0 ? { train: Math.min(limit, mostDigits) } : {};
}
