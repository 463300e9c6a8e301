import type { Memory } from "../gpu/memory.ts";
import type { Activation } from "../kernels/activation.ts";
import { backward } from "../kernels/backward.ts";
import type { KernelForm } from "../kernels/form.ts";
import { forward } from "../kernels/forward.ts";
import { forwardTiled, partsTiled } from "../kernels/forward-tiled.ts";
import { forwardUnrolled, partsUnrolled } from "../kernels/forward-unrolled.ts";
import { head } from "../kernels/head.ts";
import type { LayerInput } from "../kernels/input.ts";
import { type LayerLayout, type ParameterLayout, vectorWidth } from "../kernels/layout.ts";
import type { KernelCall, KernelLibrary } from "../kernels/library.ts";
import { softmax } from "../kernels/softmax.ts";
import { softmaxCrossEntropy } from "../kernels/softmax-cross-entropy.ts";
import { sumParts } from "../kernels/sum-parts.ts";
import { update } from "../kernels/update.ts";
import { updateTiled } from "../kernels/update-tiled.ts";
import { updateUnrolled } from "../kernels/update-unrolled.ts";
import type { Samples } from "./samples.ts";

/** A network on the GPU: its parameters, and the form of the kernels that compute with each layer's. */
export interface Network {
  readonly library: KernelLibrary;
  readonly memory: Memory;
  readonly layout: ParameterLayout;
  readonly parameters: GPUBuffer;
  readonly forms: readonly KernelForm[];
}

/** Where a network computes batches of up to `batch` samples; one buffer a layer, rows padded to whole vectors. */
export interface Workspace {
  readonly batch: number;
  /** What each layer puts out `[batch, outputs]`; the last ones are the logits. */
  readonly activations: readonly GPUBuffer[];
  /** dZ of each layer `[batch, outputs]`; of the last layer alone, if nothing is trained here. */
  readonly gradients: readonly GPUBuffer[];
  /** Sums of one layer in parts, for the forms that need it. */
  readonly partials: GPUBuffer | undefined;
}

/** The fewest weights of a layer for which compiling unrolled text pays, and the most bytes that its sums may take. */
const leastUnrolled = 4096;
const mostPartialBytes = 128 << 20;

/** The widest hidden layer that `head` takes on: beyond it, a dispatch for each of its four pieces is cheaper. */
const widestHead = { portable: 0, unrolled: 256, tiled: 32 } as const;

/** The planner: the form in which each layer is computed, if `wanted` is the one that suits the adapter. */
export function planForms({ layers }: ParameterLayout, wanted: KernelForm, batch: number): KernelForm[] {
  return layers.map((layer) => {
    const small = wanted === "unrolled" && layer.inputs * layer.outputs < leastUnrolled;
    const tooLarge = batch * sampleBytes(layer, wanted, batch) > mostPartialBytes;
    return small || tooLarge ? "portable" : wanted;
  });
}

/** The most bytes that one sample takes in any buffer of a workspace for batches of `batch`. */
export function largestSampleBytes({ layout, forms }: Network, batch: number): number {
  return Math.max(...layout.layers.map((layer, index) => sampleBytes(layer, forms[index], batch)));
}

/** Bytes that a sample takes in the largest buffer that a layer puts out. */
function sampleBytes(layer: LayerLayout, form: KernelForm, batch: number): number {
  const parts = form === "portable" ? 1 : partsOf(form, layer, batch);
  return parts * layer.outputVectors * vectorWidth * Float32Array.BYTES_PER_ELEMENT;
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
    memory.storage(`${name} of layer ${index + 1}, ${what}`, batch * sampleBytes(layer, "portable", batch));
  const inParts = forms.some((form) => form !== "portable");
  return {
    batch,
    activations: layers.map(rows("activations")),
    gradients: training ? layers.map(rows("gradient")) : layers.slice(-1).map(rows("gradient")),
    partials: inParts
      ? memory.storage(`partial sums, ${what}`, batch * largestSampleBytes(network, batch))
      : undefined,
  };
}

/** One training step: forward, gradient, backward, update. */
export function trainingStep(
  network: Network,
  samples: Samples,
  workspace: Workspace,
  sampleMetrics: GPUBuffer,
): KernelCall[] {
  const { layers } = network.layout;
  const hiddenForm = network.forms.at(-2) ?? "portable";
  const fused = layers.length > 1 && layers[layers.length - 2].outputs <= widestHead[hiddenForm];
  if (!fused) {
    return [
      ...forwardPass(network, samples, workspace),
      lossGradient(network, samples, workspace, sampleMetrics),
      ...backwardPass(network, workspace, layers.length - 1),
      ...updatePass(network, samples, workspace),
    ];
  }
  const lastHidden = layers.length - 2;
  return [
    ...layers.slice(0, lastHidden).flatMap((_, index) => forwardLayer(network, samples, workspace, index)),
    forwardSums(network, samples, workspace, lastHidden),
    headOf(network, samples, workspace, sampleMetrics),
    ...backwardPass(network, workspace, lastHidden),
    ...updatePass(network, samples, workspace),
  ];
}

