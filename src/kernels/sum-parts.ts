import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type LayerOutputs, outputsOf } from "./outputs.ts";

/** A = activation(sum over parts + b) for up to `batch` samples; A `[batch, outputs]` goes to `outputs`, rows padded. */
export function sumParts(
  layer: LayerLayout,
  parts: number,
  does: LayerOutputs,
  batch: number,
  buffers: { partials: GPUBuffer; parameters: GPUBuffer; outputs: GPUBuffer },
): KernelCall {
  const result = outputsOf(layer, does);
  return {
    name: "sum_parts",
    variants: result.variants,
    constants: { ...layerConstants(layer), ...result.constants, PARTS: parts },
    buffers: { ...result.buffers, ...buffers },
    invocations: batch * layer.outputVectors,
  };
}
