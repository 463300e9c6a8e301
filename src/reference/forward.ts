import type { FloatArray } from "../model/parameters.ts";
import { type ActivationName, activations } from "./activations.ts";
import type { LayerShape } from "./shapes.ts";

/**
 * One layer forward: `A = activation(X Wᵀ + b)`. With the identity, as on the last layer, `A` are the logits.
 * @param input `X [batch, inputs]`
 * @param weight `W [outputs, inputs]`
 * @param bias `b [outputs]`
 * @param output receives `A [batch, outputs]`
 */
export function forward(
  input: FloatArray,
  weight: FloatArray,
  bias: FloatArray,
  { batch, inputs, outputs }: LayerShape,
  activation: ActivationName,
  output: Float64Array = new Float64Array(batch * outputs),
): Float64Array {
  const { apply } = activations[activation];
  for (let sample = 0; sample < batch; sample++) {
    const x = sample * inputs;
    for (let neuron = 0; neuron < outputs; neuron++) {
      const w = neuron * inputs;
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += input[x + i] * weight[w + i];
      output[sample * outputs + neuron] = apply(sum + bias[neuron]);
    }
  }
  return output;
}
