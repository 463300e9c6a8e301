import { expect } from "vitest";
import { compare, type Difference, type Tolerance } from "../../src/reference/compare.ts";

export interface Closeness extends Tolerance {
  /** Why this tolerance: what limits the agreement. */
  readonly reason: string;
  /** What is compared, for the message. */
  readonly what?: string;
  /** Shape of the flat arrays, for the message: positions are then given as `[row, column]`. */
  readonly shape?: readonly number[];
}

/**
 * Asserts that every number of `actual` is within `atol + rtol |expected|` of `expected`. NaN and infinities never
 * are. The message shows how many are not, the first of them, the worst one and the tolerance.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  closeness: Closeness,
): void {
  const { atol, rtol, reason, what = "values", shape = [expected.length] } = closeness;
  expect(actual.length, `${what}: number of values`).toBe(expected.length);
  const { count, mismatches, first, worst } = compare(actual, expected, closeness);
  if (mismatches === 0) return;
  expect.fail(
    [
      `${what} [${shape.join(", ")}]: ${mismatches} of ${count} are further than ` +
        `${atol} + ${rtol} * |expected| from what was expected (tolerance: ${reason})`,
      ...first.map((difference) => `  ${describeDifference(difference, shape)}`),
      `  worst: ${describeDifference(worst, shape)}`,
    ].join("\n"),
  );
}

function describeDifference({ index, actual, expected }: Difference, shape: readonly number[]): string {
  return `${position(index, shape)} got ${actual}, expected ${expected}, off by ${Math.abs(actual - expected)}`;
}

/** `[1, 2]` for index 12 of shape `[., 10]`. */
function position(index: number, shape: readonly number[]): string {
  const coordinates: number[] = [];
  for (const extent of [...shape].reverse()) {
    coordinates.unshift(index % extent);
    index = Math.floor(index / extent);
  }
  return `[${coordinates.join(", ")}]`;
}
