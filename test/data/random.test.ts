import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/data/random.ts";

const draws = 100_000;

function uniforms(seed: number, purpose: Parameters<typeof randomStream>[1], index?: number, count = 8) {
  const random = randomStream(seed, purpose, index);
  return Array.from({ length: count }, random.uniform);
}

/** Pearson's statistic of `values` in [0, 1) over `bins` equal bins: about `bins` if they are uniform. */
function chiSquare(values: readonly number[], bins: number): number {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.floor(value * bins)]++;
  const expected = values.length / bins;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

// Chi-square with 99 degrees of freedom exceeds 161 once in 10,000 times; the seeds are fixed, so it never flickers.
const chiSquareLimit = 161;

describe("randomStream", () => {
  test("starts the same sequence every time it is asked for", () => {
    expect(uniforms(7, "shuffle", 3)).toEqual(uniforms(7, "shuffle", 3));
  });

  test("gives numbers that stay the same from version to version: published results depend on them", () => {
    expect(uniforms(1, "parameters", 0, 2)).toEqual([0.11318026581862606, 0.7838006479689699]);
    const random = randomStream(1, "shuffle", 2);
    expect(Array.from({ length: 5 }, () => random.integer(60_000))).toMatchInlineSnapshot(`
      [
        36078,
        32516,
        9953,
        54352,
        52430,
      ]
    `);
  });

  test("gives every seed, purpose and index a sequence of its own", () => {
    const sequences = [
      uniforms(1, "parameters"),
      uniforms(2, "parameters"),
      uniforms(4_294_967_295, "parameters"),
      uniforms(1, "shuffle"),
      uniforms(1, "parameters", 1),
      uniforms(1, "parameters", 2),
    ];
    const numbers = sequences.flat();
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("index 0 is where a purpose starts", () => {
    expect(uniforms(5, "digits")).toEqual(uniforms(5, "digits", 0));
  });

  test("uniform() is uniform in [0, 1)", () => {
    const values = uniforms(1, "shuffle", 0, draws);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(chiSquare(values, 100)).toBeLessThan(chiSquareLimit);
  });

  test("the first number of neighbouring indices is uniform, and the next one is not related to it", () => {
    const pairs = Array.from({ length: draws }, (_, index) => uniforms(1, "digits", index, 2));
    const first = pairs.map(([value]) => value);
    expect(chiSquare(first, 100)).toBeLessThan(chiSquareLimit);
    // The pair's cell of a 10x10 grid.
    const cells = pairs.map(([a, b]) => (Math.floor(a * 10) + b) / 10);
    expect(chiSquare(cells, 100)).toBeLessThan(chiSquareLimit);
  });

  test("integer(below) takes every value below equally often", () => {
    const random = randomStream(3, "shuffle");
    const counts = new Array<number>(7).fill(0);
    for (let draw = 0; draw < 7000; draw++) counts[random.integer(7)]++;
    // Five standard deviations of a binomial count: sqrt(7000 * 1/7 * 6/7) = 29.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * 29.3);
    expect(random.integer(1)).toBe(0);
  });

  test("normal() has mean 0, variance 1 and the tails of a normal distribution", () => {
    const random = randomStream(1, "parameters");
    const values = Array.from({ length: draws }, random.normal);
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / draws;
    const within = (sigmas: number) => values.filter((value) => Math.abs(value) < sigmas).length / draws;
    // Five standard errors of each estimate: variances of the moments are 1, 2 and 15; of a share p, p (1 - p).
    const error = (variance: number) => 5 * Math.sqrt(variance / draws);
    expect(Math.abs(moment(1))).toBeLessThan(error(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(error(2));
    expect(Math.abs(moment(3))).toBeLessThan(error(15));
    expect(Math.abs(within(1) - 0.682689)).toBeLessThan(error(0.2166));
    expect(Math.abs(within(2) - 0.9545)).toBeLessThan(error(0.0434));
    expect(Math.abs(within(3) - 0.9973)).toBeLessThan(error(0.0027));
  });
});
