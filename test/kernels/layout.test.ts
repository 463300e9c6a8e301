import { expect, test } from "vitest";
import { packParameters, parameterLayout, unpackParameters } from "../../src/kernels/lib/layout.ts";
import { initialise } from "../../src/model/initialise.ts";

const layout = parameterLayout([10, 3, 2]);

test("parameters come back as they were", () => {
  const parameters = initialise([10, 3, 2], "article", 1);
  expect(unpackParameters(layout, packParameters(layout, parameters))).toEqual(parameters);
});

test("a row has a neuron's weights, padded to whole vectors, then its bias", () => {
  const numbered = (inputs: number, outputs: number, from: number) => ({
    inputs,
    outputs,
    weight: Float32Array.from({ length: inputs * outputs }, (_, index) => from + index),
    bias: Float32Array.from({ length: outputs }, (_, index) => -from - index),
  });
  const packed = packParameters(layout, [numbered(10, 3, 1), numbered(3, 2, 101)]);
  expect([...packed.subarray(16, 32)]).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 0, 0, -2, 0, 0, 0]);
  const { offset } = layout.layers[1];
  expect([...packed.subarray(offset * 4, offset * 4 + 8)]).toEqual([101, 102, 103, 0, -101, 0, 0, 0]);
});
