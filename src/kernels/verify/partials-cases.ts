import type { LayerActivation } from "../../model/activations.ts";
import type { DropoutKey } from "../../reference/dropout.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { backwardPartials, forwardPartials } from "../split-k/split-k.ts";
import { type KernelBench, TestData } from "./bench.ts";
import { elementwise, type KernelCase, rowsCheck } from "./case.ts";
import { type LayerShape, shapeName } from "./shapes.ts";
import { drawnBy, type LayerVariant, trainingOf, variantName } from "./training-variant.ts";

/** The slices of all partial sums here. */
export const slices = 3;

/** Random partial sums of a layer of `outputs` neurons, and what they and the bias come to `[batch, outputs]`. */
export function partialSums(bench: KernelBench, data: TestData, { batch, inputs, outputs }: LayerShape) {
  const z = data.normal(batch * slices * outputs);
  const bias = data.normal(outputs);
  const weight = data.normal(outputs * inputs);
  const total = addedUp(z, batch, outputs).map((sum, at) => sum + bias[at % outputs]);
  return { partials: bench.uploadRows("partials", z, outputs), weight, bias, total };
}

/** What a hidden layer makes of its weighted sums, by the reference: they pass through a layer of unit weights. */
export function hiddenOutputs(
  sums: Float64Array,
  { batch, outputs }: LayerShape,
  activation: LayerActivation,
  dropout: DropoutKey | undefined,
) {
  const unit = Float64Array.from({ length: outputs * outputs }, (_, at) => Number(at % (outputs + 1) === 0));
  const layer = { inputs: outputs, outputs, weight: unit, bias: new Float64Array(outputs) };
  const derivatives = new Float64Array(batch * outputs);
  const options = { derivatives, ...(dropout && { dropout }) };
  const a = referenceForward(sums, layer, batch, activation, options);
  return { a, derivatives };
}

/** @param adding samples that one invocation computes, and slices that it loads before it uses them */
export function forwardPartialsCase(
  shape: LayerShape,
  variant: Omit<LayerVariant, "kind">,
  adding: { samples: number; together: number },
): KernelCase {
  const { batch, inputs, outputs } = shape;
  const { activation, dropout } = variant;
  return {
    kernel: "forward_partials",
    case: `${shapeName(shape)}, ${variantName({ kind: "floats", ...variant })}, ${adding.samples} at once, ${adding.together} together`,
    async run(bench) {
      const data = new TestData(inputs + 7);
      const { partials, weight, bias, total } = partialSums(bench, data, shape);
      const { layer: layout, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      const { does, key, derivatives } = trainingOf(bench, variant, batch, outputs);
      const result = bench.outputRows("outputs", batch, outputs);
      const call = forwardPartials(
        { layout, batch, parameters, does, outputs: result, partials },
        slices,
        adding,
      );
      const step = { first: 3, size: batch, ...drawnBy(key) };
      const [actual, actualDerivatives] = await bench.runSteps([call], [step], 0, [result, derivatives]);
      const expected = hiddenOutputs(total, shape, activation, dropout === undefined ? undefined : key);
      return [
        rowsCheck("A", actual, expected.a, outputs, elementwise),
        ...(dropout === undefined
          ? []
          : [rowsCheck("derivatives", actualDerivatives, expected.derivatives, outputs, elementwise)]),
      ];
    },
  };
}

export function backwardPartialsCase(shape: LayerShape, together: number): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "backward_partials",
    case: `${shapeName(shape)}, ${together} together`,
    async run(bench) {
      const data = new TestData(inputs + outputs + 4);
      const values = data.normal(batch * slices * inputs);
      const derivatives = data.normal(batch * inputs);
      const nothing = data.normal(outputs * inputs);
      const { layer: layout } = bench.uploadLayer(nothing, data.normal(outputs), inputs, outputs);
      const previous = bench.uploadRows("derivatives, then previous gradient", derivatives, inputs);
      const partials = bench.uploadRows("partials", values, inputs);
      const call = backwardPartials({ layout, batch, partials }, slices, previous, together);
      const expected = addedUp(values, batch, inputs).map((sum, at) => sum * derivatives[at]);
      const actual = await bench.run(call, { first: 0, size: batch }, previous);
      return [rowsCheck("dZ", actual, expected, inputs, elementwise)];
    },
  };
}

/** Sums over the slices of `[batch, slices, columns]`, in float64 `[batch, columns]`. */
function addedUp(values: Float32Array, batch: number, columns: number): Float64Array {
  return Float64Array.from({ length: batch * columns }, (_, at) => {
    const first = Math.floor(at / columns) * slices * columns + (at % columns);
    return values[first] + values[first + columns] + values[first + 2 * columns];
  });
}
