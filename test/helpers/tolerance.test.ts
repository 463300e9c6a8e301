import { describe, expect, test } from "vitest";
import { expectClose } from "./tolerance.ts";

const tolerance = { atol: 0.5, rtol: 0.25, reason: "made up" };

function failure(actual: number[], expected: number[], shape?: number[]): string {
  try {
    expectClose(actual, expected, { ...tolerance, ...(shape && { shape }) });
  } catch (error) {
    return (error as Error).message;
  }
  return "passed";
}

describe("expectClose", () => {
  test.each([
    { actual: 0.5, expected: 0 },
    { actual: -0.5, expected: 0 },
    { actual: 10.5, expected: 8 },
    { actual: -10.5, expected: -8 },
  ])("accepts $actual for $expected", ({ actual, expected }) => {
    expect(failure([actual], [expected])).toBe("passed");
  });

  test.each([
    { actual: 0.51, expected: 0 },
    { actual: 10.51, expected: 8 },
    { actual: 5.49, expected: 8 },
    { actual: Number.NaN, expected: 0 },
    { actual: 0, expected: Number.NaN },
    { actual: Number.NaN, expected: Number.NaN },
    { actual: Infinity, expected: 0 },
    { actual: 0, expected: Infinity },
    { actual: Infinity, expected: Infinity },
    { actual: -Infinity, expected: Infinity },
  ])("refuses $actual for $expected", ({ actual, expected }) => {
    expect(failure([actual], [expected])).toContain(`got ${actual}, expected ${expected}`);
  });

  test("refuses arrays of different lengths, and nothing at all", () => {
    expect(failure([1, 2], [1])).toContain("number of values");
    expect(failure([], [])).toContain("no numbers");
  });

  test("reports counts, positions, the worst pair and the tolerance", () => {
    const message = failure([0, 1, 2, 30, 4, 6.5], [0, 1, 2, 3, 4, 5], [2, 3]);
    expect(message).toContain("[2, 3]: 1 of 6");
    expect(message).toContain("0.5 + 0.25 * |expected|");
    expect(message).toContain("made up");
    expect(message).toContain("  [1, 0] got 30, expected 3, off by 27");
    expect(message).toContain("worst: [1, 0]");
  });

  test("lists only the first few mismatches, and NaN as the worst", () => {
    const message = failure([9, 9, 9, 9, 9, 9, Number.NaN, 999], new Array(8).fill(0));
    expect(message).toContain("8 of 8");
    expect(message.match(/got 9,/g)).toHaveLength(5);
    expect(message).toContain("worst: [6] got NaN");
  });
});
