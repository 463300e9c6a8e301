import type { Memory } from "../gpu/memory.ts";
import type { Activation } from "../kernels/activation.ts";
import { backward } from "../kernels/backward.ts";
import { forward } from "../kernels/forward.ts";
import type { LayerInput } from "../kernels/input.ts";
import { type LayerLayout, type ParameterLayout, vectorWidth } from "../kernels/layout.ts";
import type { KernelCall, KernelLibrary } from "../kernels/library.ts";
import { softmax } from "../kernels/softmax.ts";
import { softmaxCrossEntropy } from "../kernels/softmax-cross-entropy.ts";
import { update } from "../kernels/update.ts";
import type { Samples } from "./samples.ts";

/** A network on the GPU: its parameters, and the kernels that compute with them on batches of up to `batch` samples. */
export interface Network {
  readonly library: KernelLibrary;
  readonly memory: Memory;
  readonly layout: ParameterLayout;
  readonly parameters: GPUBuffer;
}

/** What the first layer reads. */
type Images = Pick<Samples, "images" | "order">;

/** Hidden layers apply the sigmoid; the last layer puts out logits. */
function activationOf(layout: ParameterLayout, layer: number): Activation {
  return layer === layout.layers.length - 1 ? "identity" : "sigmoid";
}

/** Where the forward pass puts what each layer computes: `[batch, outputs]`, rows padded, one buffer a layer. */
export function allocateActivations({ memory, layout }: Network, what: string, batch: number): GPUBuffer[] {
  return layout.layers.map((layer, index) =>
    memory.storage(`${what} of layer ${index + 1}`, batch * layer.outputVectors * vectorWidth * 4),
  );
}

/** X -> activations of every layer; the last ones are the logits. */
export function forwardPass(
  { layout, parameters }: Network,
  images: Images,
  activations: readonly GPUBuffer[],
  batch: number,
): KernelCall[] {
  return layout.layers.map((layer, index) => {
    const outputs = activations[index];
    const input = inputOfLayer(index, images, activations);
    return forward(layer, activationOf(layout, index), batch, input, { parameters, outputs });
  });
}

/** Logits and labels -> loss, prediction and gradient of the last layer. */
export function lossGradient(
  { layout }: Network,
  { order, labels }: Pick<Samples, "order" | "labels">,
  logits: GPUBuffer,
  gradient: GPUBuffer,
  sampleMetrics: GPUBuffer,
  batch: number,
): KernelCall {
  const buffers = { logits, order, labels, gradient, sample_metrics: sampleMetrics };
  return softmaxCrossEntropy(lastLayer(layout).outputs, batch, buffers);
}

/** Logits -> probabilities. */
export function probabilitiesOf(
  { layout }: Network,
  logits: GPUBuffer,
  probabilities: GPUBuffer,
  batch: number,
): KernelCall {
  return softmax(lastLayer(layout).outputs, batch, { logits, probabilities });
}

/** The gradient of the last layer -> those of all layers before it, last one first. */
export function backwardPass(
  { layout, parameters }: Network,
  activations: readonly GPUBuffer[],
  gradients: readonly GPUBuffer[],
  batch: number,
): KernelCall[] {
  const calls = layout.layers.slice(1).map((layer, previous) =>
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
export function updatePass(
  { layout, parameters }: Network,
  images: Images,
  activations: readonly GPUBuffer[],
  gradients: readonly GPUBuffer[],
): KernelCall[] {
  return layout.layers.map((layer, index) =>
    update(layer, inputOfLayer(index, images, activations), { gradient: gradients[index], parameters }),
  );
}

function inputOfLayer(
  index: number,
  { images, order }: Images,
  activations: readonly GPUBuffer[],
): LayerInput {
  return index > 0 ? { kind: "floats", inputs: activations[index - 1] } : { kind: "bytes", images, order };
}

function lastLayer(layout: ParameterLayout): LayerLayout {
  return layout.layers[layout.layers.length - 1];
}
