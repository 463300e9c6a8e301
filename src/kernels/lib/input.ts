/** Where a layer's input comes from. */
export interface LayerInput {
  /**
   * The text that reads it, `input_<kind>.wgsl` or, in the unrolled form, `chunk_<kind>.wgsl`: `bytes` of images through the
   * epoch's order, `floats` of the layer before, or what a form makes of images for itself.
   */
  readonly kind: string;
  /** The buffers that the text declares. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
}

/** Numbers `[batch, inputs]`, rows padded: what the layer before puts out, or augmented images. */
export function floats(inputs: GPUBuffer): LayerInput {
  return { kind: "floats", buffers: { inputs } };
}

/** The variant and the buffers by which a kernel reads `input`. */
export function inputOf({ kind, buffers }: LayerInput) {
  return { variants: { INPUT: kind }, buffers };
}
