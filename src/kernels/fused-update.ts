import { type LayerLayout, rowVectors } from "./layout.ts";

/** An output layer that is updated in the dispatch of the hidden layer before it: what its update needs to know. */
export interface AlsoOutput {
  readonly layer: LayerLayout;
  readonly buffers: {
    /** What the hidden layer has put out, `[size, inputs]` of the output layer. */
    readonly activations: GPUBuffer;
    /** dZ of the output layer `[size, outputs]`. */
    readonly output_gradient: GPUBuffer;
  };
}

/**
 * What an update of `invocations`, whole workgroups, needs to be one of the output layer too, or of none: the variant,
 * constants and buffers of `shaders/fused/fused_update_output.wgsl`, and all invocations.
 */
export function alsoOutputOf(also: AlsoOutput | undefined, invocations: number) {
  if (!also) return { variants: { FUSED: "none" }, constants: {}, buffers: {}, invocations };
  const { layer, buffers } = also;
  return {
    variants: { FUSED: "output", CLASS_VECTORS: String(layer.outputVectors) },
    constants: { OUTPUT_LAYER_FIRST: invocations, OUTPUT_LAYER_OFFSET: layer.offset },
    buffers,
    invocations: invocations + rowVectors(layer),
  };
}
