import type { FloatArray } from "../model/parameters.ts";
import { type ActivationName, activations } from "./activations.ts";
import type { LayerShape } from "./shapes.ts";

/**
 * One layer backward: from the gradient at this layer's weighted sums to that of the layer before,
 * `dZ_prev = (dZ W) ⊙ activation'(A_prev)`.
 * @param dZ gradient of this layer, `[batch, outputs]`
 * @param weight `W [outputs, inputs]` of this layer
 * @param input `A_prev [batch, inputs]`: what the layer before put out
 * @param activation of the layer before
 * @param output receives `dZ_prev [batch, inputs]`
 */
export function backward(
  dZ: FloatArray,
  weight: FloatArray,
  input: FloatArray,
  { batch, inputs, outputs }: LayerShape,
  activation: ActivationName,
  output: Float64Array = new Float64Array(batch * inputs),
): Float64Array {
  const { derivative } = activations[activation];
  output.fill(0, 0, batch * inputs);
  for (let sample = 0; sample < batch; sample++) {
    const row = sample * inputs;
    for (let neuron = 0; neuron < outputs; neuron++) {
      const gradient = dZ[sample * outputs + neuron];
      const w = neuron * inputs;
      for (let i = 0; i < inputs; i++) output[row + i] += gradient * weight[w + i];
    }
    for (let i = 0; i < inputs; i++) output[row + i] *= derivative(input[row + i]);
  }
  return output;
}
