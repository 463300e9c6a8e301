import { expect, test } from "vitest";
import { initialise } from "../../src/model/initialise.ts";
import { foldNormalisation } from "../../src/model/normalisation.ts";
import type { Parameters } from "../../src/model/parameters.ts";

/** What the first layer computes of `input`, `[outputs]`, in float64. */
const sums = ([{ inputs, outputs, weight, bias }]: Parameters, input: readonly number[]) =>
  Array.from({ length: outputs }, (_, row) =>
    input.reduce((sum, value, column) => sum + weight[row * inputs + column] * value, bias[row]),
  );

test.each([
  [0.1307, 0.3081],
  [0.5, 0.5],
  [-3, 250],
])("a folded network computes of pixels what it did of normalised ones: mean %d, std %d", (mean, std) => {
  const [first, second] = initialise([30, 5, 3], "he-normal", 4);
  first.bias.set([1, -2, 0.5, 0, 3]);
  const pixels = Array.from({ length: 30 }, (_, index) => (index % 7) / 6);
  const folded = foldNormalisation([first, second], { mean, std }, "f");
  const normalised = pixels.map((pixel) => (pixel - mean) / std);
  const expected = sums([first], normalised);
  for (const [row, sum] of sums(folded, pixels).entries()) expect(sum).toBeCloseTo(expected[row], 5);
  expect(folded[1]).toBe(second);
});

test("what float32 cannot hold is refused", () => {
  const parameters = initialise([30, 3], "he-normal", 4);
  expect(() => foldNormalisation(parameters, { mean: 0, std: 1e-40 }, "f.safetensors")).toThrow(
    /^--mean 0 --std 1e-40: .* f\.safetensors is beyond what float32 can hold/,
  );
});
