import type { FloatArray, LayerParameters, Slot } from "../model/parameters.ts";
import { type OptimizerStep, optimize, type SlotArrays } from "./optimizers.ts";
import type { LayerShape } from "./shapes.ts";

/**
 * Gradient of the mean loss with respect to a layer's weights: `dW = dZᵀ X`.
 * @param dZ `[batch, outputs]`; it carries the division by the batch size
 * @param input `X [batch, inputs]`
 * @param output receives `dW [outputs, inputs]`
 */
export function weightGradient(
  dZ: FloatArray,
  input: FloatArray,
  { batch, inputs, outputs }: LayerShape,
  output: Float64Array = new Float64Array(outputs * inputs),
): Float64Array {
  output.fill(0);
  for (let neuron = 0; neuron < outputs; neuron++) {
    const row = neuron * inputs;
    for (let sample = 0; sample < batch; sample++) {
      const gradient = dZ[sample * outputs + neuron];
      const x = sample * inputs;
      for (let i = 0; i < inputs; i++) output[row + i] += gradient * input[x + i];
    }
  }
  return output;
}

/**
 * Gradient of the mean loss with respect to a layer's biases: the column sums of `dZ`.
 * @param dZ `[batch, outputs]`
 * @param output receives `db [outputs]`
 */
export function biasGradient(
  dZ: FloatArray,
  { batch, outputs }: LayerShape,
  output: Float64Array = new Float64Array(outputs),
): Float64Array {
  output.fill(0);
  for (let sample = 0; sample < batch; sample++) {
    for (let neuron = 0; neuron < outputs; neuron++) output[neuron] += dZ[sample * outputs + neuron];
  }
  return output;
}

/** The gradients of one layer. */
export interface LayerGradient {
  /** `dW [outputs, inputs]`. */
  readonly weight: Float64Array;
  /** `db [outputs]`. */
  readonly bias: Float64Array;
}

/** Room for the gradients of one layer. */
export function layerGradient({ inputs, outputs }: Pick<LayerShape, "inputs" | "outputs">): LayerGradient {
  return { weight: new Float64Array(outputs * inputs), bias: new Float64Array(outputs) };
}

/** What training remembers of one layer, in its shapes: the slots that the step's optimizer and average need. */
export type LayerSlots = Readonly<Partial<Record<Slot, Pick<LayerParameters, "weight" | "bias">>>>;

/**
 * One step of the optimizer on one layer, in place.
 * @param layer `W [outputs, inputs]` and `b [outputs]`, changed
 * @param samples `dZ [batch, outputs]`, and `input`, X `[batch, inputs]`
 * @param slots changed, as `optimizers.ts` says
 * @param gradient receives the gradients of the loss, without weight decay
 */
export function update(
  { weight, bias, inputs, outputs }: LayerParameters,
  { batch, dZ, input }: Pick<LayerShape, "batch"> & { readonly dZ: FloatArray; readonly input: FloatArray },
  step: OptimizerStep,
  slots: LayerSlots,
  gradient: LayerGradient = layerGradient({ inputs, outputs }),
): void {
  const shape = { batch, inputs, outputs };
  weightGradient(dZ, input, shape, gradient.weight);
  biasGradient(dZ, shape, gradient.bias);
  optimize(weight, gradient.weight, slotsOf(slots, "weight"), step);
  // Weight decay is for weights.
  optimize(bias, gradient.bias, slotsOf(slots, "bias"), { ...step, weightDecay: 0 });
}

function slotsOf(slots: LayerSlots, part: "weight" | "bias"): SlotArrays {
  return Object.fromEntries(Object.entries(slots).map(([slot, layer]) => [slot, layer[part]]));
}
