import { blockOf } from "./blocks.ts";
import { type Descent, descentOf } from "./descent.ts";
import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { quad, stretchesOf } from "./stretches.ts";

/** What `update` computes, in the unrolled form. */
export function updateUnrolled(
  layer: LayerLayout,
  input: LayerInput,
  descent: Descent,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const { vectors, count, parts } = stretchesOf(layer.inputVectors);
  const block = blockOf(layer.outputs);
  const source = inputOf(input);
  const descends = descentOf(descent);
  return {
    name: "update_unrolled",
    variants: { ...source.variants, ...descends.variants, ...block.variants, VECTORS: String(vectors) },
    constants: { ...layerConstants(layer), ...descends.constants, STRETCHES: count, PARTS: parts },
    buffers: { ...source.buffers, ...descends.buffers, ...buffers },
    workgroup: quad,
    invocations: quad * parts * block.count,
  };
}
