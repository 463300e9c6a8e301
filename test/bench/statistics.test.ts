import { describe, expect, it } from "vitest";
import { figure, medianError, ratios, ratioText, spread } from "../../bench/src/statistics.ts";

describe("spread", () => {
  it("takes the middle of an odd number of values, whatever their order", () => {
    expect(spread([9, 1, 100])).toEqual({ median: 9, min: 1, max: 100 });
  });

  it("takes the mean of the two in the middle of an even number", () => {
    expect(spread([4, 1, 2, 8])).toEqual({ median: 3, min: 1, max: 8 });
  });

  it("refuses to say anything of no value", () => {
    expect(() => spread([])).toThrow(RangeError);
  });
});

describe("ratios", () => {
  it("divides round by round, not median by median", () => {
    // Median by median this would be 100 / 20 = 5; a slow round is slow for both.
    expect(ratios([100, 10, 400], [20, 5, 100])).toEqual({ median: 4, min: 2, max: 5 });
  });

  it("refuses rounds that do not pair up", () => {
    expect(() => ratios([1, 2], [1])).toThrow(RangeError);
  });
});

describe("medianError", () => {
  it("is 1.57 times the middle half's range over the root of the count", () => {
    expect(medianError([5, 1, 2, 4, 3])).toBeCloseTo((1.57 * 2) / Math.sqrt(5), 12);
  });

  it("does not mind one outlier, and shrinks with more of the same", () => {
    const values = [1, 2, 3, 4, 5];
    expect(medianError([1, 2, 3, 4, 500])).toBe(medianError(values));
    expect(medianError([...values, ...values, ...values, ...values])).toBeLessThan(medianError(values));
  });
});

describe("figure", () => {
  it.each([
    [2483.4, "2,480"],
    [93.14, "93.1"],
    [6.739, "6.74"],
    [0.05123, "0.0512"],
    [999.96, "1,000"],
  ])("writes %d with three significant digits", (value, text) => {
    expect(figure(value)).toBe(text);
  });

  it("shows a ratio with its range", () => {
    expect(ratioText({ median: 21.34, min: 19.8, max: 22.41 })).toBe("21.3x (19.8 to 22.4)");
  });
});
