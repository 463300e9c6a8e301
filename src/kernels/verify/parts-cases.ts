import { activations } from "../../reference/activations.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import type { Activation } from "../activation.ts";
import { forwardTiled, partsTiled } from "../forward-tiled.ts";
import { forwardUnrolled, partsUnrolled } from "../forward-unrolled.ts";
import type { LayerInput } from "../input.ts";
import { vectors, vectorWidth } from "../layout.ts";
import { sumParts } from "../sum-parts.ts";
import { type KernelBench, padRows, TestData } from "./bench.ts";
import { elementwise, type KernelCase, sums } from "./case.ts";
import { type LayerShape, layerInput, shapeName } from "./shapes.ts";

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
      const stride = vectors(outputs) * vectorWidth;
      const partials = bench.output("partials", parts * batch * stride);
      const result = await bench.run(form(layer, batch, input, { parameters, partials }), step, partials);
      const z = new Float32Array(result);
      const actual = Float64Array.from({ length: batch * stride }, (_, at) => {
        const sample = Math.floor(at / stride);
        let sum = 0;
        for (let part = 0; part < parts; part++) sum += z[(sample * parts + part) * stride + (at % stride)];
        return sum;
      });
      const none = new Float32Array(outputs);
      const expected = padRows(
        Float32Array.from(referenceForward(values, weight, none, shape, "identity")),
        outputs,
      );
      return [{ what: `Z in ${parts} parts`, actual, expected, ...sums(inputs) }];
    },
  };
}

/** Random sums in parts of a layer of `outputs` neurons, and what they and the bias come to. */
export function partialSums(
  bench: KernelBench,
  data: TestData,
  { batch, inputs, outputs }: LayerShape,
  activation: Activation,
) {
  const parts = 3;
  const z = data.normal(batch * parts * outputs);
  const bias = data.normal(outputs);
  const weight = data.normal(outputs * inputs);
  const a = Float64Array.from({ length: batch * outputs }, (_, at) => {
    const neuron = at % outputs;
    let sum = bias[neuron];
    for (let part = 0; part < parts; part++) {
      sum += z[(Math.floor(at / outputs) * parts + part) * outputs + neuron];
    }
    return activations[activation].apply(sum);
  });
  const partials = bench.uploadRows("partials", z, outputs);
  return { parts, partials, weight, bias, a };
}

export function sumPartsCase(shape: LayerShape): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "sum_parts",
    case: shapeName(shape),
    async run(bench) {
      const data = new TestData(inputs + 7);
      const { parts, partials, weight, bias, a } = partialSums(bench, data, shape, "sigmoid");
      const { layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      const result = bench.outputRows("outputs", batch, outputs);
      const call = sumParts(layer, parts, "sigmoid", batch, { partials, parameters, outputs: result });
      const expected = padRows(Float32Array.from(a), outputs);
      const actual = new Float32Array(await bench.run(call, { first: 0, size: batch }, result));
      return [{ what: "A", actual: actual.subarray(0, expected.length), expected, ...elementwise }];
    },
  };
}
