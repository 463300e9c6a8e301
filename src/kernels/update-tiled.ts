import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, rowVectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { threads, tileOf } from "./tile.ts";

/** What `update` computes, in the tiled form. */
export function updateTiled(
  layer: LayerLayout,
  input: LayerInput,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const { across: neurons, along: inputs } = tileOf(layer.outputVectors);
  const blocks = Math.ceil(rowVectors(layer) / inputs);
  const source = inputOf(input);
  return {
    name: "update_tiled",
    variants: { ...source.variants, NEURONS: String(neurons), INPUTS: String(inputs) },
    constants: {
      ...layerConstants(layer),
      BLOCKS: blocks,
    },
    buffers: { ...source.buffers, ...buffers },
    workgroup: threads,
    invocations: blocks * Math.ceil(layer.outputVectors / neurons) * threads,
  };
}
