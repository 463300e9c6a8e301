import { type Descent, descentOf } from "./descent.ts";
import { type AlsoOutput, alsoOutputOf } from "./fused-update.ts";
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
  also?: AlsoOutput,
): KernelCall {
  const { across: neurons, along: inputs } = tileOf(layer.outputVectors);
  const blocks = Math.ceil(rowVectors(layer) / inputs);
  const source = inputOf(input);
  const descends = descentOf(descent);
  const output = alsoOutputOf(also, blocks * Math.ceil(layer.outputVectors / neurons) * threads);
  return {
    name: "update_tiled",
    variants: {
      ...source.variants,
      ...descends.variants,
      ...output.variants,
      NEURONS: String(neurons),
      INPUTS: String(inputs),
    },
    constants: {
      ...layerConstants(layer),
      ...descends.constants,
      ...output.constants,
      BLOCKS: blocks,
    },
    buffers: { ...source.buffers, ...descends.buffers, ...output.buffers, ...buffers },
    workgroup: threads,
    invocations: output.invocations,
  };
}
