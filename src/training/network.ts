import { imageSize, type Split } from "../data/dataset.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Activation } from "../kernels/activation.ts";
import { type Arrangement, plainArrangement, sparseArrangement } from "../kernels/arrangement.ts";
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
import { forwardTiled, partsTiled } from "../kernels/forward-tiled.ts";
import { forwardUnrolled, forwardUnrolledWhole, partsUnrolled } from "../kernels/forward-unrolled.ts";
import { head } from "../kernels/head.ts";
import type { LayerInput } from "../kernels/input.ts";
import { type LayerLayout, type ParameterLayout, vectorWidth } from "../kernels/layout.ts";
import type { KernelCall, KernelLibrary } from "../kernels/library.ts";
import type { HiddenTraining } from "../kernels/outputs.ts";
import { softmax } from "../kernels/softmax.ts";
import { softmaxCrossEntropy } from "../kernels/softmax-cross-entropy.ts";
import { sumParts } from "../kernels/sum-parts.ts";
import { update } from "../kernels/update.ts";
import { updateTiled } from "../kernels/update-tiled.ts";
import { updateUnrolled } from "../kernels/update-unrolled.ts";
import type { StepSettings } from "../model/settings.ts";
import { changesImages } from "../reference/augment.ts";
import type { Samples } from "./samples.ts";

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

/** Where a network computes batches of up to `batch` samples; one buffer a layer, rows padded to whole vectors. */
export interface Workspace {
  readonly batch: number;
  /** What each layer puts out `[batch, outputs]`; the last ones are the logits. */
  readonly activations: readonly GPUBuffer[];
  /**
   * dZ of each layer `[batch, outputs]`, of hidden ones the slopes until then; of the last layer alone, if nothing is
   * trained here.
   */
  readonly gradients: readonly GPUBuffer[];
  /** Sums of one layer in parts, for the forms that need it. */
  readonly partials: GPUBuffer | undefined;
}

/** The fewest weights of a layer for which compiling unrolled text pays, and the most bytes that its sums may take. */
const leastUnrolled = 4096;
const mostPartialBytes = 128 << 20;

/** The widest hidden layer that `head` takes on: beyond it, a dispatch for each of its four pieces is cheaper. */
const widestHead = { portable: 0, unrolled: 256, tiled: 32 } as const;

/** Samples that one invocation adds parts up for: where loads are dear several share them, a GPU needs invocations. */
const samplesAtOnce = { portable: 1, unrolled: 4, tiled: 1 } as const;

/** The planner: the form in which each layer is computed, if `wanted` is the one that suits the adapter. */
export function planForms({ layers }: ParameterLayout, wanted: KernelForm, batch: number): KernelForm[] {
  return layers.map((layer, index) => {
    const small = wanted === "unrolled" && layer.inputs * layer.outputs < leastUnrolled;
    const tooLarge = batch * sampleBytes(layer, wanted, batch, index > 0) > mostPartialBytes;
    return small || tooLarge ? "portable" : wanted;
  });
}

/** The most bytes that one sample takes in any buffer of a workspace for batches of `batch`. */
export function largestSampleBytes({ layout, forms }: Network, batch: number, training: boolean): number {
  const { layers } = layout;
  return Math.max(
    ...layers.map((layer, index) => sampleBytes(layer, forms[index], batch, training && index > 0)),
  );
}

/** Bytes that a sample takes in the largest buffer that a layer puts out, on the way there and, if it comes, back. */
function sampleBytes(layer: LayerLayout, form: KernelForm, batch: number, comesBack: boolean): number {
  const forward = (form === "portable" ? 1 : partsOf(form, layer, batch)) * layer.outputVectors;
  const back = comesBack && form === "unrolled" ? backwardPartsUnrolled(layer) * layer.inputVectors : 0;
  return Math.max(forward, back) * vectorWidth * Float32Array.BYTES_PER_ELEMENT;
}

/**
 * How images are to lie on the GPU: the unrolled form of the first layer leaves out what is blank, as much of it as can be,
 * unless training images are made anew in every step, pixel by pixel.
 */
export function planArrangement(
  [first]: readonly KernelForm[],
  settings: StepSettings,
  train: Split,
): Arrangement | undefined {
  if (first !== "unrolled") return undefined;
  return changesImages(settings) ? plainArrangement(imageSize(train)) : sparseArrangement(train);
}

export function allocateWorkspace(
  network: Network,
  what: string,
  batch: number,
  training: boolean,
): Workspace {
  const { memory, layout, forms } = network;
  const { layers } = layout;
  const rows = (name: string) => (layer: LayerLayout, index: number) =>
    memory.storage(
      `${name} of layer ${index + 1}, ${what}`,
      batch * sampleBytes(layer, "portable", batch, false),
    );
  const inParts = forms.some((form) => form !== "portable");
  return {
    batch,
    activations: layers.map(rows("activations")),
    gradients: training ? layers.map(rows("gradient")) : layers.slice(-1).map(rows("gradient")),
    partials: inParts
      ? memory.storage(`partial sums, ${what}`, batch * largestSampleBytes(network, batch, training))
      : undefined,
  };
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
  const hiddenForm = network.forms.at(-2) ?? "portable";
  const fused = layers.length > 1 && layers[layers.length - 2].outputs <= widestHead[hiddenForm];
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
    sumParts(layer, partsOf(form, layer, batch), does, samplesAtOnce[form], batch, {
      partials,
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

/** Sums of the last hidden layer -> loss, and gradients of it and of the output layer. */
function headOf(network: Network, { samples, workspace, sampleMetrics }: Training): KernelCall {
  const { layout, parameters, forms, settings } = network;
  const { batch, activations, gradients, partials } = workspace;
  const index = layout.layers.length - 2;
  const hidden = layout.layers[index];
  if (!partials) throw new Error("there is no room for sums in parts");
  return head(
    hidden,
    last(layout.layers),
    partsOf(forms[index], hidden, batch),
    activationOf(network, index),
    hiddenTraining(network, workspace, index),
    settings.labelSmoothing,
    { samples: samplesAtOnce[forms[index]], weights: forms[index] === "unrolled" ? "quad" : "each" },
    batch,
    {
      partials,
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
  const { layout, memory } = network;
  const each = layout.layers.map((_, index) => updateLayer(network, training, index));
  if (!behindHead) return each;
  const lastTwo = updateLastTwo(network, training);
  const fits = Object.keys(lastTwo.buffers).length <= memory.device.limits.maxStorageBuffersPerShaderStage;
  return fits ? [...each.slice(0, -2), lastTwo] : each;
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

/** The parts in which a layer's sums are left. */
function partsOf(form: KernelForm, layer: LayerLayout, batch: number): number {
  return form === "tiled" ? partsTiled(layer, batch) : partsUnrolled(layer);
}

function inputOfLayer(index: number, input: LayerInput, { activations }: Workspace): LayerInput {
  return index > 0 ? { kind: "floats", inputs: activations[index - 1] } : input;
}

function last<T>(items: readonly T[]): T {
  return items[items.length - 1];
}
