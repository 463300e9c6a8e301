import type { LayerActivation } from "../model/activations.ts";
import type { Parameters, Sizes, Slots } from "../model/parameters.ts";
import { backward } from "./backward.ts";
import type { DropoutKey } from "./dropout.ts";
import { forward } from "./forward.ts";
import type { OptimizerStep } from "./optimizers.ts";
import { type SampleResults, sampleResults, softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
import { type LayerGradient, type LayerSlots, layerGradient, update } from "./update.ts";

/** Room for one mini-batch on its way through a network, allocated once. A short one uses the first rows. */
export interface Workspace {
  readonly sizes: Sizes;
  /** The network's input, then every layer's output, the last of them the logits: `[batch, sizes[layer]]`. */
  readonly activations: readonly Float64Array[];
  /** What `backward` multiplies by at every hidden layer, `[batch, sizes[layer + 1]]`. */
  readonly derivatives: readonly Float64Array[];
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
  const rows = (widths: Sizes) => widths.map((width) => new Float64Array(batch * width));
  const hidden = sizes.slice(1, -1);
  return {
    sizes,
    activations: rows(sizes),
    derivatives: rows(hidden),
    results,
    dZ: [...rows(hidden), results.gradient],
    gradients: sizes.slice(1).map((outputs, layer) => layerGradient({ inputs: sizes[layer], outputs })),
  };
}

/** What hidden layers do. */
export interface HiddenLayers {
  readonly activation: LayerActivation;
  /** Dropout of all of them, as training may have it; none unless given. */
  readonly dropout?: Omit<DropoutKey, "layer">;
}

/** Computes all activations from the first, the input of `batch` samples, and the derivatives of hidden layers. */
export function forwardPass(
  parameters: Parameters,
  { activations, derivatives }: Workspace,
  batch: number,
  { activation, dropout }: HiddenLayers,
): void {
  parameters.forEach((layer, index) => {
    const input = activations[index];
    const output = activations[index + 1];
    const isLast = index === parameters.length - 1;
    // The last layer puts out logits.
    if (isLast) forward(input, layer, batch, "identity", { output });
    else {
      const options = {
        output,
        derivatives: derivatives[index],
        ...(dropout && { dropout: { ...dropout, layer: index } }),
      };
      forward(input, layer, batch, activation, options);
    }
  });
}

/** Computes the results of `batch` samples from the logits that `forwardPass` left. */
export function resultsPass(
  labels: Uint8Array,
  { sizes, activations, results }: Workspace,
  batch: number,
  smoothing = 0,
): void {
  const last = sizes.length - 1;
  softmaxCrossEntropy(activations[last], labels, { batch, classes: sizes[last] }, { smoothing, results });
}

/** Computes `dZ` of all layers from that of the last, which `resultsPass` left. */
export function backwardPass(parameters: Parameters, { derivatives, dZ }: Workspace, batch: number): void {
  for (let layer = parameters.length - 1; layer > 0; layer--) {
    const { weight, inputs, outputs } = parameters[layer];
    backward(dZ[layer], weight, derivatives[layer - 1], { batch, inputs, outputs }, dZ[layer - 1]);
  }
}

/** Takes one step of the optimizer, in place, with the gradients of what `backwardPass` left. */
export function updatePass(
  parameters: Parameters,
  { activations, dZ, gradients }: Workspace,
  batch: number,
  step: OptimizerStep,
  slots: Slots = {},
): void {
  parameters.forEach((layer, index) => {
    const samples = { batch, dZ: dZ[index], input: activations[index] };
    update(layer, samples, step, slotsOfLayer(slots, index), gradients[index]);
  });
}

function slotsOfLayer(slots: Slots, layer: number): LayerSlots {
  return Object.fromEntries(Object.entries(slots).map(([slot, parameters]) => [slot, parameters[layer]]));
}
