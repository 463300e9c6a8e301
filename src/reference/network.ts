import type { Parameters, Sizes } from "../model/parameters.ts";
import type { ActivationName } from "./activations.ts";
import { backward } from "./backward.ts";
import { forward } from "./forward.ts";
import { type SampleResults, sampleResults, softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
import { type LayerGradient, layerGradient, update } from "./update.ts";

/** Room for one mini-batch on its way through a network, allocated once. A short one uses the first rows. */
export interface Workspace {
  readonly sizes: Sizes;
  /** The network's input, then every layer's output, the last of them the logits: `[batch, sizes[layer]]`. */
  readonly activations: readonly Float64Array[];
  /** Loss, prediction, and `dZ` of the last layer. */
  readonly results: SampleResults;
  /** `dZ` of every layer, `[batch, sizes[layer + 1]]`; the last one is `results.gradient`. */
  readonly dZ: readonly Float64Array[];
  /** `dW` and `db` of every layer. */
  readonly gradients: readonly LayerGradient[];
}

/** A workspace for mini-batches of up to `batch` samples. */
export function createWorkspace(sizes: Sizes, batch: number): Workspace {
  const results = sampleResults({ batch, classes: sizes[sizes.length - 1] });
  const hidden = sizes.slice(1, -1);
  return {
    sizes,
    activations: sizes.map((width) => new Float64Array(batch * width)),
    results,
    dZ: [...hidden.map((width) => new Float64Array(batch * width)), results.gradient],
    gradients: sizes.slice(1).map((outputs, layer) => layerGradient({ inputs: sizes[layer], outputs })),
  };
}

/** Computes all activations from the first, the input of `batch` samples. */
export function forwardPass(parameters: Parameters, { activations }: Workspace, batch: number): void {
  parameters.forEach(({ weight, bias, inputs, outputs }, layer) => {
    const shape = { batch, inputs, outputs };
    forward(activations[layer], weight, bias, shape, activationOf(layer, parameters), activations[layer + 1]);
  });
}

/** Computes the results of `batch` samples from the logits that `forwardPass` left. */
export function resultsPass(
  labels: Uint8Array,
  { sizes, activations, results }: Workspace,
  batch: number,
): void {
  const last = sizes.length - 1;
  softmaxCrossEntropy(activations[last], labels, { batch, classes: sizes[last] }, results);
}

/** Computes `dZ` of all layers from that of the last, which `resultsPass` left. */
export function backwardPass(parameters: Parameters, { activations, dZ }: Workspace, batch: number): void {
  for (let layer = parameters.length - 1; layer > 0; layer--) {
    const { weight, inputs, outputs } = parameters[layer];
    const shape = { batch, inputs, outputs };
    const before = activationOf(layer - 1, parameters);
    backward(dZ[layer], weight, activations[layer], shape, before, dZ[layer - 1]);
  }
}

/** Takes one step of gradient descent, in place, along the gradients of what `backwardPass` left. */
export function updatePass(
  parameters: Parameters,
  { activations, dZ, gradients }: Workspace,
  batch: number,
  learningRate: number,
): void {
  parameters.forEach(({ weight, bias, inputs, outputs }, layer) => {
    const shape = { batch, inputs, outputs };
    update(weight, bias, dZ[layer], activations[layer], shape, learningRate, gradients[layer]);
  });
}

/** Sigmoid on hidden layers; the last layer puts out logits. */
function activationOf(layer: number, parameters: Parameters): ActivationName {
  return layer < parameters.length - 1 ? "sigmoid" : "identity";
}
