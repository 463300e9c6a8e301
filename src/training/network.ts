import type { Split } from "../data/dataset.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Activation } from "../kernels/activation.ts";
import type { Arrangement } from "../kernels/arrangement.ts";
import { augment } from "../kernels/augment.ts";
import { backward } from "../kernels/backward.ts";
import { backwardParts } from "../kernels/backward-parts.ts";
import {
  backwardPartsUnrolled,
  backwardUnrolled,
  backwardUnrolledWhole,
} from "../kernels/backward-unrolled.ts";
import type { Descent } from "../kernels/descent.ts";
import type { KernelForm } from "../kernels/form.ts";
import { forward } from "../kernels/forward.ts";
import { forwardTiled } from "../kernels/forward-tiled.ts";
import { forwardUnrolled, forwardUnrolledWhole, partsUnrolled } from "../kernels/forward-unrolled.ts";
import { head } from "../kernels/head.ts";
import type { LayerInput } from "../kernels/input.ts";
import { type ParameterLayout, vectorWidth } from "../kernels/layout.ts";
import type { KernelCall, KernelLibrary } from "../kernels/library.ts";
import type { HiddenTraining } from "../kernels/outputs.ts";
import type { PartialSums } from "../kernels/partial-sums.ts";
import { softmax } from "../kernels/softmax.ts";
import { softmaxCrossEntropy } from "../kernels/softmax-cross-entropy.ts";
import { sumParts } from "../kernels/sum-parts.ts";
import { update } from "../kernels/update.ts";
import { updateTiled } from "../kernels/update-tiled.ts";
import { updateUnrolled } from "../kernels/update-unrolled.ts";
import type { StepSettings } from "../model/settings.ts";
import { changesImages } from "../reference/augment.ts";
import { partsOf, planHead, sharing } from "./plan.ts";
import type { Samples } from "./samples.ts";
import type { Workspace } from "./workspace.ts";

/** A network on the GPU: its parameters, and the form of the kernels that compute with each layer's. */
export interface Network {
  readonly library: KernelLibrary;
  readonly memory: Memory;
  readonly layout: ParameterLayout;
  readonly parameters: GPUBuffer;
  readonly settings: StepSettings;
  readonly forms: readonly KernelForm[];
  /** How images lie on the GPU; as they are, unless the first layer's kernels leave out their blank parts. */
  readonly arrangement: Arrangement | undefined;
}

/** What a training step works on. */
export interface Training {
  readonly samples: Samples;
  readonly workspace: Workspace;
  readonly descent: Descent;
  readonly sampleMetrics: GPUBuffer;
  /** What the first layer reads: the images, or what `augment` makes of them. */
  readonly input: LayerInput;
}

/** The first layer's input in training, and the room it needs if images are augmented. */
export function trainingInput(
  { memory, layout, settings }: Network,
  samples: Samples,
  batch: number,
): LayerInput {
  if (!changesImages(settings)) return samples.input;
  const [{ inputVectors }] = layout.layers;
  const bytes = batch * inputVectors * vectorWidth * Float32Array.BYTES_PER_ELEMENT;
  return { kind: "floats", inputs: memory.storage("augmented images", bytes) };
}

/** One training step: forward, gradient, backward, update. */
export function trainingStep(
  network: Network,
  training: Training,
  shape: Pick<Split, "rows" | "columns">,
): KernelCall[] {
  const { layers } = network.layout;
  const { samples, workspace, sampleMetrics, input } = training;
  const fused = planHead(network.layout, network.forms) && fits(network, headOf(network, training));
  const lastHidden = layers.length - 2;
  const { labelSmoothing } = network.settings;
  return [
    ...(input.kind === "floats" ? [augmented(network, training, input.inputs, shape)] : []),
    ...(fused
      ? [
          ...layers
            .slice(0, lastHidden)
            .flatMap((_, index) => forwardLayer(network, input, workspace, index, true)),
          forwardSums(network, input, workspace, lastHidden),
          headOf(network, training),
          ...backwardPass(network, workspace, lastHidden),
        ]
      : [
          ...forwardPass(network, input, workspace, true),
          lossGradient(network, samples, workspace, sampleMetrics, labelSmoothing),
          ...backwardPass(network, workspace, layers.length - 1),
        ]),
    ...updatePass(network, training, fused),
  ];
}

/** Images of a mini-batch -> what the first layer reads. */
function augmented(
  { settings }: Network,
  {
    samples: {
      input: { images },
      order,
    },
    workspace: { batch },
  }: Training,
  inputs: GPUBuffer,
  shape: Pick<Split, "rows" | "columns">,
): KernelCall {
  return augment(shape, settings, batch, { images, order, inputs });
}

/** X -> activations of every layer; the last ones are the logits. In training, slopes are left for the way back. */
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

