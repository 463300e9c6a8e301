import { backward as referenceBackward } from "../../reference/backward.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { type FormName, forms } from "../forms.ts";
import { TestData } from "./bench.ts";
import { type KernelCase, rowsCheck, sums } from "./case.ts";
import { placedLayer } from "./placed-layer.ts";
import { type LayerShape, layerInput, shapeName } from "./shapes.ts";
import { drawnBy, type LayerVariant, trainingOf, variantName } from "./training-variant.ts";

/** A kernel of a form by its name. */
export function kernelOf(kernel: string, form: FormName): string {
  return form === "portable" ? kernel : `${kernel}_${form}`;
}

/** A layer forward, all that its form does for it. */
export function forwardCase(name: FormName, shape: LayerShape, variant: LayerVariant): KernelCase {
  const { batch, inputs, outputs } = shape;
  const { kind, activation, scale = 1, dropout } = variant;
  const form = forms[name];
  return {
    kernel: kernelOf("forward", name),
    case: `${shapeName(shape)}, ${variantName(variant)}`,
    form,
    async run(bench) {
      const data = new TestData(inputs * outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const weight = data.normal(outputs * inputs, scale / Math.sqrt(inputs));
      const bias = data.normal(outputs, scale);
      const { layer: layout, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      // One row more than the mini-batch has: a batch shorter than what the kernel was made for leaves it alone.
      const result = bench.outputRows("outputs", batch + 1, outputs);
      const { does, key, derivatives } = trainingOf(bench, variant, batch + 1, outputs);
      const calls = form.forward(
        placedLayer(bench, { form, layout, batch: batch + 1, parameters, input, does, outputs: result }),
      );
      const [actual, actualDerivatives] = await bench.runSteps(calls, [{ ...step, ...drawnBy(key) }], 0, [
        result,
        derivatives,
      ]);
      const expectedDerivatives = new Float64Array(batch * outputs);
      const expected = referenceForward(values, { inputs, outputs, weight, bias }, batch, activation, {
        derivatives: expectedDerivatives,
        ...(dropout !== undefined && { dropout: key }),
      });
      const { tolerance, reason } = sums(inputs);
      const scaled = { reason, tolerance: { ...tolerance, atol: tolerance.atol * scale } };
      return [
        rowsCheck("A", actual, expected, outputs, scaled),
        ...(dropout === undefined
          ? []
          : [rowsCheck("derivatives", actualDerivatives, expectedDerivatives, outputs, scaled)]),
      ];
    },
  };
}

/** A layer backward, all that its form does for it. */
export function backwardCase(name: FormName, shape: LayerShape): KernelCase {
  const { batch, inputs, outputs } = shape;
  const form = forms[name];
  return {
    kernel: kernelOf("backward", name),
    case: shapeName(shape),
    form,
    async run(bench) {
      const data = new TestData(inputs + outputs);
      const gradient = data.normal(batch * outputs);
      const derivatives = data.normal(batch * inputs);
      const weight = data.normal(outputs * inputs);
      const { layer: layout, parameters } = bench.uploadLayer(weight, data.normal(outputs), inputs, outputs);
      const result = bench.uploadRows("derivatives, then previous gradient", derivatives, inputs);
      const gradients = bench.uploadRows("gradient", gradient, outputs);
      const place = { form, layout, batch: batch + 1, parameters, gradient: gradients };
      const calls = form.backward(placedLayer(bench, place), result);
      const expected = referenceBackward(gradient, weight, derivatives, shape);
      const [actual] = await bench.runSteps(calls, [{ first: 0, size: batch }], 0, [result]);
      return [rowsCheck("dZ", actual, expected, inputs, sums(outputs))];
    },
  };
}
