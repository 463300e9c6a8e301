import type { Memory } from "../gpu/memory.ts";
import type { Arrangement } from "../kernels/arrangement.ts";
import type { KernelForm } from "../kernels/form.ts";
import type { LayerInput } from "../kernels/input.ts";
import type { ParameterLayout } from "../kernels/layout.ts";
import type { KernelLibrary } from "../kernels/library.ts";
import type { HiddenTraining } from "../kernels/outputs.ts";
import type { LayerActivation } from "../model/activations.ts";
import type { StepSettings } from "../model/settings.ts";
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

/** Hidden layers apply the activation of the settings; the last layer puts out logits. */
export function activationOf({ layout, settings }: Network, layer: number): LayerActivation {
  return layer === layout.layers.length - 1 ? "identity" : settings.activation;
}

/** What hidden layer `index` does in training. */
export function hiddenTraining(
  { settings }: Network,
  { gradients }: Workspace,
  index: number,
): HiddenTraining {
  return { layer: index, dropout: settings.hiddenDropout, derivatives: gradients[index] };
}

/** What layer `index` reads: the network's input, or what the layer before has put out. */
export function inputOfLayer(index: number, input: LayerInput, { activations }: Workspace): LayerInput {
  return index > 0 ? { kind: "floats", inputs: activations[index - 1] } : input;
}
