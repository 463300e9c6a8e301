import { expect, test } from "vitest";
import { percentage } from "../../src/data/percentage.ts";

test.each([
  [1, 2, "100.00"],
  [39_999 / 40_000, 2, "99.99"],
  [0.9994, 1, "99.9"],
  [0.9996, 1, "99.9"],
  [0.9996, 2, "99.96"],
  [0, 2, "0.00"],
  [0.92345, 2, "92.34"],
  [Number.NaN, 2, "NaN"],
])("%s with %i digits is %s%%", (fraction, digits, text) => expect(percentage(fraction, digits)).toBe(text));
