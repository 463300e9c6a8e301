import type { Layer } from "../layer.ts";
import { layerConstants } from "../lib/layout.ts";
import type { KernelCall } from "../lib/library.ts";
import { outputsOf } from "../lib/outputs.ts";

/*
 * The second half of a split-K product, whose inner dimension is cut into slices: the partial sums `[batch, slices, results]`
 * over each are added up.
 */

/**
 * What `partial_sums.wgsl` is filled with.
 * @param samples what one invocation computes: more of them share loads, fewer leave more to do in parallel
 * @param together slices that are loaded before they are used: as many loads take the time of one, where that is long
 */
export function partialVariants(slices: number, samples: number, together: number) {
  return { SAMPLES: String(samples), ...togetherVariants(slices, together) };
}

function togetherVariants(slices: number, together: number) {
  return { TOGETHER: String(together), REST: String(slices % together) };
}

/** A = activation(sum over slices + b). */
export function forwardPartials(
  { layout, batch, parameters, does, outputs, partials }: Omit<Layer, "form" | "input">,
  slices: number,
  { samples, together }: { readonly samples: number; readonly together: number },
): KernelCall {
  const result = outputsOf(layout, does);
  return {
    name: "forward_partials",
    variants: { ...result.variants, ...partialVariants(slices, samples, together) },
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
  together: number,
): KernelCall {
  return {
    name: "backward_partials",
    variants: togetherVariants(slices, together),
    constants: { INPUT_VECTORS: inputVectors, SLICES: slices },
    buffers: { partials, previous_gradient },
    invocations: batch * inputVectors,
  };
}
