import { describe, expect, test } from "vitest";
import { activations } from "../../src/reference/activations.ts";
import { expectClose } from "../helpers/tolerance.ts";

const { sigmoid } = activations;

describe("sigmoid", () => {
  test("is 1 / (1 + e^-z)", () => {
    expect(sigmoid.apply(0)).toBe(0.5);
    const z = [-3, -0.5, 0.25, 2, 7];
    expectClose(
      z.map(sigmoid.apply),
      z.map((value) => 1 / (1 + Math.exp(-value))),
      { atol: 0, rtol: 1e-15, reason: "two ways to write it, each rounded a few times" },
    );
  });

  test("stays finite, accurate and within [0, 1] far from zero", () => {
    expectClose([sigmoid.apply(-90)], [Math.exp(-90)], {
      atol: 0,
      rtol: 1e-15,
      reason: "e^-90 is far below 1",
    });
    expect(sigmoid.apply(90)).toBe(1);
    for (const z of [1000, 1e4, Infinity]) {
      expect(sigmoid.apply(z)).toBe(1);
      expect(sigmoid.apply(-z)).toBe(0);
      expect(sigmoid.derivative(sigmoid.apply(z))).toBe(0);
      expect(sigmoid.derivative(sigmoid.apply(-z))).toBe(0);
    }
    expect(sigmoid.apply(Number.NaN)).toBeNaN();
  });
});

test.each(Object.entries(activations))("the derivative of %s is its slope", (_, { apply, derivative }) => {
  const z = [-20, -4, -1, -0.1, 0, 0.3, 1, 5, 20];
  const h = 1e-5;
  expectClose(
    z.map((value) => derivative(apply(value))),
    z.map((value) => (apply(value + h) - apply(value - h)) / (2 * h)),
    {
      atol: 1e-10,
      rtol: 1e-9,
      reason: "central differences: h² for the curvature, 1e-16 / h for the rounding",
    },
  );
});
