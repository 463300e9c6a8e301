import { backward as referenceBackward } from "../../reference/backward.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { backward } from "../backward.ts";
import { backwardUnrolledWhole } from "../backward-unrolled.ts";
import { forward } from "../forward.ts";
import { forwardUnrolledWhole } from "../forward-unrolled.ts";
import { TestData } from "./bench.ts";
import { type KernelCase, rowsCheck, sums } from "./case.ts";
import { type LayerShape, layerInput, shapeName } from "./shapes.ts";
import { drawnBy, type LayerVariant, trainingOf, variantName } from "./training-variant.ts";

const forwards = { forward, forward_unrolled: forwardUnrolledWhole };
const backwards = { backward, backward_unrolled: backwardUnrolledWhole };

/** A whole layer in one dispatch. The unrolled form takes only shapes that are one part to it. */
export function forwardCase(
  kernel: keyof typeof forwards,
  shape: LayerShape,
  variant: LayerVariant,
): KernelCase {
  const { batch, inputs, outputs } = shape;
  const { kind, activation, scale = 1, dropout } = variant;
  return {
    kernel,
    case: `${shapeName(shape)}, ${variantName(variant)}`,
    async run(bench) {
      const data = new TestData(inputs * outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const weight = data.normal(outputs * inputs, scale / Math.sqrt(inputs));
      const bias = data.normal(outputs, scale);
      const { layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      // One row more than the mini-batch has: a batch shorter than what the kernel was made for leaves it alone.
      const result = bench.outputRows("outputs", batch + 1, outputs);
      const { does, key, derivatives } = trainingOf(bench, variant, batch + 1, outputs);
      const call = forwards[kernel](layer, does, batch + 1, input, { parameters, outputs: result });
      const [actual, actualSlopes] = await bench.runSteps(call, [{ ...step, ...drawnBy(key) }], 0, [
        result,
        derivatives,
      ]);
      const expectedSlopes = new Float64Array(batch * outputs);
      const expected = referenceForward(values, weight, bias, shape, activation, {
        derivatives: expectedSlopes,
        ...(dropout !== undefined && { dropout: key }),
      });
      const { tolerance, reason } = sums(inputs);
      const scaled = { reason, tolerance: { ...tolerance, atol: tolerance.atol * scale } };
      return [
        rowsCheck("A", actual, expected, outputs, scaled),
        ...(dropout === undefined
          ? []
          : [rowsCheck("derivatives", actualSlopes, expectedSlopes, outputs, scaled)]),
      ];
    },
  };
}

export function backwardCase(kernel: keyof typeof backwards, shape: LayerShape): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel,
    case: shapeName(shape),
    async run(bench) {
      const data = new TestData(inputs + outputs);
      const gradient = data.normal(batch * outputs);
      const derivatives = data.normal(batch * inputs);
      const weight = data.normal(outputs * inputs);
      const { layer, parameters } = bench.uploadLayer(weight, data.normal(outputs), inputs, outputs);
      const result = bench.uploadRows("derivatives, then previous gradient", derivatives, inputs);
      const call = backwards[kernel](layer, batch + 1, {
        gradient: bench.uploadRows("gradient", gradient, outputs),
        parameters,
        previous_gradient: result,
      });
      const expected = referenceBackward(gradient, weight, derivatives, shape);
      const actual = await bench.run(call, { first: 0, size: batch }, result);
      return [rowsCheck("dZ", actual, expected, inputs, sums(outputs))];
    },
  };
}
