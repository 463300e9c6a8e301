import type { LayerLayout } from "../kernels/layout.ts";
import type { Network } from "./network.ts";
import { largestSampleBytes, sampleBytes } from "./plan.ts";

/** Where a network computes batches of up to `batch` samples; one buffer a layer, rows padded to whole vectors. */
export interface Workspace {
  readonly batch: number;
  /** What each layer puts out `[batch, outputs]`; the last ones are the logits. */
  readonly activations: readonly GPUBuffer[];
  /**
   * dZ of each layer `[batch, outputs]`, of hidden ones the derivatives until then; of the last layer alone, if nothing is
   * trained here.
   */
  readonly gradients: readonly GPUBuffer[];
  /** Sums of one layer in parts, for the forms that need it. */
  readonly partials: GPUBuffer | undefined;
}

export function allocateWorkspace(
  network: Network,
  what: string,
  batch: number,
  training: boolean,
): Workspace {
  const { memory, layout, forms } = network;
  const { layers } = layout;
  const rows = (name: string) => (layer: LayerLayout, index: number) =>
    memory.storage(
      `${name} of layer ${index + 1}, ${what}`,
      batch * sampleBytes(layer, "portable", batch, false),
    );
  const inParts = forms.some((form) => form !== "portable");
  return {
    batch,
    activations: layers.map(rows("activations")),
    gradients: training ? layers.map(rows("gradient")) : layers.slice(-1).map(rows("gradient")),
    partials: inParts
      ? memory.storage(`partial sums, ${what}`, batch * largestSampleBytes(layout, forms, batch, training))
      : undefined,
  };
}