/** The input of layer `index` -> its activations. */
function forwardLayer(
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

/** What hidden layer `index` does in training. */
function hiddenTraining({ settings }: Network, { gradients }: Workspace, index: number): HiddenTraining {
  return { layer: index, dropout: settings.hiddenDropout, slopes: gradients[index] };
}

/** The input of layer `index` -> its sums in parts. */
function forwardSums(network: Network, input: LayerInput, workspace: Workspace, index: number): KernelCall {
  const { layout, parameters, forms } = network;
  const { batch, partials } = workspace;
  if (!partials) throw new Error("there is no room for sums in parts");
  const sums = forms[index] === "tiled" ? forwardTiled : forwardUnrolled;
  return sums(layout.layers[index], batch, inputOfLayer(index, input, workspace), { parameters, partials });
}

/** What `forwardSums` leaves of layer `index`. */
function partialSums(
  { layout, forms }: Network,
  input: LayerInput,
  workspace: Workspace,
  index: number,
): PartialSums {
  const { batch, partials } = workspace;
  if (!partials) throw new Error("there is no room for sums in parts");
  const parts = partsOf(forms[index], layout.layers[index], batch);
  const read = inputOfLayer(index, input, workspace);
  return { partials, parts, ...(read.kind === "sparse" && { inkedParts: read.inkedParts }) };
}

/** Sums of the last hidden layer -> loss, and gradients of it and of the output layer. */
function headOf(network: Network, { samples, input, workspace, sampleMetrics }: Training): KernelCall {
  const { layout, parameters, forms, settings } = network;
  const { batch, activations, gradients } = workspace;
  const index = layout.layers.length - 2;
  return head(
    layout.layers[index],
    last(layout.layers),
    partialSums(network, input, workspace, index),
    activationOf(network, index),
    hiddenTraining(network, workspace, index),
    settings.labelSmoothing,
    sharing[forms[index]],
    batch,
    {
      parameters,
      order: samples.order,
      labels: samples.labels,
      activations: activations[index],
      gradient: gradients[index + 1],
      sample_metrics: sampleMetrics,
    },
  );
}

/** The gradient of layer `from` -> those of all layers before it, last one first. */
function backwardPass(network: Network, workspace: Workspace, from: number): KernelCall[] {
  const layers = network.layout.layers.slice(1, from + 1);
  return layers
    .map((_, previous) => backwardLayer(network, workspace, previous + 1))
    .reverse()
    .flat();
}

/** The gradient of layer `index` -> that of the layer before. */
function backwardLayer(
  { layout, parameters, forms }: Network,
  workspace: Workspace,
  index: number,
): KernelCall[] {
  const { batch, gradients, partials } = workspace;
  const layer = layout.layers[index];
  const gradient = gradients[index];
  const previous_gradient = gradients[index - 1];
  if (!partials || forms[index] !== "unrolled") {
    return [backward(layer, batch, { gradient, parameters, previous_gradient })];
  }
  if (backwardPartsUnrolled(layer) === 1) {
    return [backwardUnrolledWhole(layer, batch, { gradient, parameters, previous_gradient })];
  }
  return [
    backwardUnrolled(layer, batch, { gradient, parameters, partials }),
    backwardParts(layer, backwardPartsUnrolled(layer), batch, { partials, previous_gradient }),
  ];
}

/**
 * Gradients of all layers -> new parameters. Behind `head` the output layer takes part in the dispatch of the hidden layer
 * before it, if the device can bind all buffers of both.
 */
function updatePass(network: Network, training: Training, behindHead: boolean): KernelCall[] {
  const { layout } = network;
  const each = layout.layers.map((_, index) => updateLayer(network, training, index));
  if (!behindHead) return each;
  const lastTwo = updateLastTwo(network, training);
  return fits(network, lastTwo) ? [...each.slice(0, -2), lastTwo] : each;
}

/** Whether the device can bind all that `call` needs. */
function fits({ memory }: Network, { buffers }: KernelCall): boolean {
  return Object.keys(buffers).length <= memory.device.limits.maxStorageBuffersPerShaderStage;
}

/** The gradient of layer `index` -> its new parameters. */
function updateLayer(
  { layout, parameters, forms }: Network,
  { input, workspace, descent }: Training,
  index: number,
): KernelCall {
  const updateIn = { portable: update, unrolled: updateUnrolled, tiled: updateTiled }[forms[index]];
  const read = inputOfLayer(index, input, workspace);
  return updateIn(layout.layers[index], read, descent, { gradient: workspace.gradients[index], parameters });
}

/** The gradients of the last hidden layer and of the output layer -> their new parameters. */
function updateLastTwo(
  { layout: { layers }, parameters, forms }: Network,
  { input, workspace, descent }: Training,
): KernelCall {
  const { activations, gradients } = workspace;
  const index = layers.length - 2;
  const updateIn = forms[index] === "tiled" ? updateTiled : updateUnrolled;
  const read = inputOfLayer(index, input, workspace);
  const buffers = { gradient: gradients[index], parameters };
  return updateIn(layers[index], read, descent, buffers, {
    layer: layers[index + 1],
    buffers: { activations: activations[index], output_gradient: gradients[index + 1] },
  });
}

/** Hidden layers apply the activation of the settings; the last layer puts out logits. */
function activationOf({ layout, settings }: Network, layer: number): Activation {
  return layer === layout.layers.length - 1 ? "identity" : settings.activation;
}

function inputOfLayer(index: number, input: LayerInput, { activations }: Workspace): LayerInput {
  return index > 0 ? { kind: "floats", inputs: activations[index - 1] } : input;
}

function last<T>(items: readonly T[]): T {
  return items[items.length - 1];
}
