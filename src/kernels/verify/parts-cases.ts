import type { LayerActivation } from "../../model/activations.ts";
import { backward as referenceBackward } from "../../reference/backward.ts";
import type { DropoutKey } from "../../reference/dropout.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { backwardParts } from "../backward-partials.ts";
import { backwardPartsUnrolled, backwardUnrolled } from "../backward-unrolled.ts";
import { sumParts } from "../forward-partials.ts";
import { forwardTiled, partsTiled } from "../forward-tiled.ts";
import { forwardUnrolled, partsUnrolled } from "../forward-unrolled.ts";
import type { LayerInput } from "../input.ts";
import { vectors, vectorWidth } from "../layout.ts";
import type { PartialSums } from "../partial-sums.ts";
import { type KernelBench, padRows, TestData } from "./bench.ts";
import { elementwise, type KernelCase, rowsCheck, sums } from "./case.ts";
import { countInkedParts, type LayerShape, layerInput, shapeName } from "./shapes.ts";
import { drawnBy, type LayerVariant, trainingOf, variantName } from "./training-variant.ts";

const partsForms = {
  forward_unrolled: { sums: forwardUnrolled, partsOf: partsUnrolled },
  forward_tiled: { sums: forwardTiled, partsOf: partsTiled },
};

/**
 * The sums in parts, added up here in float64, are those of the reference without bias and activation. Of images without
 * their blank parts there are fewer sums.
 */
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
      const counts = kind === "nonzero" ? countInkedParts(values, shape) : undefined;
      const actual = addedUp(new Float32Array(result), parts, batch, outputs, counts);
      const none = new Float32Array(outputs);
      const expected = padRows(
        Float32Array.from(referenceForward(values, weight, none, shape, "identity")),
        outputs,
      );
      return [{ what: `Z in ${parts} parts`, actual, expected, ...sums(inputs) }];
    },
  };
}

/** Which parts have been summed up: all, or those of each image that are not blank. */
export type Summed = "all" | "nonzero";

/**
 * Random sums in parts of a layer of `outputs` neurons, and what they and the bias come to `[batch, outputs]`, of a mini-batch
 * whose first position is `first`.
 */
export function partialSums(
  bench: KernelBench,
  data: TestData,
  { batch, inputs, outputs }: LayerShape,
  summed: Summed,
  first: number,
) {
  const parts = 3;
  const z = data.normal(batch * parts * outputs);
  const bias = data.normal(outputs);
  const weight = data.normal(outputs * inputs);
  const counts = summed === "all" ? new Uint32Array(batch).fill(parts) : data.integers(batch, parts + 1);
  const sums = Float64Array.from({ length: batch * outputs }, (_, at) => {
    const sample = Math.floor(at / outputs);
    const neuron = at % outputs;
    let sum = bias[neuron];
    for (let part = 0; part < counts[sample]; part++) sum += z[(sample * parts + part) * outputs + neuron];
    return sum;
  });
  counts.forEach((count, sample) => {
    z.fill(Number.NaN, (sample * parts + count) * outputs, (sample + 1) * parts * outputs);
  });
  const partials: PartialSums = {
    partials: bench.uploadRows("partials", z, outputs),
    parts,
    ...(summed === "nonzero" && {
      inkedParts: bench.upload("parts with ink", Uint32Array.of(...new Uint32Array(first), ...counts)),
    }),
  };
  return { partials, weight, bias, sums };
}

/** What a hidden layer makes of its weighted sums, by the reference: they pass through a layer of unit weights. */
export function hiddenOutputs(
  sums: Float64Array,
  { batch, outputs }: LayerShape,
  activation: LayerActivation,
  dropout: DropoutKey | undefined,
) {
  const unit = Float64Array.from({ length: outputs * outputs }, (_, at) => Number(at % (outputs + 1) === 0));
  const shape = { batch, inputs: outputs, outputs };
  const derivatives = new Float64Array(batch * outputs);
  const options = { derivatives, ...(dropout && { dropout }) };
  const a = referenceForward(sums, unit, new Float64Array(outputs), shape, activation, options);
  return { a, derivatives };
}

export function sumPartsCase(
  shape: LayerShape,
  variant: Omit<LayerVariant, "kind">,
  summed: Summed,
  samples: number,
): KernelCase {
  const { batch, inputs, outputs } = shape;
  const { activation, dropout } = variant;
  return {
    kernel: "forward_partials",
    case: `${shapeName(shape)}, ${variantName({ kind: "floats", ...variant })}, ${summed} parts, ${samples} at once`,
    async run(bench) {
      const data = new TestData(inputs + 7);
      const first = 3;
      const { partials, weight, bias, sums } = partialSums(bench, data, shape, summed, first);
      const { layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      const { does, key, derivatives } = trainingOf(bench, variant, batch, outputs);
      const result = bench.outputRows("outputs", batch, outputs);
      const call = sumParts(layer, partials, does, samples, batch, { parameters, outputs: result });
      const step = { first, size: batch, ...drawnBy(key) };
      const [actual, actualSlopes] = await bench.runSteps(call, [step], 0, [result, derivatives]);
      const expected = hiddenOutputs(sums, shape, activation, dropout === undefined ? undefined : key);
      return [
        rowsCheck("A", actual, expected.a, outputs, elementwise),
        ...(dropout === undefined
          ? []
          : [rowsCheck("derivatives", actualSlopes, expected.derivatives, outputs, elementwise)]),
      ];
    },
  };
}

/** The sums of `backward` in parts, added up here in float64, are those of the reference with derivatives of 1. */
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
    kernel: "backward_partials",
    case: shapeName(shape),
    async run(bench) {
      const data = new TestData(inputs + outputs + 4);
      const parts = 3;
      const values = data.normal(batch * parts * inputs);
      const derivatives = data.normal(batch * inputs);
      const { layer } = bench.uploadLayer(
        data.normal(outputs * inputs),
        data.normal(outputs),
        inputs,
        outputs,
      );
      const previous = bench.uploadRows("derivatives, then previous gradient", derivatives, inputs);
      const partials = bench.uploadRows("partials", values, inputs);
      const call = backwardParts(layer, parts, batch, { partials, previous_gradient: previous });
      const paddedSlopes = padRows(derivatives, inputs);
      const expected = addedUp(padRows(values, inputs), parts, batch, inputs).map(
        (sum, at) => sum * paddedSlopes[at],
      );
      const actual = new Float32Array(await bench.run(call, { first: 0, size: batch }, previous));
      return [{ what: "dZ", actual: actual.subarray(0, expected.length), expected, ...elementwise }];
    },
  };
}

/**
 * Sums over the parts of `[batch, parts, columns]`, rows padded, in float64 `[batch, columns]`, rows padded.
 * @param counts of parts that each sample has, if not all
 */
function addedUp(
  values: Float32Array,
  parts: number,
  batch: number,
  columns: number,
  counts: ArrayLike<number> = new Uint32Array(batch).fill(parts),
): Float64Array {
  const stride = vectors(columns) * vectorWidth;
  return Float64Array.from({ length: batch * stride }, (_, at) => {
    const sample = Math.floor(at / stride);
    let sum = 0;
    for (let part = 0; part < counts[sample]; part++) {
      sum += values[(sample * parts + part) * stride + (at % stride)];
    }
    return sum;
  });
}
