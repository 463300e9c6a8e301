/** The middle and the ends of a few measurements. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError if there is nothing to take the middle of */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("spread: no values");
  return { median: quantile(values, 0.5), min: quantile(values, 0), max: quantile(values, 1) };
}

/** The value below which a share of `values` lies, between two of them if need be. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at - Math.floor(at));
}

/**
 * How far the median of `values` may be off, either way, at about 95%: 1.57 times the range of the middle half over the
 * root of the count (McGill, Tukey and Larsen, "Variations of Box Plots", 1978).
 */
export function medianError(values: readonly number[]): number {
  const middleHalf = quantile(values, 0.75) - quantile(values, 0.25);
  return (1.57 * middleHalf) / Math.sqrt(values.length);
}

/** Of two contenders' speeds in the same rounds, how many times faster the first one was, round by round. */
export function ratios(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new RangeError("ratios: rounds differ");
  return spread(ours.map((speed, round) => speed / theirs[round]));
}

/** Three significant digits, as people write them: 2,480 · 93.1 · 6.74 · 0.512. */
export function figure(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded >= 1000 ? rounded.toLocaleString("en") : String(rounded);
}

/** `21.3x (19.8 to 22.4)`. */
export function ratioText({ median, min, max }: Spread): string {
  return `${figure(median)}x (${figure(min)} to ${figure(max)})`;
}
