import { describe, expect, test } from "vitest";
import { dropoutThreshold, hiddenDropout, inputDropout } from "../../src/reference/dropout.ts";
import { pcg4d } from "../../src/reference/random.ts";

const key = { probability: 0.3, seed: 9, step: 4, layer: 2 };

test("number n of a row is kept by lane n % 4 of its stream's draw floor(n / 4), rows beginning anew", () => {
  const batch = 3;
  const width = 6;
  const expected = (stream: number) =>
    Array.from({ length: batch * width }, (_, at) => {
      const sample = Math.floor(at / width);
      const n = at % width;
      const drawn = pcg4d(9, 4, stream, 2 * sample + Math.floor(n / 4))[n % 4];
      return drawn >= 0.3 * 2 ** 32 ? 1 / (1 - 0.3) : 0;
    });
  expect([...hiddenDropout(key, batch, width)]).toEqual(expected(18));
  expect([...inputDropout(key, batch, width)]).toEqual(expected(2));
});

describe.each([0.01, 0.3, 0.5, 0.9])("of probability %d", (probability) => {
  const width = 4001;
  const batch = 25;
  const factors = hiddenDropout({ ...key, probability }, batch, width);
  const count = factors.length;

  test("leaves that share out and keeps the mean at 1", () => {
    const dropped = factors.filter((factor) => factor === 0).length;
    // The count of independent events has deviation sqrt(n p (1 - p)).
    const deviation = Math.sqrt(count * probability * (1 - probability));
    expect(Math.abs(dropped - count * probability)).toBeLessThan(5 * deviation);
    expect(factors.every((factor) => factor === 0 || factor === 1 / (1 - probability))).toBe(true);
  });
});

test("0 leaves nothing out, and the largest probability that there is nearly everything", () => {
  expect(hiddenDropout({ ...key, probability: 0 }, 5, 400).every((factor) => factor === 1)).toBe(true);
  expect(dropoutThreshold(1 - 2 ** -53)).toBe(2 ** 32 - 1);
});

test.each([
  ["seed", { seed: 10 }],
  ["step", { step: 5 }],
  ["layer", { layer: 3 }],
])("another %s leaves others out", (_, change) => {
  const mask = hiddenDropout(key, 1, 4000);
  const other = hiddenDropout({ ...key, ...change }, 1, 4000);
  const common = mask.filter((factor, n) => (factor === 0) === (other[n] === 0)).length;
  // Independent masks agree where both keep or both drop: 0.7² + 0.3² = 0.58 of the numbers.
  expect(Math.abs(common / 4000 - 0.58)).toBeLessThan(0.05);
});
