import type { LayerActivation } from "../model/activations.ts";
import type { FloatArray, LayerParameters } from "../model/parameters.ts";
import { activations } from "./activations.ts";
import { type DropoutKey, hiddenDropout } from "./dropout.ts";

export interface ForwardOptions {
  /** Leaves some of the activations out, as training may; none unless given. */
  readonly dropout?: DropoutKey;
  /** Receives `f'(Z) ⊙ D [batch, outputs]`, which `backward` takes. */
  readonly derivatives?: Float64Array;
  /** Receives `A [batch, outputs]`. */
  readonly output?: Float64Array;
}

/**
 * One layer forward: `A = f(Z) ⊙ D` with the weighted sums `Z = X Wᵀ + b`, the activation `f` and the factors `D` of
 * dropout, all 1 without it. With the identity, as on the last layer, `A` are the logits.
 * @param input `X [batch, inputs]`
 * @param layer `W [outputs, inputs]`, `b [outputs]`
 */
export function forward(
  input: FloatArray,
  { weight, bias, inputs, outputs }: LayerParameters,
  batch: number,
  activation: LayerActivation,
  { dropout, derivatives, output = new Float64Array(batch * outputs) }: ForwardOptions = {},
): Float64Array {
  const { apply, slope } = activations[activation];
  const factors = dropout && hiddenDropout(dropout, batch, outputs);
  for (let sample = 0; sample < batch; sample++) {
    const x = sample * inputs;
    for (let neuron = 0; neuron < outputs; neuron++) {
      const w = neuron * inputs;
      const at = sample * outputs + neuron;
      let z = 0;
      for (let i = 0; i < inputs; i++) z += input[x + i] * weight[w + i];
      z += bias[neuron];
      const factor = factors?.[at] ?? 1;
      output[at] = apply(z) * factor;
      if (derivatives) derivatives[at] = slope(z) * factor;
    }
  }
  return output;
}
