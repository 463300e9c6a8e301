import { expect, test } from "vitest";
import { packParameters, parameterLayout, unpackParameters } from "../../src/kernels/layout.ts";
import { initialise } from "../../src/model/initialise.ts";

const sizes = [10, 3, 2];

test("parameters come back as they were, whatever the order of the inputs", () => {
  const parameters = initialise(sizes, "article", 1);
  for (const order of [undefined, Uint32Array.of(2, 0, 1)]) {
    const layout = parameterLayout(sizes, order);
    expect(unpackParameters(layout, packParameters(layout, parameters))).toEqual(parameters);
  }
});

test("a row of the first layer has its vectors in the order of the inputs, then the bias; other layers do not", () => {
  const layout = parameterLayout(sizes, Uint32Array.of(2, 0, 1));
  const numbered = (inputs: number, outputs: number, from: number) => ({
    inputs,
    outputs,
    weight: Float32Array.from({ length: inputs * outputs }, (_, index) => from + index),
    bias: Float32Array.from({ length: outputs }, (_, index) => -from - index),
  });
  const packed = packParameters(layout, [numbered(10, 3, 1), numbered(3, 2, 101)]);
  expect([...packed.subarray(16, 32)]).toEqual([19, 20, 0, 0, 11, 12, 13, 14, 15, 16, 17, 18, -2, 0, 0, 0]);
  const { offset } = layout.layers[1];
  expect([...packed.subarray(offset * 4, offset * 4 + 8)]).toEqual([101, 102, 103, 0, -101, 0, 0, 0]);
});
