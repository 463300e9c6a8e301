import type { Optimizer } from "../../model/optimizers.ts";
import type { Slot } from "../../model/parameters.ts";
import { defaultConfig } from "../../model/settings.ts";
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

/** What is checked of an update. */
export interface UpdateVariant {
  readonly kind: LayerInput["kind"];
  /** Takes its step with weight decay and average; `sgd` without either unless given. */
  readonly optimizer?: Optimizer;
  /** Classes of an output layer that is updated along with the layer; none unless given. */
  readonly classes?: number;
}

/** One step of an optimizer from slots that are under way already. */
export function updateCase(
  kernel: keyof typeof forms,
  shape: LayerShape,
  variant: UpdateVariant,
): KernelCase {
  const { kind, optimizer, classes } = variant;
  const { batch, inputs, outputs } = shape;
  const settings = {
    ...defaultConfig,
    ...(optimizer ? { optimizer, weightDecay: 0.1, averageDecay: 0.9 } : { optimizer: "sgd" as const }),
    // So large that the root of a small second moment does not magnify its rounding.
    epsilon: 0.01,
  };
  return {
    kernel,
    case: `${shapeName(shape)}${classes ? ` -> ${classes}` : ""}, ${kind}, ${optimizer ?? "plain sgd"}`,
    async run(bench) {
      const data = new TestData(inputs - outputs);
      const { input, values, step } = layerInput(bench, data, kind, shape);
      const own = { shape, input: values, gradient: data.normal(batch * outputs) };
      const next = classes
        ? {
            shape: { batch, inputs: outputs, outputs: classes },
            input: data.normal(batch * outputs),
            gradient: data.normal(batch * classes),
          }
        : undefined;
      const updated = next ? [own, next] : [own];
      const upload = (draw: (count: number) => Float32Array) => {
        const values = updated.map(({ shape: { inputs, outputs } }) => {
          return { inputs, outputs, weight: draw(outputs * inputs), bias: draw(outputs) };
        });
        return { values, ...bench.uploadLayers(values) };
      };
      const parameters = upload((count) => data.normal(count));
      const slots = slotsOf(settings).map((slot) => {
        const draw = slot === "secondMoment" ? data.unit.bind(data) : data.normal.bind(data);
        return [slot, upload((count) => draw(count))] as const;
      });
      const descent: Descent = {
        settings,
        slots: Object.fromEntries(slots.map(([slot, { parameters: buffer }]) => [slot, buffer])),
      };
      const [, layer, outputLayer] = parameters.layout.layers;
      const call = forms[kernel](
        layer,
        input,
        descent,
        { gradient: bench.uploadRows("gradient", own.gradient, outputs), parameters: parameters.parameters },
        next && {
          layer: outputLayer,
          buffers: {
            activations: bench.uploadRows("activations", next.input, outputs),
            output_gradient: bench.uploadRows("output gradient", next.gradient, next.shape.outputs),
          },
        },
      );
      const taken = { ...step, number: 3, learningRate: 0.25 };
      const changed = [["W", parameters] as const, ...slots];
      const buffers = changed.map(([, { parameters: buffer }]) => buffer);
      const results = await bench.runSteps(call, [trainingStepUniform(taken, settings)], 0, buffers);
      const unpacked = results.map((packed) => unpackParameters(parameters.layout, new Float32Array(packed)));

      return updated.flatMap(({ shape, input, gradient }, index) => {
        const expected = changed.map(([name, { values }]) => {
          const { weight, bias } = values[index];
          return [name, { weight: Float64Array.from(weight), bias: Float64Array.from(bias) }] as const;
        });
        const [[, own], ...others] = expected;
        const ownSlots = Object.fromEntries(others) as Partial<Record<Slot, typeof own>>;
        referenceUpdate(own.weight, own.bias, gradient, input, shape, { ...settings, ...taken }, ownSlots);
        const of = index > 0 ? " of the output layer" : "";
        return expected.flatMap(([name, { weight, bias }], slot) => {
          const actual = unpacked[slot][index + 1];
          return [
            { what: `${name}${of}`, actual: actual.weight, expected: weight, ...sums(batch) },
            { what: `${name} of biases${of}`, actual: actual.bias, expected: bias, ...sums(batch) },
          ];
        });
      });
    },
  };
}
