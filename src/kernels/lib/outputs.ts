import type { LayerActivation } from "../../model/activations.ts";
import { dropoutThreshold } from "../../reference/dropout.ts";
import { activationVariant } from "./activation.ts";
import type { LayerLayout } from "./layout.ts";

/** What a layer puts out: its activation, and in training what `outputs_training.wgsl` adds to it. */
export interface LayerOutputs {
  readonly activation: LayerActivation;
  /** Not given: `outputs_inference.wgsl`. */
  readonly training?: HiddenTraining;
}

/** What a hidden layer does in training beside its activation. */
export interface HiddenTraining {
  /** The hidden layer's number, from 0: dropout draws by it. */
  readonly layer: number;
  /** Probability with which an activation is left out. */
  readonly dropout: number;
  /** Where its activation derivatives go `[batch, outputs]`, rows padded: the buffer in which its dZ is going to be. */
  readonly derivatives: GPUBuffer;
}

/** The variants, constants and buffers by which a kernel puts out what a layer `does`. */
export function outputsOf({ outputs }: LayerLayout, { activation, training }: LayerOutputs) {
  const variants = { MODE: training ? "training" : "inference", ...activationVariant(activation) };
  const constants = { OUTPUTS: outputs };
  if (!training) return { variants, constants, buffers: {} };
  const { layer, dropout, derivatives } = training;
  return {
    variants,
    constants: { ...constants, HIDDEN_LAYER: layer, ...dropoutConstants(dropout) },
    buffers: { derivatives },
  };
}

/** The constants of `dropout.wgsl` for leaving numbers out with `probability`. */
export function dropoutConstants(probability: number) {
  return { DROPOUT_THRESHOLD: dropoutThreshold(probability), DROPOUT_SCALE: 1 / (1 - probability) };
}
