import type { LayerActivation } from "../model/activations.ts";
import type { FloatArray, Parameters } from "../model/parameters.ts";
import { backward } from "./backward.ts";
import { forward } from "./forward.ts";
import { softmax } from "./softmax.ts";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
import { biasGradient, weightGradient } from "./update.ts";

/** What one layer comes to on the way forward, for `count` samples. */
export interface LayerInside {
  /** Weighted sums `Z = X Wᵀ + b`, `[count, outputs]`. */
  readonly Z: FloatArray;
  /** What the layer puts out, `[count, outputs]`: its activation of `Z`; of the last layer the probabilities. */
  readonly A: FloatArray;
}

/** The gradients of one layer: those of the mean loss of the samples. */
export interface LayerGradients {
  /** `[count, outputs]`. */
  readonly dZ: FloatArray;
  /** `[outputs, inputs]`. */
  readonly dW: FloatArray;
  /** `[outputs]`. */
  readonly db: FloatArray;
}

/** The inside of a network while it reads some images. */
export interface Inspection {
  /** The parameters with which all of this was computed. */
  readonly parameters: Parameters;
  /** What the first layer reads, `X [count, inputs]`: the images, from 0 to 1. */
  readonly input: FloatArray;
  /** First layer first. */
  readonly layers: readonly LayerInside[];
  /** The loss and the way back from it; absent if no labels were given. */
  readonly backward?: LossAndGradients;
}

/** The loss of each sample, and the gradients on the way back from it. */
export interface LossAndGradients {
  /** Cross-entropy of each sample in nats, `[count]`, with the label smoothing of the settings. */
  readonly losses: FloatArray;
  /** First layer first. */
  readonly layers: readonly LayerGradients[];
}

export interface InspectOptions {
  readonly activation: LayerActivation;
  readonly labelSmoothing: number;
}

/**
 * Every layer's `Z` and `A`, and with labels the loss of each sample and every layer's `dZ`, `dW`, `db`: the formulas of a
 * training step up to its update, without dropout.
 * @param input `X [count, inputs]`, 0 to 1
 * @param labels `[count]`; leave them out to go forward alone
 */
export function inspect(
  parameters: Parameters,
  input: FloatArray,
  labels: Uint8Array | undefined,
  options: InspectOptions,
): Inspection {
  const batch = input.length / parameters[0].inputs;
  const derivatives: Float64Array[] = [];
  const inputs: FloatArray[] = [input];
  const layers = parameters.map((layer, index): LayerInside => {
    const { outputs } = layer;
    const Z = forward(inputs[index], layer, batch, "identity");
    if (index === parameters.length - 1) return { Z, A: softmax(Z, { batch, classes: outputs }) };
    derivatives[index] = new Float64Array(batch * outputs);
    const A = forward(inputs[index], layer, batch, options.activation, {
      derivatives: derivatives[index],
    });
    inputs.push(A);
    return { Z, A };
  });
  if (!labels) return { parameters, input, layers };
  const { outputs: classes } = parameters[parameters.length - 1];
  const logits = layers[layers.length - 1].Z;
  const smoothing = options.labelSmoothing;
  const { losses, gradient } = softmaxCrossEntropy(logits, labels, { batch, classes }, { smoothing });
  const gradients: LayerGradients[] = [];
  let dZ = gradient;
  for (let index = parameters.length - 1; index >= 0; index--) {
    const { weight, inputs: width, outputs } = parameters[index];
    const shape = { batch, inputs: width, outputs };
    gradients.unshift({ dZ, dW: weightGradient(dZ, inputs[index], shape), db: biasGradient(dZ, shape) });
    if (index > 0) dZ = backward(dZ, weight, derivatives[index - 1], shape);
  }
  return { parameters, input, layers, backward: { losses, layers: gradients } };
}
