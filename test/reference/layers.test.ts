import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../src/model/settings.ts";
import { activations } from "../../src/reference/activations.ts";
import { backward } from "../../src/reference/backward.ts";
import { batchMetrics } from "../../src/reference/batch-metrics.ts";
import { hiddenDropout } from "../../src/reference/dropout.ts";
import { forward } from "../../src/reference/forward.ts";
import { gather, gatherLabels } from "../../src/reference/gather.ts";
import { biasGradient, update, weightGradient } from "../../src/reference/update.ts";
import { expectClose } from "../helpers/tolerance.ts";

// Worked by hand, in whole numbers, on shapes whose extents all differ.
const shape = { batch: 2, inputs: 3, outputs: 4 };
const input = [1, 2, 3, /**/ -1, 0, 5];
const weight = [1, 0, 0, /**/ 0, 1, 0, /**/ 1, 1, 1, /**/ 2, -1, 3];
const bias = [10, 20, 30, 40];
const layer = { ...shape, weight: Float64Array.from(weight), bias: Float64Array.from(bias) };
const dZ = [1, 2, 3, 4, /**/ 5, 6, 7, 8];
const dW = [1 - 5, 2, 3 + 25, /**/ 2 - 6, 4, 6 + 30, /**/ 3 - 7, 6, 9 + 35, /**/ 4 - 8, 8, 12 + 40];
const db = [6, 8, 10, 12];

const floats = (values: readonly number[]) => Float64Array.from(values);
/** An output buffer larger than needed, as for a short mini-batch, full of what an earlier use left. */
const used = (length: number) => new Float64Array(length + 5).fill(Number.NaN);

describe("forward", () => {
  test("adds bias to X Wᵀ and applies the activation", () => {
    const logits = forward(floats(input), layer, 2, "identity");
    expect([...logits]).toEqual([11, 22, 36, 49, /**/ 9, 20, 34, 53]);
    const saturated = forward(
      floats([1, -1]),
      { inputs: 1, outputs: 1, weight: floats([1000]), bias: floats([0]) },
      2,
      "sigmoid",
    );
    expect([...saturated]).toEqual([1, 0]);
  });

  test("writes the rows of the mini-batch and no more", () => {
    const output = used(8);
    forward(floats(input), layer, 2, "identity", { output });
    expect([...output.subarray(0, 8)]).toEqual([11, 22, 36, 49, /**/ 9, 20, 34, 53]);
    expect(output.subarray(8).every(Number.isNaN)).toBe(true);
  });
});

describe("forward, for training", () => {
  const z = [-1, 0, 0.5, 1, 2];
  const layer = { inputs: 1, outputs: 5, weight: floats(z), bias: floats([0, 0, 0, 0, 0]) };

  test("leaves the activation's derivatives beside its values", () => {
    const derivatives = used(5);
    const a = forward(floats([1]), layer, 1, "silu", { derivatives });
    expect([...a]).toEqual(z.map(activations.silu.apply));
    expect([...derivatives.subarray(0, 5)]).toEqual(z.map(activations.silu.slope));
    expect(derivatives.subarray(5).every(Number.isNaN)).toBe(true);
  });

  test("multiplies both by the factors of dropout", () => {
    const dropout = { probability: 0.5, seed: 1, step: 2, layer: 3 };
    const factors = [...hiddenDropout(dropout, 1, 5)];
    expect(new Set(factors)).toEqual(new Set([0, 2]));
    const derivatives = new Float64Array(5);
    const a = forward(floats([1]), layer, 1, "identity", { derivatives, dropout });
    expect([...derivatives]).toEqual(factors);
    expectClose(
      a,
      z.map((value, n) => value * factors[n]),
      { atol: 0, rtol: 0, reason: "the same product" },
    );
  });
});

describe("backward", () => {
  const dInput = [1 + 3 + 8, 2 + 3 - 4, 3 + 12, /**/ 5 + 7 + 16, 6 + 7 - 8, 7 + 24];

  test("is dZ W where every slope is 1", () => {
    const output = used(6);
    backward(floats(dZ), floats(weight), used(6).fill(1), shape, output);
    expect([...output.subarray(0, 6)]).toEqual(dInput);
    expect(output.subarray(6).every(Number.isNaN)).toBe(true);
  });

  test("multiplies by the derivatives of the layer before", () => {
    const derivatives = [0.25, 0.1875, 0, /**/ 0, 0.25, 0.1875];
    const gradient = backward(floats(dZ), floats(weight), floats(derivatives), shape);
    expect([...gradient]).toEqual(dInput.map((value, index) => value * derivatives[index]));
  });
});

describe("update", () => {
  const samples = { batch: 2, dZ: floats(dZ), input: floats(input) };

  test("the weight gradient is dZᵀ X, the bias gradient the column sums of dZ", () => {
    expect([...weightGradient(floats(dZ), floats(input), shape)]).toEqual(dW);
    expect([...biasGradient(floats(dZ), shape)]).toEqual(db);
  });

  test("gradients do not add to what their buffers held", () => {
    const stale = new Float64Array(12).fill(Number.NaN);
    expect([...weightGradient(floats(dZ), floats(input), shape, stale)]).toEqual(dW);
    expect([...biasGradient(floats(dZ), shape, new Float64Array(4).fill(Number.NaN))]).toEqual(db);
  });

  test("steps against the gradient, in place", () => {
    const newWeight = floats(weight);
    const newBias = floats(bias);
    const step = { ...defaultConfig, number: 1, learningRate: 0.5 };
    update({ ...shape, weight: newWeight, bias: newBias }, samples, step, {});
    expect([...newWeight]).toEqual(weight.map((value, index) => value - 0.5 * dW[index]));
    expect([...newBias]).toEqual([7, 16, 25, 34]);
  });

  test("decays weights and not biases, and says so in no gradient", () => {
    const newWeight = floats(weight);
    const newBias = floats(bias);
    const gradient = { weight: used(7), bias: new Float64Array(4) };
    const step = { ...defaultConfig, number: 1, learningRate: 0.5, weightDecay: 0.25 };
    update({ ...shape, weight: newWeight, bias: newBias }, samples, step, {}, gradient);
    expect([...newWeight]).toEqual(weight.map((w, index) => w - 0.5 * (dW[index] + 0.25 * w)));
    expect([...newBias]).toEqual([7, 16, 25, 34]);
    expect([...gradient.weight]).toEqual(dW);
  });
});

describe("gather", () => {
  const images = Uint8Array.of(0, 51, /**/ 102, 153, /**/ 204, 255);
  const order = Uint32Array.of(1, 2, 0, 2);

  test("takes the images that the window of the order names, as byte / 255", () => {
    const pixels = gather(images, order, { first: 1, size: 3 }, 2);
    expect([...pixels]).toEqual([204 / 255, 1, /**/ 0, 51 / 255, /**/ 204 / 255, 1]);
  });

  test("takes their labels", () => {
    expect([...gatherLabels(Uint8Array.of(7, 8, 9), order, { first: 0, size: 3 })]).toEqual([8, 9, 7]);
  });
});

test("batchMetrics sums losses and correct predictions of the mini-batch only", () => {
  const losses = floats([0.5, 1.5, 4, Number.NaN]);
  const metrics = batchMetrics(losses, Uint16Array.of(3, 1, 2, 9), Uint8Array.of(3, 0, 2, 9), 3);
  expect(metrics).toEqual({ loss: 6, correct: 2 });
});
