import type { Slot } from "../../model/parameters.ts";
import { defaultConfig, type StepSettings } from "../../model/settings.ts";
import { slotsOf } from "../../model/slots.ts";
import { update as referenceUpdate } from "../../reference/update.ts";
import type { Descent } from "../descent.ts";
import type { LayerInput } from "../input.ts";
import { unpackParameters } from "../layout.ts";
import { trainingStepUniform } from "../steps.ts";
import { update } from "../update.ts";
import { updateTiled } from "../update-tiled.ts";
import { updateUnrolled } from "../update-unrolled.ts";
import { TestData } from "./bench.ts";
import { type KernelCase, sums } from "./case.ts";
import { type LayerShape, layerInput, shapeName } from "./shapes.ts";

const forms = { update, update_unrolled: updateUnrolled, update_tiled: updateTiled };

/** One step of an optimizer, with weight decay and average, from slots that are under way already. */
export function updateCase(
  kernel: keyof typeof forms,
  shape: LayerShape,
  kind: LayerInput["kind"],
  optimizer: StepSettings["optimizer"] = "sgd",
): KernelCase {
  const { batch, inputs, outputs } = shape;
  const plain = optimizer === "sgd";
  const settings = {
    ...defaultConfig,
    optimizer,
    weightDecay: plain ? 0 : 0.1,
    averageDecay: plain ? 0 : 0.9,
    // So large that the root of a small second moment does not magnify its rounding.
    epsilon: 0.01,
  };
  return {
    kernel,
    case: `${shapeName(shape)}, ${kind}, ${optimizer}`,
    async run(bench) {
      const data = new TestData(inputs - outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const gradient = data.normal(batch * outputs);
      const layerOf = (draw: (count: number) => Float32Array) => {
        const [weight, bias] = [draw(outputs * inputs), draw(outputs)];
        return { weight, bias, ...bench.uploadLayer(weight, bias, inputs, outputs) };
      };
      const parameters = layerOf((count) => data.normal(count));
      const slots = slotsOf(settings).map((slot) => {
        const draw = slot === "secondMoment" ? data.unit.bind(data) : data.normal.bind(data);
        return [slot, layerOf((count) => draw(count))] as const;
      });
      const descent: Descent = {
        settings,
        slots: Object.fromEntries(slots.map(([slot, { parameters: buffer }]) => [slot, buffer])),
      };
      const call = forms[kernel](parameters.layer, input, descent, {
        gradient: bench.uploadRows("gradient", gradient, outputs),
        parameters: parameters.parameters,
      });
      const taken = { ...step, number: 3, learningRate: 0.25 };
      const changed = [["W", parameters] as const, ...slots];
      const buffers = changed.map(([, { parameters: buffer }]) => buffer);
      const uniform = trainingStepUniform(taken, settings);
      const results = await bench.runSteps(call, [uniform], 0, buffers);

      const inFloat64 = ({ weight, bias }: { weight: Float32Array; bias: Float32Array }) => ({
        weight: Float64Array.from(weight),
        bias: Float64Array.from(bias),
      });
      const expected = changed.map(([name, layer]) => [name, inFloat64(layer)] as const);
      const [[, own], ...others] = expected;
      const ownSlots = Object.fromEntries(others) as Partial<Record<Slot, typeof own>>;
      referenceUpdate(own.weight, own.bias, gradient, values, shape, { ...settings, ...taken }, ownSlots);
      return results.flatMap((packed, index) => {
        const [, actual] = unpackParameters(parameters.layout, new Float32Array(packed));
        const [name, { weight, bias }] = expected[index];
        return [
          { what: name, actual: actual.weight, expected: weight, ...sums(batch) },
          { what: `${name} of biases`, actual: actual.bias, expected: bias, ...sums(batch) },
        ];
      });
    },
  };
}
