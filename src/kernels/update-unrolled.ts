import { blockOf } from "./blocks.ts";
import { type Descent, descentOf } from "./descent.ts";
import { type AlsoOutput, alsoOutputOf } from "./fused-update.ts";
import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants } from "./layout.ts";
import type { KernelCall } from "./library.ts";
import { quad, stretchesOf } from "./stretches.ts";

/** Whether the optimizer changes parameters whose gradient is zero: by weight decay, or by what it has kept of earlier steps. */
function stepsAtZero({ settings, slots }: Descent): boolean {
  return settings.weightDecay > 0 || Object.keys(slots).length > 0;
}

/** What `update` computes, in the unrolled form. */
export function updateUnrolled(
  layer: LayerLayout,
  input: LayerInput,
  descent: Descent,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
  also?: AlsoOutput,
): KernelCall {
  const { vectors, count, parts } = stretchesOf(layer.inputVectors);
  const block = blockOf(layer.outputs);
  const source = inputOf(input);
  const descends = descentOf(descent);
  const output = alsoOutputOf(also, quad * parts * block.count);
  return {
    name: "update_unrolled",
    variants: {
      ...source.variants,
      ...descends.variants,
      ...output.variants,
      ...block.variants,
      VECTORS: String(vectors),
    },
    constants: {
      ...layerConstants(layer),
      ...descends.constants,
      ...output.constants,
      CHUNKS: count,
      SLICES: parts,
      STEPS_AT_ZERO: Number(stepsAtZero(descent)),
    },
    buffers: { ...source.buffers, ...descends.buffers, ...output.buffers, ...buffers },
    workgroup: quad,
    invocations: output.invocations,
  };
}
