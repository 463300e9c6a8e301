import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, vectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { type LayerOutputs, outputsOf } from "./outputs.ts";

/** A = activation(X · Wᵀ + b) for up to `batch` samples; A `[batch, outputs]` goes to `outputs`, rows padded. */
export function forward(
  layer: LayerLayout,
  does: LayerOutputs,
  batch: number,
  input: LayerInput,
  buffers: { parameters: GPUBuffer; outputs: GPUBuffer },
): KernelCall {
  const source = inputOf(input);
  const result = outputsOf(layer, does);
  return {
    name: "forward",
    variants: { ...source.variants, ...result.variants },
    constants: { ...layerConstants(layer), ...result.constants },
    buffers: { ...source.buffers, ...result.buffers, ...buffers },
    invocations: layer.outputVectors * vectors(batch),
  };
}
