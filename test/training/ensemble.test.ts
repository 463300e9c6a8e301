import { expect, it } from "vitest";
import { judge, meanProbabilities } from "../../src/training/ensemble.ts";

it("says the mean of what its members say", () => {
  const [a, b, c] = [
    [0.5, 0.25, 0.25, 0, 0.5, 0.5],
    [0.25, 0.75, 0, 0, 1, 0],
    [0, 0.5, 0.5, 0, 0, 1],
  ].map((row) => Float32Array.from(row));
  expect([...meanProbabilities([a, b, c])]).toEqual([0.25, 0.5, 0.25, 0, 0.5, 0.5]);
});

it("is judged by its loss, and the first of equals is its class", () => {
  const { loss, losses, classes } = judge(
    Float32Array.from([0.25, 0.5, 0.25, 0, 0.5, 0.5]),
    Uint8Array.of(1, 2),
  );
  expect([...classes]).toEqual([1, 1]);
  expect(losses[0]).toBeCloseTo(Math.log(2), 6);
  expect(loss).toBeCloseTo(Math.log(2), 6);
});

it("takes the first class where nothing is a number, as each of its networks does", () => {
  const { loss, classes } = judge(Float32Array.of(Number.NaN, Number.NaN, 0.2, 0.8), Uint8Array.of(1, 1));
  expect([...classes]).toEqual([0, 1]);
  expect(loss).toBeNaN();
});

it("has a finite loss where nobody gave the label anything", () => {
  const { loss } = judge(Float32Array.of(1, 0), Uint8Array.of(1));
  expect(loss).toBeCloseTo(149 * Math.log(2), 3);
});