/** X -> activations of every layer; the last ones are the logits. */
export function forwardPass(network: Network, images: Images, workspace: Workspace): KernelCall[] {
  return network.layout.layers.flatMap((_, index) => forwardLayer(network, images, workspace, index));
}

/** Logits and labels -> loss, prediction and gradient of the last layer. */
export function lossGradient(
  { layout }: Network,
  { order, labels }: Pick<Samples, "order" | "labels">,
  { batch, activations, gradients }: Workspace,
  sampleMetrics: GPUBuffer,
): KernelCall {
  return softmaxCrossEntropy(last(layout.layers).outputs, batch, {
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

/** What the first layer reads. */
type Images = Pick<Samples, "images" | "order">;

/** The input of layer `index` -> its activations. */
function forwardLayer(network: Network, images: Images, workspace: Workspace, index: number): KernelCall[] {
  const { layout, parameters, forms } = network;
  const { batch, activations, partials } = workspace;
  const layer = layout.layers[index];
  const form = forms[index];
  const activation = activationOf(layout, index);
  const outputs = activations[index];
  if (!partials || form === "portable") {
    const input = inputOfLayer(index, images, workspace);
    return [forward(layer, activation, batch, input, { parameters, outputs })];
  }
  return [
    forwardSums(network, images, workspace, index),
    sumParts(layer, partsOf(form, layer, batch), activation, batch, { partials, parameters, outputs }),
  ];
}

/** The input of layer `index` -> its sums in parts. */
function forwardSums(network: Network, images: Images, workspace: Workspace, index: number): KernelCall {
  const { layout, parameters, forms } = network;
  const { batch, partials } = workspace;
  if (!partials) throw new Error("there is no room for sums in parts");
  const sums = forms[index] === "tiled" ? forwardTiled : forwardUnrolled;
  return sums(layout.layers[index], batch, inputOfLayer(index, images, workspace), { parameters, partials });
}

/** Sums of the last hidden layer -> loss, and gradients of it and of the output layer. */
function headOf(
  network: Network,
  samples: Samples,
  workspace: Workspace,
  sampleMetrics: GPUBuffer,
): KernelCall {
  const { layout, parameters, forms } = network;
  const { batch, activations, gradients, partials } = workspace;
  const index = layout.layers.length - 2;
  const hidden = layout.layers[index];
  if (!partials) throw new Error("there is no room for sums in parts");
  return head(
    hidden,
    last(layout.layers),
    partsOf(forms[index], hidden, batch),
    activationOf(layout, index),
    batch,
    {
      partials,
      parameters,
      order: samples.order,
      labels: samples.labels,
      activations: activations[index],
      gradient: gradients[index + 1],
      previous_gradient: gradients[index],
      sample_metrics: sampleMetrics,
    },
  );
}

/** The gradient of layer `from` -> those of all layers before it, last one first. */
function backwardPass({ layout, parameters }: Network, workspace: Workspace, from: number): KernelCall[] {
  const { batch, activations, gradients } = workspace;
  const calls = layout.layers.slice(1, from + 1).map((layer, previous) =>
    backward(layer, activationOf(layout, previous), batch, {
      gradient: gradients[previous + 1],
      parameters,
      activations: activations[previous],
      previous_gradient: gradients[previous],
    }),
  );
  return calls.reverse();
}

/** Gradients of all layers -> new parameters. */
function updatePass(
  { layout, parameters, forms }: Network,
  images: Images,
  workspace: Workspace,
): KernelCall[] {
  const updates = { portable: update, unrolled: updateUnrolled, tiled: updateTiled };
  return layout.layers.map((layer, index) => {
    const updateIn = updates[forms[index]];
    const gradient = workspace.gradients[index];
    return updateIn(layer, inputOfLayer(index, images, workspace), { gradient, parameters });
  });
}

/** Hidden layers apply the sigmoid; the last layer puts out logits. */
function activationOf(layout: ParameterLayout, layer: number): Activation {
  return layer === layout.layers.length - 1 ? "identity" : "sigmoid";
}

/** The parts in which a layer's sums are left. */
function partsOf(form: KernelForm, layer: LayerLayout, batch: number): number {
  return form === "tiled" ? partsTiled(layer, batch) : partsUnrolled(layer);
}

function inputOfLayer(index: number, { images, order }: Images, { activations }: Workspace): LayerInput {
  return index > 0 ? { kind: "floats", inputs: activations[index - 1] } : { kind: "bytes", images, order };
}

function last<T>(items: readonly T[]): T {
  return items[items.length - 1];
}
