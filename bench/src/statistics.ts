/** The middle and the ends of a few measurements. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError if there is nothing to take the middle of */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("spread: no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
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
