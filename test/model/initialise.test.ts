import { describe, expect, test } from "vitest";
import { type Initialiser, initialise } from "../../src/model/initialise.ts";
import { sizesOf } from "../../src/model/parameters.ts";
import { settings } from "../../src/model/settings.ts";

// Not square, so that fan-in and fan-out cannot be mixed up; 60,000 weights in the first layer.
const sizes = [300, 200, 10];
const inputs = 300;
const outputs = 200;

function firstWeight(initialiser: Initialiser, seed = 1): Float32Array {
  return Float32Array.from(initialise(sizes, initialiser, seed)[0].weight);
}

function statistics(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    mean,
    deviation: Math.sqrt(variance),
    largest: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0),
  };
}

const normals = [
  { initialiser: "article", deviation: 1 / Math.sqrt(inputs) },
  { initialiser: "glorot-normal", deviation: Math.sqrt(2 / (inputs + outputs)) },
  { initialiser: "he-normal", deviation: Math.sqrt(2 / inputs) },
] as const;

const uniforms = [
  { initialiser: "glorot-uniform", bound: Math.sqrt(6 / (inputs + outputs)) },
  { initialiser: "uniform", bound: 1 / Math.sqrt(inputs) },
] as const;

describe("initialise", () => {
  test.each(normals)("$initialiser is normal with the deviation of its formula", (expected) => {
    const { mean, deviation, largest } = statistics(firstWeight(expected.initialiser));
    const count = inputs * outputs;
    // Five standard errors of the mean, and of the deviation.
    expect(Math.abs(mean)).toBeLessThan((5 * expected.deviation) / Math.sqrt(count));
    expect(Math.abs(deviation / expected.deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * count));
    // The largest of 60,000 normal numbers lies between 3.5 and 6 deviations; a uniform one ends at 1.7.
    expect(largest / expected.deviation).toBeGreaterThan(3.5);
    expect(largest / expected.deviation).toBeLessThan(6);
  });

  test.each(uniforms)("$initialiser is uniform up to the bound of its formula", ({ initialiser, bound }) => {
    const { mean, deviation, largest } = statistics(firstWeight(initialiser));
    const count = inputs * outputs;
    const expected = bound / Math.sqrt(3);
    expect(Math.abs(mean)).toBeLessThan((5 * expected) / Math.sqrt(count));
    // The standard error of a uniform sample's deviation is sqrt(1/5) of the deviation over sqrt(count).
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(5 * Math.sqrt(0.2 / count));
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(largest).toBeGreaterThan(0.999 * bound);
  });

  test("zeros are zeros", () => {
    expect(firstWeight("zeros").every((value) => value === 0)).toBe(true);
  });

  test.each(settings.initialiser.choices!)(
    "%s gives float32 parameters of the sizes asked for",
    (initialiser) => {
      for (const widths of [sizes, [3, 2], [5, 4, 3, 2, 1]]) {
        const parameters = initialise(widths, initialiser, 1);
        expect(sizesOf(parameters)).toEqual(widths);
        for (const layer of parameters) {
          expect(layer.weight).toBeInstanceOf(Float32Array);
          expect(layer.weight.length).toBe(layer.inputs * layer.outputs);
          expect(layer.weight.every(Number.isFinite)).toBe(true);
          expect(layer.bias).toEqual(new Float32Array(layer.outputs));
        }
      }
    },
  );

  test("the same seed gives the same weights, another one others", () => {
    expect(firstWeight("article", 3)).toEqual(firstWeight("article", 3));
    expect(firstWeight("article", 3)).not.toEqual(firstWeight("article", 4));
  });

  test("layers differ from each other, and do not depend on the layers that follow", () => {
    const [first, second] = initialise([20, 20, 20], "uniform", 1);
    expect(first.weight).not.toEqual(second.weight);
    expect(initialise([20, 20, 7], "uniform", 1)[0]).toEqual(first);
  });
});
