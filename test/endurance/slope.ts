export type Point = readonly [x: number, y: number];

/** The straight line through points, by least squares. */
export interface Slope {
  /** What `y` grows by for each `x`. */
  readonly slope: number;
  /** Standard error of that. */
  readonly error: number;
}

/** How fast something grows: of at least three points. */
export function slopeOf(points: readonly Point[]): Slope {
  const count = points.length;
  if (count < 3) throw new RangeError(`a slope of ${count} points has no error`);
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / count;
  const [meanX, meanY] = [mean(0), mean(1)];
  const squares = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squares;
  const residuals = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(residuals / (count - 2) / squares) };
}

/**
 * What something that ought to be flat grows by over all of a long time, and the standard error of that, to two decimals. What is
 * taken for good in the beginning, by compiled code and grown heaps, is left out: the first quarter.
 */
export function growthOf(readings: readonly Point[]): { readonly growth: number; readonly error: number } {
  const points = readings.slice(Math.floor(readings.length / 4));
  const all = points[points.length - 1][0] - points[0][0];
  const { slope, error } = slopeOf(points);
  const rounded = (value: number) => Math.round(value * all * 100) / 100;
  return { growth: rounded(slope), error: rounded(error) };
}
