import { forward } from "../kernels/forward.ts";
import { sumParts } from "../kernels/forward-partials.ts";
import { forwardTiled } from "../kernels/forward-tiled.ts";
import { forwardUnrolled, forwardUnrolledWhole, partsUnrolled } from "../kernels/forward-unrolled.ts";
import type { LayerInput } from "../kernels/input.ts";
import type { KernelCall } from "../kernels/library.ts";
import type { PartialSums } from "../kernels/partial-sums.ts";
import { softmax } from "../kernels/softmax.ts";
import { softmaxCrossEntropy } from "../kernels/softmax-cross-entropy.ts";
import { activationOf, hiddenTraining, inputOfLayer, type Network } from "./network.ts";
import { partsOf, sharing } from "./plan.ts";
import type { Samples } from "./samples.ts";
import type { Workspace } from "./workspace.ts";

/*
 * The way through a network, from its input to probabilities or the loss.
 */

/** X -> activations of every layer; the last ones are the logits. In training, derivatives are left for the way back. */
export function forwardPass(
  network: Network,
  input: LayerInput,
  workspace: Workspace,
  training: boolean,
): KernelCall[] {
  return network.layout.layers.flatMap((_, index) =>
    forwardLayer(network, input, workspace, index, training),
  );
}

/** The input of layer `index` -> its activations. */
export function forwardLayer(
  network: Network,
  input: LayerInput,
  workspace: Workspace,
  index: number,
  training: boolean,
): KernelCall[] {
  const { layout, parameters, forms } = network;
  const { batch, activations, partials } = workspace;
  const layer = layout.layers[index];
  const form = forms[index];
  const isHidden = index < layout.layers.length - 1;
  const does = {
    activation: activationOf(network, index),
    ...(training && isHidden && { training: hiddenTraining(network, workspace, index) }),
  };
  const outputs = activations[index];
  if (!partials || form === "portable") {
    return [forward(layer, does, batch, inputOfLayer(index, input, workspace), { parameters, outputs })];
  }
  if (form === "unrolled" && partsUnrolled(layer) === 1) {
    const read = inputOfLayer(index, input, workspace);
    return [forwardUnrolledWhole(layer, does, batch, read, { parameters, outputs })];
  }
  return [
    forwardSums(network, input, workspace, index),
    sumParts(layer, partialSums(network, input, workspace, index), does, sharing[form].samples, batch, {
      parameters,
      outputs,
    }),
  ];
}

/** The input of layer `index` -> its sums in parts. */
export function forwardSums(
  network: Network,
  input: LayerInput,
  workspace: Workspace,
  index: number,
): KernelCall {
  const { layout, parameters, forms } = network;
  const { batch, partials } = workspace;
  if (!partials) throw new Error("there is no room for sums in parts");
  const sums = forms[index] === "tiled" ? forwardTiled : forwardUnrolled;
  return sums(layout.layers[index], batch, inputOfLayer(index, input, workspace), { parameters, partials });
}

/** What `forwardSums` leaves of layer `index`. */
export function partialSums(
  { layout, forms }: Network,
  input: LayerInput,
  workspace: Workspace,
  index: number,
): PartialSums {
  const { batch, partials } = workspace;
  if (!partials) throw new Error("there is no room for sums in parts");
  const parts = partsOf(forms[index], layout.layers[index], batch);
  const read = inputOfLayer(index, input, workspace);
  return { partials, parts, ...(read.kind === "nonzero" && { inkedParts: read.inkedParts }) };
}

/** Logits and labels -> loss, prediction and gradient of the last layer. */
export function lossGradient(
  { layout }: Network,
  { order, labels }: Pick<Samples, "order" | "labels">,
  { batch, activations, gradients }: Workspace,
  sampleMetrics: GPUBuffer,
  labelSmoothing: number,
): KernelCall {
  return softmaxCrossEntropy(last(layout.layers).outputs, batch, labelSmoothing, {
    logits: last(activations),
    order,
    labels,
    gradient: last(gradients),
    sample_metrics: sampleMetrics,
  });
}

/** Logits -> probabilities. */
export function probabilitiesOf(
  { layout }: Network,
  workspace: Workspace,
  probabilities: GPUBuffer,
): KernelCall {
  const { batch, activations } = workspace;
  return softmax(last(layout.layers).outputs, batch, { logits: last(activations), probabilities });
}

function last<T>(items: readonly T[]): T {
  return items[items.length - 1];
}
