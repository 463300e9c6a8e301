import { type Activation, activationCodes } from "./activation.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type HiddenTraining, hiddenTraining } from "./outputs.ts";

/**
 * From the sums of the last hidden layer, in parts, through the output layer and the loss to the gradients of both
 * layers: `sum_parts`, `forward`, `softmax_cross_entropy` and `backward` in one dispatch.
 * @param samples what one invocation computes: more of them share loads, fewer leave more to do in parallel
 */
export function head(
  hidden: LayerLayout,
  output: LayerLayout,
  parts: number,
  activation: Activation,
  training: HiddenTraining,
  labelSmoothing: number,
  samples: number,
  batch: number,
  buffers: {
    partials: GPUBuffer;
    parameters: GPUBuffer;
    order: GPUBuffer;
    labels: GPUBuffer;
    activations: GPUBuffer;
    gradient: GPUBuffer;
    sample_metrics: GPUBuffer;
  },
): KernelCall {
  const constants = {
    ...layerConstants(hidden),
    OUTPUTS: hidden.outputs,
    HEAD_OFFSET: output.offset,
    CLASSES: output.outputs,
    LABEL_SMOOTHING: labelSmoothing,
    ACTIVATION: activationCodes[activation],
    PARTS: parts,
  };
  const result = hiddenTraining(constants, training);
  return {
    name: "head",
    variants: { SAMPLES: String(samples), CLASS_VECTORS: String(output.outputVectors) },
    constants: result.constants,
    buffers: { ...buffers, ...result.buffers },
    invocations: Math.ceil(batch / samples),
  };
}
