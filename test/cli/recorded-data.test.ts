import { expect, it } from "vitest";
import { recordedRequest } from "../../src/cli/recorded-data.ts";

it.each([
  ["MNIST, whatever else there would be", "auto", "MNIST", undefined, { dataset: "mnist" }],
  ["digits that took its place", "auto", "built-in digits", undefined, { dataset: "synthetic" }],
  ["what has a name", "kmnist", "KMNIST", undefined, { dataset: "kmnist" }],
  ["what the user names", "auto", "built-in digits", "here", { dataset: "mnist", data: "here" }],
  ["what the user names for it", "kmnist", "KMNIST", "here", { dataset: "mnist", data: "here" }],
] as const)("of a run's data it is loaded again: %s", (_, dataset, name, data, expected) => {
  expect(recordedRequest({ dataset }, name, data)).toEqual(expected);
});
