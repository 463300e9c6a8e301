import type { LayerActivation } from "../model/activations.ts";
import { activationVariant } from "./activation.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type HiddenTraining, hiddenTraining } from "./outputs.ts";
import { type PartialSums, partialSumsOf } from "./partial-sums.ts";

/** Who shares what is loaded: the more do, the fewer loads there are, and the less there is to do in parallel. */
export interface HeadSharing {
  /** Samples that one invocation computes. */
  readonly samples: number;
  /** Whether each invocation loads the output layer's weights, or the four of a quad together (with `subgroups`). */
  readonly weights: "each" | "quad";
}

/**
 * From the sums of the last hidden layer, in parts, through the output layer and the loss to the gradients of both
 * layers: `forward_partials`, `forward`, `softmax_cross_entropy` and `backward` in one dispatch.
 * @param sharing of what is loaded
 */
export function head(
  hidden: LayerLayout,
  output: LayerLayout,
  sums: PartialSums,
  activation: LayerActivation,
  training: HiddenTraining,
  labelSmoothing: number,
  { samples, weights }: HeadSharing,
  batch: number,
  buffers: {
    parameters: GPUBuffer;
    order: GPUBuffer;
    labels: GPUBuffer;
    activations: GPUBuffer;
    gradient: GPUBuffer;
    sample_metrics: GPUBuffer;
  },
): KernelCall {
  const summed = partialSumsOf(sums);
  const constants = {
    ...layerConstants(hidden),
    ...summed.constants,
    OUTPUTS: hidden.outputs,
    OUTPUT_LAYER_OFFSET: output.offset,
    CLASSES: output.outputs,
    LABEL_SMOOTHING: labelSmoothing,
  };
  const result = hiddenTraining(constants, training);
  return {
    name: "fused_classifier",
    variants: {
      ...summed.variants,
      ...activationVariant(activation),
      WEIGHTS: weights,
      SAMPLES: String(samples),
      CLASS_VECTORS: String(output.outputVectors),
    },
    constants: result.constants,
    buffers: { ...summed.buffers, ...buffers, ...result.buffers },
    invocations: Math.ceil(batch / samples),
  };
}
