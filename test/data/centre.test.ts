import { expect, it } from "vitest";
import { centreOfMass } from "../../src/data/centre.ts";

it("finds a single inked pixel", () => {
  const pixels = new Uint8Array(6 * 4);
  pixels[5 * 4 + 3] = 9;
  expect(centreOfMass(pixels, 6, 4)).toEqual({ x: 3, y: 5 });
});

it("weighs pixels by their ink", () => {
  expect(centreOfMass([1, 0, 0, 3], 1, 4)).toEqual({ x: 2.25, y: 0 });
});

it("is the middle of an image without ink", () => {
  expect(centreOfMass(new Uint8Array(5 * 4), 5, 4)).toEqual({ x: 1.5, y: 2 });
});
