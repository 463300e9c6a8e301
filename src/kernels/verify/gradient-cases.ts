import { biasGradient, weightGradient as referenceGradient } from "../../reference/update.ts";
import { unpackParameters } from "../lib/layout.ts";
import { weightGradient } from "../portable.ts";
import { TestData } from "./bench.ts";
import { type KernelCase, sums } from "./case.ts";
import { type InputKind, type LayerShape, layerInput, shapeName } from "./shapes.ts";

/** `update` without an optimizer: the gradients themselves. */
export function weightGradientCase(shape: LayerShape, kind: InputKind): KernelCase {
  const { batch, inputs, outputs } = shape;
  return {
    kernel: "update",
    case: `${shapeName(shape)}, ${kind}, the gradient alone`,
    async run(bench) {
      const data = new TestData(inputs - outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const dZ = data.normal(batch * outputs);
      const garbage = data.normal(outputs * inputs);
      const place = bench.uploadLayer(garbage, data.normal(outputs), inputs, outputs);
      const call = weightGradient(place.layer, input, {
        gradient: bench.uploadRows("gradient", dZ, outputs),
        gradients: place.parameters,
      });
      const packed = await bench.run(call, step, place.parameters);
      const { weight, bias } = unpackParameters(place.layout, new Float32Array(packed))[1];
      return [
        { what: "dW", actual: weight, expected: referenceGradient(dZ, values, shape), ...sums(batch) },
        { what: "db", actual: bias, expected: biasGradient(dZ, shape), ...sums(batch) },
      ];
    },
  };
}
