/** Where a layer's input comes from: the images, through the epoch's order, or the layer before. */
export type LayerInput =
  | { readonly kind: "bytes"; readonly images: GPUBuffer; readonly order: GPUBuffer }
  | { readonly kind: "floats"; readonly inputs: GPUBuffer };

/** The variant and the buffers that `shaders/input_bytes.wgsl` or `input_floats.wgsl` need. */
export function inputOf({ kind, ...buffers }: LayerInput): {
  variants: { INPUT: string };
  buffers: Record<string, GPUBuffer>;
} {
  return { variants: { INPUT: kind }, buffers };
}
