import { type Descent, descentOf } from "./descent.ts";
import { inputOf, type LayerInput } from "./input.ts";
import { type LayerLayout, layerConstants, rowVectors } from "./layout.ts";
import type { KernelCall } from "./library.ts";

/** One step of the optimizer, in place in `parameters`, along the gradients dZᵀ·X and the column sums of dZ. */
export function update(
  layer: LayerLayout,
  input: LayerInput,
  descent: Descent,
  buffers: { gradient: GPUBuffer; parameters: GPUBuffer },
): KernelCall {
  const source = inputOf(input);
  const descends = descentOf(descent);
  return {
    name: "update",
    variants: { ...source.variants, ...descends.variants, THEN: "optimizer_step" },
    constants: {
      ...layerConstants(layer),
      ...descends.constants,
    },
    buffers: { ...source.buffers, ...descends.buffers, ...buffers },
    invocations: layer.outputVectors * rowVectors(layer),
  };
}

/** The gradients dZᵀ·X and the column sums of dZ themselves, into `gradients`, which is laid out like the parameters. */
export function weightGradient(
  layer: LayerLayout,
  input: LayerInput,
  buffers: { gradient: GPUBuffer; gradients: GPUBuffer },
): KernelCall {
  const source = inputOf(input);
  return {
    name: "update",
    variants: { ...source.variants, THEN: "gradient_alone" },
    constants: layerConstants(layer),
    buffers: { ...source.buffers, gradient: buffers.gradient, parameters: buffers.gradients },
    invocations: layer.outputVectors * rowVectors(layer),
  };
}
