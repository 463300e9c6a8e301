import { describe, expect, test } from "vitest";
import { softmax } from "../../src/reference/softmax.ts";
import { softmaxCrossEntropy } from "../../src/reference/softmax-cross-entropy.ts";
import { expectClose } from "../helpers/tolerance.ts";

const shape = { batch: 2, classes: 3 };
const rounding = { atol: 0, rtol: 1e-14, reason: "a few float64 roundings" };

function results(logits: number[], labels: number[], classes: number) {
  const shape = { batch: labels.length, classes };
  return softmaxCrossEntropy(Float64Array.from(logits), Uint8Array.from(labels), shape);
}

describe("softmax", () => {
  test("is e^z over the row's sum of e^z", () => {
    const logits = [0, Math.log(2), Math.log(5), /**/ 1, 1, 1];
    expectClose(
      softmax(Float64Array.from(logits), shape),
      [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3],
      rounding,
    );
  });

  test.each([90, 1000, 1e4])("does not overflow at ±%d, nor change when a row is shifted by it", (far) => {
    const saturated = softmax(Float64Array.of(far, 0, -far, /**/ -far, -far, far), shape);
    expectClose(saturated, [1, Math.exp(-far), 0, 0, 0, 1], { ...rounding, atol: 1e-60 });
    const shifted = softmax(Float64Array.of(far, far + 1, far + 2, /**/ -far, 1 - far, 2 - far), shape);
    const plain = softmax(Float64Array.of(0, 1, 2, /**/ 0, 1, 2), shape);
    expect(shifted).toEqual(plain);
  });
});

describe("softmaxCrossEntropy", () => {
  test("gives loss, prediction and the gradient of the mean loss", () => {
    const { losses, predicted, gradient } = results(
      [0, Math.log(2), Math.log(5), /**/ 0, 0, Math.log(2)],
      [1, 2],
      3,
    );
    expectClose(losses, [Math.log(8 / 2), Math.log(4 / 2)], rounding);
    expect([...predicted]).toEqual([2, 2]);
    const expected = [1 / 8, 2 / 8 - 1, 5 / 8, /**/ 1 / 4, 1 / 4, 2 / 4 - 1].map((value) => value / 2);
    expectClose(gradient, expected, rounding);
  });

  test("predicts the lowest class of equals", () => {
    expect([...results([1, 3, 3, /**/ 2, 2, 2, /**/ -5, -9, -5], [0, 0, 0], 3).predicted]).toEqual([1, 0, 0]);
  });

  test.each([90, 1e4])("is finite where the label's probability underflows: logits of ±%d", (far) => {
    const { losses, gradient } = results([far, -far, /**/ -far, far], [1, 1], 2);
    expectClose(losses, [2 * far, 0], { ...rounding, atol: 1e-70 });
    expectClose(gradient, [0.5, -0.5, 0, 0], { ...rounding, atol: 1e-70 });
  });

  test("smoothing spreads a share of the target over all classes", () => {
    const logits = [0.5, -1, 2, /**/ 3, 0, 0];
    const smoothing = 0.3;
    const plain = results(logits, [1, 0], 3);
    const smooth = softmaxCrossEntropy(Float64Array.from(logits), Uint8Array.of(1, 0), shape, { smoothing });
    expect(smooth.predicted).toEqual(plain.predicted);
    // The loss against a mixture of targets is the mixture of the losses against each of them.
    const against = [0, 1, 2].map((label) => results(logits, [label, label], 3));
    const mixed = (of: (r: typeof plain) => ArrayLike<number>) =>
      Array.from(of(plain), (value, i) => {
        const mean = against.reduce((sum, r) => sum + of(r)[i] / 3, 0);
        return (1 - smoothing) * value + smoothing * mean;
      });
    expectClose(
      smooth.losses,
      mixed((r) => r.losses),
      rounding,
    );
    expectClose(
      smooth.gradient,
      mixed((r) => r.gradient),
      { ...rounding, atol: 1e-16 },
    );
  });

  test.each([90, 1e4])("smoothing is finite at logits of ±%d", (far) => {
    const { losses } = softmaxCrossEntropy(
      Float64Array.of(far, -far),
      Uint8Array.of(0),
      { batch: 1, classes: 2 },
      {
        smoothing: 0.5,
      },
    );
    expectClose(losses, [0.25 * 2 * far], rounding);
  });

  test("gives NaN for logits that are not numbers", () => {
    expect(results([0, Number.NaN], [0], 2).losses[0]).toBeNaN();
    expect(results([0, Infinity], [0], 2).losses[0]).toBeNaN();
  });
});
