import { backward as referenceBackward } from "../../reference/backward.ts";
import type { DropoutKey } from "../../reference/dropout.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import type { Activation } from "../activation.ts";
import { backwardParts } from "../backward-parts.ts";
import { backwardPartsUnrolled, backwardUnrolled } from "../backward-unrolled.ts";
import { forwardTiled, partsTiled } from "../forward-tiled.ts";
import { forwardUnrolled, partsUnrolled } from "../forward-unrolled.ts";
import type { LayerInput } from "../input.ts";
import { vectors, vectorWidth } from "../layout.ts";
import { sumParts } from "../sum-parts.ts";
import { type KernelBench, padRows, TestData } from "./bench.ts";
import { elementwise, type KernelCase, rowsCheck, sums } from "./case.ts";
import { type LayerShape, layerInput, shapeName } from "./shapes.ts";
import { drawnBy, type LayerVariant, trainingOf, variantName } from "./training-variant.ts";

const partsForms = {
  forward_unrolled: { sums: forwardUnrolled, partsOf: partsUnrolled },
  forward_tiled: { sums: forwardTiled, partsOf: partsTiled },
};

/** The sums in parts, added up here in float64, are those of the reference without bias and activation. */
export function forwardPartsCase(
  kernel: keyof typeof partsForms,
  shape: LayerShape,
  kind: LayerInput["kind"],
): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel,
    case: `${shapeName(shape)}, ${kind}`,
    async run(bench) {
      const { sums: form, partsOf } = partsForms[kernel];
      const data = new TestData(inputs * outputs + 1);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const weight = data.normal(outputs * inputs, 1 / Math.sqrt(inputs));
      const { layer, parameters } = bench.uploadLayer(weight, data.normal(outputs), inputs, outputs);
      const parts = partsOf(layer, batch);
      const partials = bench.output("partials", parts * batch * vectors(outputs) * vectorWidth);
      const result = await bench.run(form(layer, batch, input, { parameters, partials }), step, partials);
      const actual = addedUp(new Float32Array(result), parts, batch, outputs);
      const none = new Float32Array(outputs);
      const expected = padRows(
        Float32Array.from(referenceForward(values, weight, none, shape, "identity")),
        outputs,
      );
      return [{ what: `Z in ${parts} parts`, actual, expected, ...sums(inputs) }];
    },
  };
}

/** Random sums in parts of a layer of `outputs` neurons, and what they and the bias come to `[batch, outputs]`. */
export function partialSums(bench: KernelBench, data: TestData, { batch, inputs, outputs }: LayerShape) {
  const parts = 3;
  const z = data.normal(batch * parts * outputs);
  const bias = data.normal(outputs);
  const weight = data.normal(outputs * inputs);
  const sums = Float64Array.from({ length: batch * outputs }, (_, at) => {
    const neuron = at % outputs;
    let sum = bias[neuron];
    for (let part = 0; part < parts; part++) {
      sum += z[(Math.floor(at / outputs) * parts + part) * outputs + neuron];
    }
    return sum;
  });
  const partials = bench.uploadRows("partials", z, outputs);
  return { parts, partials, weight, bias, sums };
}

/** What a hidden layer makes of its weighted sums, by the reference: they pass through a layer of unit weights. */
export function hiddenOutputs(
  sums: Float64Array,
  { batch, outputs }: LayerShape,
  activation: Activation,
  dropout: DropoutKey | undefined,
) {
  const unit = Float64Array.from({ length: outputs * outputs }, (_, at) => Number(at % (outputs + 1) === 0));
  const shape = { batch, inputs: outputs, outputs };
  const slopes = new Float64Array(batch * outputs);
  const options = { slopes, ...(dropout && { dropout }) };
  const a = referenceForward(sums, unit, new Float64Array(outputs), shape, activation, options);
  return { a, slopes };
}

