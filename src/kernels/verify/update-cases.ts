import type { Optimizer } from "../../model/optimizers.ts";
import type { Slot } from "../../model/parameters.ts";
import { defaultConfig } from "../../model/settings.ts";
import { slotsOf } from "../../model/slots.ts";
import { update as referenceUpdate } from "../../reference/update.ts";
import { type FormName, forms } from "../forms.ts";
import { floats, type LayerInput } from "../lib/input.ts";
import { unpackParameters } from "../lib/layout.ts";
import { trainingStepUniform } from "../lib/steps.ts";
import { TestData } from "./bench.ts";
import { type KernelCase, sums } from "./case.ts";
import { kernelOf } from "./layer-cases.ts";
import { placedLayer } from "./placed-layer.ts";
import { type InputKind, type LayerShape, layerInput, shapeName } from "./shapes.ts";

/** What is checked of an update. */
export interface UpdateVariant {
  readonly kind: InputKind;
  /** Takes its step with weight decay and average; `sgd` without either unless given. */
  readonly optimizer?: Optimizer;
  /** Classes of an output layer that is updated along with the layer; none unless given. */
  readonly classes?: number;
}

/** One step of an optimizer from slots that are under way already. */
export function updateCase(name: FormName, shape: LayerShape, variant: UpdateVariant): KernelCase {
  const { kind, classes } = variant;
  const { batch, inputs, outputs } = shape;
  const form = forms[name];
  const settings = settingsOf(variant);
  return {
    kernel: kernelOf("update", name),
    form,
    case: `${shapeName(shape)}${classes ? ` -> ${classes}` : ""}, ${kind}, ${variant.optimizer ?? "plain sgd"}`,
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
      const optimizer = {
        settings,
        slots: Object.fromEntries(slots.map(([slot, { parameters: buffer }]) => [slot, buffer])),
      };
      const place = (index: number, input: LayerInput, gradient: Float32Array) => {
        const layout = parameters.layout.layers[index + 1];
        const gradients = bench.uploadRows("gradient", gradient, layout.outputs);
        const buffers = { parameters: parameters.parameters, gradient: gradients };
        return placedLayer(bench, { form, layout, batch, ...buffers, input, optimizer });
      };
      const hidden = place(0, input, own.gradient);
      const behind =
        next && place(1, floats(bench.uploadRows("activations", next.input, outputs)), next.gradient);
      const calls = behind && form.fusion ? [form.fusion.update(hidden, behind)] : form.update(hidden);
      const taken = { ...step, number: 3, learningRate: 0.25 };
      const changed = [["W", parameters] as const, ...slots];
      const buffers = changed.map(([, { parameters: buffer }]) => buffer);
      const results = await bench.runSteps(calls, [trainingStepUniform(taken, settings)], 0, buffers);
      const unpacked = results.map((packed) => unpackParameters(parameters.layout, new Float32Array(packed)));

      return updated.flatMap(({ shape, input, gradient }, index) => {
        const expected = changed.map(([name, { values }]) => {
          const { weight, bias } = values[index];
          const copy = { weight: Float64Array.from(weight), bias: Float64Array.from(bias) };
          return [name, { ...shape, ...copy }] as const;
        });
        const [[, own], ...others] = expected;
        const ownSlots = Object.fromEntries(others) as Partial<Record<Slot, typeof own>>;
        referenceUpdate(own, { batch, dZ: gradient, input }, { ...settings, ...taken }, ownSlots);
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

function settingsOf({ optimizer }: UpdateVariant) {
  return {
    ...defaultConfig,
    ...(optimizer ? { optimizer, weightDecay: 0.1, averageDecay: 0.9 } : { optimizer: "sgd" as const }),
    // So large that the root of a small second moment does not magnify its rounding.
    epsilon: 0.01,
  };
}
