import type { ImageRows } from "./image-rows.ts";
import type { SampleSorter } from "./sample-sorter.ts";

/** The images, through the epoch's order; or without their blank parts, which the unrolled kernels leave out. */
export type ImageInput =
  | { readonly kind: "bytes"; readonly images: GPUBuffer; readonly order: GPUBuffer }
  | {
      readonly kind: "nonzero";
      readonly images: GPUBuffer;
      /** As `SampleSorter` has them. */
      readonly rows: GPUBuffer;
      readonly ink: GPUBuffer;
      readonly inkedParts: GPUBuffer;
    };

/** Where a layer's input comes from: the images, or the layer before. */
export type LayerInput = ImageInput | { readonly kind: "floats"; readonly inputs: GPUBuffer };

/** How the first layer reads images: without their blank parts, if there is somebody who knows them. */
export function imageInput(
  { buffer: images }: ImageRows,
  order: GPUBuffer,
  sorter: SampleSorter | undefined,
): ImageInput {
  if (!sorter) return { kind: "bytes", images, order };
  const { rows, ink, inkedParts } = sorter;
  return { kind: "nonzero", images, rows, ink, inkedParts };
}

/** The variant and the buffers that `shaders/input_*.wgsl` or `stretch_*.wgsl` need. */
export function inputOf(input: LayerInput): {
  variants: { INPUT: string };
  buffers: Record<string, GPUBuffer>;
} {
  if (input.kind === "nonzero") {
    const { kind, images, rows, ink } = input;
    return { variants: { INPUT: kind }, buffers: { images, rows, nonzero_extents: ink } };
  }
  const { kind, ...buffers } = input;
  return { variants: { INPUT: kind }, buffers };
}
