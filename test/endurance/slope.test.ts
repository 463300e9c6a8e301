import { expect, test } from "vitest";
import { slopeOf } from "./slope.ts";

test("the slope of points, and its standard error", () => {
  expect(
    slopeOf([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toEqual({ slope: 2, error: 0 });
  // R: summary(lm(c(1, 2, 4, 4) ~ c(0, 1, 2, 3)))
  const { slope, error } = slopeOf([
    [0, 1],
    [1, 2],
    [2, 4],
    [3, 4],
  ]);
  expect(slope).toBeCloseTo(1.1, 12);
  expect(error).toBeCloseTo(0.2645751311, 9);
  expect(() =>
    slopeOf([
      [0, 1],
      [1, 2],
    ]),
  ).toThrow(RangeError);
});
