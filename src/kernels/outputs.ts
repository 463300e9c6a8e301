import type { LayerActivation } from "../model/activations.ts";
import { activationVariant } from "./activation.ts";
import { dropoutConstants } from "./dropout.ts";
import type { LayerLayout } from "./layout.ts";

/** What a hidden layer does in training beside its activation. */
export interface HiddenTraining {
  /** The hidden layer's number, from 0: dropout draws by it. */
  readonly layer: number;
  /** Probability with which an activation is left out. */
  readonly dropout: number;
  /** Where its derivatives go `[batch, outputs]`, rows padded: the buffer in which its dZ is going to be. */
  readonly derivatives: GPUBuffer;
}

/** What a layer puts out: its activation, and in training what `shaders/outputs_training.wgsl` adds to it. */
export interface LayerOutputs {
  readonly activation: LayerActivation;
  /** Not given: `shaders/outputs_inference.wgsl`. */
  readonly training?: HiddenTraining;
}

/** The variant, constants and buffers by which a kernel puts out `outputs` of `layer`. */
export function outputsOf(layer: LayerLayout, { activation, training }: LayerOutputs) {
  const variants = { MODE: training ? "training" : "inference", ...activationVariant(activation) };
  const constants = { OUTPUTS: layer.outputs };
  if (!training) return { variants, constants, buffers: {} };
  return { variants, ...hiddenTraining(constants, training) };
}

/** The same for a kernel that is for training alone. */
export function hiddenTraining<Constants extends object>(
  constants: Constants,
  { layer, dropout, derivatives }: HiddenTraining,
) {
  return {
    constants: { ...constants, HIDDEN_LAYER: layer, ...dropoutConstants(dropout) },
    buffers: { derivatives },
  };
}
