import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type LayerOutputs, outputsOf } from "./outputs.ts";

/**
 * A = activation(sum over parts + b) for up to `batch` samples; A `[batch, outputs]` goes to `outputs`, rows padded.
 * @param samples what one invocation computes: more of them share loads, fewer leave more to do in parallel
 */
export function sumParts(
  layer: LayerLayout,
  parts: number,
  does: LayerOutputs,
  samples: number,
  batch: number,
  buffers: { partials: GPUBuffer; parameters: GPUBuffer; outputs: GPUBuffer },
): KernelCall {
  const result = outputsOf(layer, does);
  return {
    name: "sum_parts",
    variants: { ...result.variants, SAMPLES: String(samples) },
    constants: { ...layerConstants(layer), ...result.constants, PARTS: parts },
    buffers: { ...result.buffers, ...buffers },
    invocations: Math.ceil(batch / samples) * layer.outputVectors,
  };
}
