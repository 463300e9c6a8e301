import { type Activation, activationCodes } from "./activation.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/**
 * From the sums of the last hidden layer, in parts, through the output layer and the loss to the gradients of both
 * layers: `sum_parts`, `forward`, `softmax_cross_entropy` and `backward` in one dispatch.
 */
export function head(
  hidden: LayerLayout,
  output: LayerLayout,
  parts: number,
  activation: Activation,
  batch: number,
  buffers: {
    partials: GPUBuffer;
    parameters: GPUBuffer;
    order: GPUBuffer;
    labels: GPUBuffer;
    activations: GPUBuffer;
    gradient: GPUBuffer;
    previous_gradient: GPUBuffer;
    sample_metrics: GPUBuffer;
  },
): KernelCall {
  return {
    name: "head",
    constants: {
      ...layerConstants(hidden),
      OUTPUTS: hidden.outputs,
      HEAD_OFFSET: output.offset,
      CLASSES: output.outputs,
      CLASS_VECTORS: output.outputVectors,
      ACTIVATION: activationCodes[activation],
      PARTS: parts,
    },
    buffers,
    invocations: batch,
  };
}
