import type { Split } from "../data/dataset.ts";
import { augment } from "../kernels/augment.ts";
import { backward } from "../kernels/backward.ts";
import { backwardParts } from "../kernels/backward-partials.ts";
import {
  backwardPartsUnrolled,
  backwardUnrolled,
  backwardUnrolledWhole,
} from "../kernels/backward-unrolled.ts";
import type { Descent } from "../kernels/descent.ts";
import { head } from "../kernels/fused-classifier.ts";
import type { LayerInput } from "../kernels/input.ts";
import { vectorWidth } from "../kernels/layout.ts";
import type { KernelCall } from "../kernels/library.ts";
import { update } from "../kernels/update.ts";
import { updateTiled } from "../kernels/update-tiled.ts";
import { updateUnrolled } from "../kernels/update-unrolled.ts";
import { changesImages } from "../reference/augment.ts";
import { forwardLayer, forwardPass, forwardSums, lossGradient, partialSums } from "./forward-pass.ts";
import { activationOf, hiddenTraining, inputOfLayer, type Network } from "./network.ts";
import { planHead, sharing } from "./plan.ts";
import type { Samples } from "./samples.ts";
import type { Workspace } from "./workspace.ts";

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

/** Sums of the last hidden layer -> loss, and gradients of it and of the output layer. */
function headOf(network: Network, { samples, input, workspace, sampleMetrics }: Training): KernelCall {
  const { layout, parameters, forms, settings } = network;
  const { batch, activations, gradients } = workspace;
  const index = layout.layers.length - 2;
  return head(
    layout.layers[index],
    layout.layers[index + 1],
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
