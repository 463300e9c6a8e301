import { type Activation, activationCodes } from "./activation.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** A = activation(sum over parts + b) for up to `batch` samples; A `[batch, outputs]` goes to `outputs`, rows padded. */
export function sumParts(
  layer: LayerLayout,
  parts: number,
  activation: Activation,
  batch: number,
  buffers: { partials: GPUBuffer; parameters: GPUBuffer; outputs: GPUBuffer },
): KernelCall {
  return {
    name: "sum_parts",
    constants: {
      ...layerConstants(layer),
      OUTPUTS: layer.outputs,
      ACTIVATION: activationCodes[activation],
      PARTS: parts,
    },
    buffers,
    invocations: batch * layer.outputVectors,
  };
}
