import { type Descent, descentOf } from "./descent.ts";
import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, rowVectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { threads, tileOf } from "./tile.ts";

/** What `update` computes, in the tiled form. */
export function updateTiled(
  layer: LayerLayout,
  input: LayerInput,
  descent: Descent,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const { across: neurons, along: inputs } = tileOf(layer.outputVectors);
  const blocks = Math.ceil(rowVectors(layer) / inputs);
  const source = inputOf(input);
  const descends = descentOf(descent);
  return {
    name: "update_tiled",
    variants: { ...source.variants, ...descends.variants, NEURONS: String(neurons), INPUTS: String(inputs) },
    constants: {
      ...layerConstants(layer),
      ...descends.constants,
      BLOCKS: blocks,
    },
    buffers: { ...source.buffers, ...descends.buffers, ...buffers },
    workgroup: threads,
    invocations: blocks * Math.ceil(layer.outputVectors / neurons) * threads,
  };
}
