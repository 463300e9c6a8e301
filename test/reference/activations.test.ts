import { describe, expect, test } from "vitest";
import { activationNames, activationRows } from "../../src/model/activations.ts";
import { activations } from "../../src/reference/activations.ts";
import { expectClose } from "../helpers/tolerance.ts";

const { sigmoid, tanh, relu, silu, identity } = activations;

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
      expect(sigmoid.slope(z)).toBe(0);
      expect(sigmoid.slope(-z)).toBe(0);
    }
    expect(sigmoid.apply(Number.NaN)).toBeNaN();
  });
});

// A loop that ends where a sum does not change would go on for ever with what is no number.
test.each(activationNames)("%s answers for what is no number, and for what is infinite", (name) => {
  const { apply, slope } = activations[name];
  expect(apply(Number.NaN)).toBeNaN();
  for (const z of [Number.NaN, Infinity, -Infinity])
    expect([typeof apply(z), typeof slope(z)]).toEqual(["number", "number"]);
});

test("the others are what their names say", () => {
  const z = [-30, -2, -0.5, 0, 0.5, 2, 30];
  const rounding = { atol: 0, rtol: 1e-14, reason: "two ways to write it, each rounded a few times" };
  const by = (f: (value: number) => number) => z.map(f);
  expect(by(identity.apply)).toEqual(z);
  expect(by(relu.apply)).toEqual([0, 0, 0, 0, 0.5, 2, 30]);
  expectClose(
    by(tanh.apply),
    by((v) => (Math.exp(v) - Math.exp(-v)) / (Math.exp(v) + Math.exp(-v))),
    rounding,
  );
  expectClose(
    by(silu.apply),
    by((v) => v / (1 + Math.exp(-v))),
    rounding,
  );
});

test.each(Object.entries(activations))("%s and its slope are finite far from zero", (_, { apply, slope }) => {
  for (const z of [-1e4, -90, 90, 1e4]) {
    expect(apply(z)).toBeGreaterThanOrEqual(Math.min(z, -1));
    expect(apply(z)).toBeLessThanOrEqual(Math.max(z, 1));
    expect(slope(z)).toBeGreaterThanOrEqual(-1e-30);
    expect(slope(z)).toBeLessThanOrEqual(1);
  }
});

test.each(activationNames)("%s puts out no more than its row of the table says", (name) => {
  const { limit = Number.POSITIVE_INFINITY } = activationRows[name];
  const most = Math.max(...[-1e4, -3, 0, 3, 1e4].map((z) => Math.abs(activations[name].apply(z))));
  expect(most).toBeLessThanOrEqual(limit);
  // Whatever has no limit goes beyond any.
  expect(most > 100).toBe(activationRows[name].limit === undefined);
});

test("the slope of relu at 0 is that of its flat side", () => expect(relu.slope(0)).toBe(0));

test.each(Object.entries(activations))("the slope of %s is its derivative", (_, { apply, slope }) => {
  const z = [-20, -4, -1, -0.1, 0.2, 0.3, 1, 5, 20];
  const h = 1e-5;
  expectClose(
    z.map(slope),
    z.map((value) => (apply(value + h) - apply(value - h)) / (2 * h)),
    {
      atol: 1e-10,
      rtol: 1e-9,
      reason: "central differences: h² for the curvature, 1e-16 / h for the rounding",
    },
  );
});
