import type { FloatArray } from "../model/parameters.ts";
import type { LayerShape } from "./shapes.ts";

/**
 * One layer backward: from the gradient at this layer's weighted sums to that of the layer before,
 * `dZ_prev = (dZ W) ⊙ derivatives`. It knows no activation and no dropout: `forward` left what they come to.
 * @param dZ gradient of this layer, `[batch, outputs]`
 * @param weight `W [outputs, inputs]` of this layer
 * @param derivatives of the layer before, `[batch, inputs]`: derivative of what it put out by its weighted sums
 * @param output receives `dZ_prev [batch, inputs]`
 */
export function backward(
  dZ: FloatArray,
  weight: FloatArray,
  derivatives: FloatArray,
  { batch, inputs, outputs }: LayerShape,
  output: Float64Array = new Float64Array(batch * inputs),
): Float64Array {
  output.fill(0, 0, batch * inputs);
  for (let sample = 0; sample < batch; sample++) {
    const row = sample * inputs;
    for (let neuron = 0; neuron < outputs; neuron++) {
      const gradient = dZ[sample * outputs + neuron];
      const w = neuron * inputs;
      for (let i = 0; i < inputs; i++) output[row + i] += gradient * weight[w + i];
    }
    for (let i = row; i < row + inputs; i++) output[i] *= derivatives[i];
  }
  return output;
}
