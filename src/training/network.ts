import type { Memory } from "../gpu/memory.ts";
import type { Layer, LayerForm, TrainedLayer } from "../kernels/layer.ts";
import type { PlaceImages } from "../kernels/lib/images.ts";
import { floats, type LayerInput } from "../kernels/lib/input.ts";
import { type ParameterLayout, rowBytes, vectorBytes } from "../kernels/lib/layout.ts";
import type { KernelCall, KernelLibrary } from "../kernels/lib/library.ts";
import type { OptimizerStep } from "../kernels/optimizers/optimizer-step.ts";
import type { StepSettings } from "../model/settings.ts";

/** A network on the GPU: its parameters, and what computes with each layer's. */
export interface Network {
  readonly library: KernelLibrary;
  readonly memory: Memory;
  readonly layout: ParameterLayout;
  readonly parameters: GPUBuffer;
  readonly settings: StepSettings;
  readonly forms: readonly LayerForm[];
  /** Puts images where the first layer's form reads them. */
  readonly placeImages: PlaceImages;
}

/**
 * Layers that compute batches of up to `batch` samples, each in buffers of its own; `what` they are for is in the labels. Hidden
 * layers apply the activation of the settings; the last layer puts out logits.
 * @param back whether gradients come back as well
 */
export function placeLayers(
  { memory, layout, parameters, settings, forms }: Network,
  what: string,
  batch: number,
  input: LayerInput,
  back = false,
): Layer[] {
  const { layers } = layout;
  const outputs = layers.map((layer, index) =>
    memory.storage(`activations of layer ${index + 1}, ${what}`, batch * rowBytes(layer.outputs)),
  );
  const partialVectors = layers.map((layer, index) =>
    forms[index].partialVectors(layer, batch, back && index > 0),
  );
  const bytes = batch * Math.max(...partialVectors) * vectorBytes;
  const partials = memory.storage(`partial sums, ${what}`, bytes);
  return layers.map((layer, index) => ({
    form: forms[index],
    layout: layer,
    batch,
    parameters,
    input: index === 0 ? input : floats(outputs[index - 1]),
    does: { activation: index === layers.length - 1 ? "identity" : settings.activation },
    outputs: outputs[index],
    partials,
  }));
}

/** Layers that learn: hidden ones apply dropout and leave their derivatives for the way back. */
export function placeTrainedLayers(
  network: Network,
  batch: number,
  input: LayerInput,
  optimizer: OptimizerStep,
): TrainedLayer[] {
  const { memory, settings } = network;
  const layers = placeLayers(network, "training", batch, input, true);
  return layers.map((layer, index) => {
    const bytes = batch * rowBytes(layer.layout.outputs);
    const gradient = memory.storage(`gradient of layer ${index + 1}`, bytes);
    const trained = { ...layer, gradient, optimizer };
    if (index === layers.length - 1) return trained;
    const training = { layer: index, dropout: settings.hiddenDropout, derivatives: gradient };
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
