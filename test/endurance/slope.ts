/** The straight line through points, by least squares. */
export interface Slope {
  /** What `y` grows by for each `x`. */
  readonly slope: number;
  /** Standard error of that. */
  readonly error: number;
}

/** How fast something grows: of at least three points. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const count = points.length;
  if (count < 3) throw new RangeError(`a slope of ${count} points has no error`);
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / count;
  const [meanX, meanY] = [mean(0), mean(1)];
  const squares = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squares;
  const residuals = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(residuals / (count - 2) / squares) };
}
