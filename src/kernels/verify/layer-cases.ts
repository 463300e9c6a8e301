import { defaultConfig } from "../../model/settings.ts";
import { backward as referenceBackward } from "../../reference/backward.ts";
import { forward as referenceForward } from "../../reference/forward.ts";
import { update as referenceUpdate } from "../../reference/update.ts";
import type { Activation } from "../activation.ts";
import { backward } from "../backward.ts";
import { forward } from "../forward.ts";
import type { LayerInput } from "../input.ts";
import { unpackParameters } from "../layout.ts";
import { update } from "../update.ts";
import { updateTiled } from "../update-tiled.ts";
import { updateUnrolled } from "../update-unrolled.ts";
import { padRows, TestData } from "./bench.ts";
import { type KernelCase, sums } from "./case.ts";
import { type LayerShape, layerInput, shapeName } from "./shapes.ts";

export function forwardCase(
  shape: LayerShape,
  kind: LayerInput["kind"],
  activation: Activation,
  scale: number,
): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "forward",
    case: `${shapeName(shape)}, ${kind}, ${activation}${scale > 1 ? ", large" : ""}`,
    async run(bench) {
      const data = new TestData(inputs * outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const weight = data.normal(outputs * inputs, scale / Math.sqrt(inputs));
      const bias = data.normal(outputs, scale);
      const { layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      // One row more than the mini-batch has: a batch shorter than what the kernel was made for leaves it alone.
      const result = bench.outputRows("outputs", batch + 1, outputs);
      const call = forward(layer, activation, batch + 1, input, { parameters, outputs: result });
      const expected = padRows(
        Float32Array.from(referenceForward(values, weight, bias, shape, activation)),
        outputs,
      );
      const actual = new Float32Array(await bench.run(call, step, result)).subarray(0, expected.length);
      const { tolerance, reason } = sums(inputs);
      return [
        { what: "A", actual, expected, reason, tolerance: { ...tolerance, atol: tolerance.atol * scale } },
      ];
    },
  };
}

export function backwardCase(shape: LayerShape, activation: Activation): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "backward",
    case: `${shapeName(shape)}, ${activation}`,
    async run(bench) {
      const data = new TestData(inputs + outputs);
      const gradient = data.normal(batch * outputs);
      const activations = data.unit(batch * inputs);
      const weight = data.normal(outputs * inputs);
      const { layer, parameters } = bench.uploadLayer(weight, data.normal(outputs), inputs, outputs);
      const result = bench.outputRows("previous gradient", batch + 1, inputs);
      const call = backward(layer, activation, batch + 1, {
        gradient: bench.uploadRows("gradient", gradient, outputs),
        parameters,
        activations: bench.uploadRows("activations", activations, inputs),
        previous_gradient: result,
      });
      const slopes = activations.map((value) => (activation === "sigmoid" ? value * (1 - value) : 1));
      const reference = referenceBackward(gradient, weight, slopes, shape);
      const expected = padRows(Float32Array.from(reference), inputs);
      const actual = new Float32Array(await bench.run(call, { first: 0, size: batch }, result));
      return [{ what: "dZ", actual: actual.subarray(0, expected.length), expected, ...sums(outputs) }];
    },
  };
}

const updateForms = { update, update_unrolled: updateUnrolled, update_tiled: updateTiled };

export function updateCase(
  kernel: keyof typeof updateForms,
  shape: LayerShape,
  kind: LayerInput["kind"],
): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel,
    case: `${shapeName(shape)}, ${kind}`,
    async run(bench) {
      const data = new TestData(inputs - outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const gradient = data.normal(batch * outputs);
      const weight = data.normal(outputs * inputs);
      const bias = data.normal(outputs);
      const { layout, layer, parameters } = bench.uploadLayer(weight, bias, inputs, outputs);
      const learningRate = 0.25;
      const call = updateForms[kernel](layer, input, {
        gradient: bench.uploadRows("gradient", gradient, outputs),
        parameters,
      });
      const packed = new Float32Array(await bench.run(call, step, parameters, learningRate));
      const [, updated] = unpackParameters(layout, packed);
      const reference = { weight: Float64Array.from(weight), bias: Float64Array.from(bias) };
      const sgd = { ...defaultConfig, number: 1, learningRate };
      referenceUpdate(reference.weight, reference.bias, gradient, values, shape, sgd, {});
      return [
        { what: "W", actual: updated.weight, expected: reference.weight, ...sums(batch) },
        { what: "b", actual: updated.bias, expected: reference.bias, ...sums(batch) },
      ];
    },
  };
}
