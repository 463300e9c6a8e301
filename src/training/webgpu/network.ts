import type { Memory } from "../../gpu/memory.ts";
import type { Layer, LayerForm, TrainedLayer } from "../../kernels/layer.ts";
import type { PlaceImages } from "../../kernels/lib/images.ts";
import { floats, type LayerInput } from "../../kernels/lib/input.ts";
import { type ParameterLayout, rowBytes, vectorBytes } from "../../kernels/lib/layout.ts";
import type { KernelCall, KernelLibrary } from "../../kernels/lib/library.ts";
import type { OptimizerStep } from "../../kernels/optimizers/optimizer-step.ts";
import type { Activation } from "../../model/activations.ts";

/** Networks of one shape on the GPU, as many as the memory says: their parameters, and what computes with each layer's. */
export interface Network {
  readonly library: KernelLibrary;
  readonly memory: Memory;
  readonly layout: ParameterLayout;
  readonly parameters: GPUBuffer;
  /** What hidden layers apply to their sums. */
  readonly activation: Activation;
  readonly forms: readonly LayerForm[];
  /** Puts images where the first layer's form reads them. */
  readonly placeImages: PlaceImages;
}

/** Buffers in which layers compute batches of up to `batch` samples. */
export interface LayerRoom {
  readonly batch: number;
  /** A `[batch, outputs]` of every layer. */
  readonly outputs: readonly GPUBuffer[];
  /** dZ `[batch, outputs]` of every layer; none where gradients do not come back. */
  readonly gradients: readonly GPUBuffer[];
  readonly partials: GPUBuffer;
}

/**
 * Makes room for batches of up to `batch` samples; `what` it is for is in the labels.
 * @param back whether gradients come back as well
 */
export function allocateLayers(
  { memory, layout: { layers }, forms }: Network,
  what: string,
  batch: number,
  back = false,
): LayerRoom {
  const rows = (name: string) =>
    layers.map((layer, index) =>
      memory.storageOfEach(`${name} of layer ${index + 1}, ${what}`, batch * rowBytes(layer.outputs)),
    );
  const partialVectors = layers.map((layer, index) =>
    forms[index].partialVectors(layer, batch, back && index > 0),
  );
  const bytes = batch * Math.max(...partialVectors) * vectorBytes;
  return {
    batch,
    outputs: rows("activations"),
    gradients: back ? rows("gradient") : [],
    partials: memory.storageOfEach(`partial sums, ${what}`, bytes),
  };
}

/** Layers that compute in `room`. Hidden layers apply the network's activation; the last layer puts out logits. */
export function placeLayers(
  { layout: { layers }, parameters, activation, forms }: Network,
  { batch, outputs, partials }: LayerRoom,
  input: LayerInput,
): Layer[] {
  return layers.map((layer, index) => ({
    form: forms[index],
    layout: layer,
    batch,
    parameters,
    input: index === 0 ? input : floats(outputs[index - 1]),
    does: { activation: index === layers.length - 1 ? "identity" : activation },
    outputs: outputs[index],
    partials,
  }));
}

/** Layers that learn: hidden ones apply dropout and leave their derivatives for the way back. */
export function placeTrainedLayers(
  network: Network,
  room: LayerRoom,
  input: LayerInput,
  optimizer: OptimizerStep,
  dropout: number,
): TrainedLayer[] {
  const layers = placeLayers(network, room, input);
  return layers.map((layer, index) => {
    const gradient = room.gradients[index];
    const trained = { ...layer, gradient, optimizer };
    if (index === layers.length - 1) return trained;
    const training = { layer: index, dropout, derivatives: gradient };
    return { ...trained, does: { ...layer.does, training } };
  });
}

/** X -> activations of every layer; the last ones are the logits. */
export function forwardPass(layers: readonly Layer[]): KernelCall[] {
  return layers.flatMap((layer) => layer.form.forward(layer));
}

/** The gradient of the last layer -> those of all layers before it. */
export function backwardPass(layers: readonly TrainedLayer[]): KernelCall[] {
  const back = layers.slice(1).map((layer, before) => layer.form.backward(layer, layers[before].gradient));
  return back.reverse().flat();
}