export function sumPartsCase(
  shape: LayerShape,
  variant: Omit<LayerVariant, "kind">,
  samples: number,
): KernelCase {
  const { batch, inputs, outputs } = shape;
  const { activation, dropout } = variant;
  return {
    kernel: "sum_parts",
    case: `${shapeName(shape)}, ${variantName({ kind: "floats", ...variant })}, ${samples} at once`,
    async run(bench) {
      const data = new TestData(inputs + 7);
      const { parts, partials, weight, bias, sums } = partialSums(bench, data, shape);
      const { layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      const { does, key, slopes } = trainingOf(bench, variant, batch, outputs);
      const result = bench.outputRows("outputs", batch, outputs);
      const call = sumParts(layer, parts, does, samples, batch, { partials, parameters, outputs: result });
      const step = { first: 0, size: batch, ...drawnBy(key) };
      const [actual, actualSlopes] = await bench.runSteps(call, [step], 0, [result, slopes]);
      const expected = hiddenOutputs(sums, shape, activation, dropout === undefined ? undefined : key);
      return [
        rowsCheck("A", actual, expected.a, outputs, elementwise),
        ...(dropout === undefined
          ? []
          : [rowsCheck("slopes", actualSlopes, expected.slopes, outputs, elementwise)]),
      ];
    },
  };
}

/** The sums of `backward` in parts, added up here in float64, are those of the reference with slopes of 1. */
export function backwardUnrolledCase(shape: LayerShape): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "backward_unrolled",
    case: shapeName(shape),
    async run(bench) {
      const data = new TestData(inputs + outputs + 3);
      const gradient = data.normal(batch * outputs);
      const weight = data.normal(outputs * inputs);
      const { layer, parameters } = bench.uploadLayer(weight, data.normal(outputs), inputs, outputs);
      const parts = backwardPartsUnrolled(layer);
      const partials = bench.output("partials", batch * parts * vectors(inputs) * vectorWidth);
      const uploaded = bench.uploadRows("gradient", gradient, outputs);
      const call = backwardUnrolled(layer, batch, { gradient: uploaded, parameters, partials });
      const result = new Float32Array(await bench.run(call, { first: 0, size: batch }, partials));
      const actual = addedUp(result, parts, batch, inputs);
      const ones = new Float64Array(batch * inputs).fill(1);
      const expected = padRows(Float32Array.from(referenceBackward(gradient, weight, ones, shape)), inputs);
      return [{ what: `dA in ${parts} parts`, actual, expected, ...sums(outputs) }];
    },
  };
}

export function backwardPartsCase(shape: LayerShape): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "backward_parts",
    case: shapeName(shape),
    async run(bench) {
      const data = new TestData(inputs + outputs + 4);
      const parts = 3;
      const values = data.normal(batch * parts * inputs);
      const slopes = data.normal(batch * inputs);
      const { layer } = bench.uploadLayer(
        data.normal(outputs * inputs),
        data.normal(outputs),
        inputs,
        outputs,
      );
      const previous = bench.uploadRows("slopes, then previous gradient", slopes, inputs);
      const partials = bench.uploadRows("partials", values, inputs);
      const call = backwardParts(layer, parts, batch, { partials, previous_gradient: previous });
      const paddedSlopes = padRows(slopes, inputs);
      const expected = addedUp(padRows(values, inputs), parts, batch, inputs).map(
        (sum, at) => sum * paddedSlopes[at],
      );
      const actual = new Float32Array(await bench.run(call, { first: 0, size: batch }, previous));
      return [{ what: "dZ", actual: actual.subarray(0, expected.length), expected, ...elementwise }];
    },
  };
}

/** Sums over the parts of `[batch, parts, columns]`, rows padded, in float64 `[batch, columns]`, rows padded. */
function addedUp(values: Float32Array, parts: number, batch: number, columns: number): Float64Array {
  const stride = vectors(columns) * vectorWidth;
  return Float64Array.from({ length: batch * stride }, (_, at) => {
    const sample = Math.floor(at / stride);
    let sum = 0;
    for (let part = 0; part < parts; part++) sum += values[(sample * parts + part) * stride + (at % stride)];
    return sum;
  });
}
