import type { Layer } from "../layer.ts";
import { layerConstants } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { outputsOf } from "../lib/outputs.ts";

/*
 * The second half of a split-K product, whose inner dimension is cut into slices: the partial sums `[batch, slices, results]`
 * over each are added up.
 */

/**
 * A = activation(sum over slices + b).
 * @param samples what one invocation computes: more of them share loads, fewer leave more to do in parallel
 */
export function forwardPartials(
  { layout, batch, parameters, does, outputs, partials }: Omit<Layer, "form" | "input">,
  slices: number,
  samples: number,
): KernelCall {
  const result = outputsOf(layout, does);
  return {
    name: "forward_partials",
    variants: { ...result.variants, SAMPLES: String(samples) },
    constants: { ...layerConstants(layout), ...result.constants, SLICES: slices },
    buffers: { ...result.buffers, partials, parameters, outputs },
    invocations: Math.ceil(batch / samples) * layout.outputVectors,
  };
}

/** dZ_previous = (sum over slices) ⊙ derivatives. */
export function backwardPartials(
  { layout: { inputVectors }, batch, partials }: Pick<Layer, "layout" | "batch" | "partials">,
  slices: number,
  previous_gradient: GPUBuffer,
): KernelCall {
  return {
    name: "backward_partials",
    constants: { INPUT_VECTORS: inputVectors, SLICES: slices },
    buffers: { partials, previous_gradient },
    invocations: batch * inputVectors,
  };
}
