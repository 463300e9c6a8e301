import type { FloatArray } from "../model/parameters.ts";
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

/**
 * One step of plain gradient descent on one layer, in place: `W -= learningRate dW`, `b -= learningRate db`.
 * @param weight `W [outputs, inputs]`, changed
 * @param bias `b [outputs]`, changed
 * @param dZ `[batch, outputs]`
 * @param input `X [batch, inputs]`
 * @param gradient receives the gradients
 */
export function update(
  weight: FloatArray,
  bias: FloatArray,
  dZ: FloatArray,
  input: FloatArray,
  shape: LayerShape,
  learningRate: number,
  gradient: LayerGradient = layerGradient(shape),
): void {
  descend(weight, weightGradient(dZ, input, shape, gradient.weight), learningRate);
  descend(bias, biasGradient(dZ, shape, gradient.bias), learningRate);
}

function descend(values: FloatArray, gradient: Float64Array, learningRate: number): void {
  for (let i = 0; i < values.length; i++) values[i] -= learningRate * gradient[i];
}
