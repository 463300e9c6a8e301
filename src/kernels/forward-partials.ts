import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type LayerOutputs, outputsOf } from "./outputs.ts";
import { type PartialSums, partialSumsOf } from "./partial-sums.ts";

/**
 * A = activation(sum over parts + b) for up to `batch` samples; A `[batch, outputs]` goes to `outputs`, rows padded.
 * @param samples what one invocation computes: more of them share loads, fewer leave more to do in parallel
 */
export function sumParts(
  layer: LayerLayout,
  sums: PartialSums,
  does: LayerOutputs,
  samples: number,
  batch: number,
  buffers: { parameters: GPUBuffer; outputs: GPUBuffer },
): KernelCall {
  const summed = partialSumsOf(sums);
  const result = outputsOf(layer, does);
  return {
    name: "forward_partials",
    variants: { ...summed.variants, ...result.variants, SAMPLES: String(samples) },
    constants: { ...layerConstants(layer), ...summed.constants, ...result.constants },
    buffers: { ...summed.buffers, ...result.buffers, ...buffers },
    invocations: Math.ceil(batch / samples) * layer.outputVectors,
  };
}
