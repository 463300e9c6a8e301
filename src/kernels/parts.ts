import type { LayerLayout } from "./layout.ts";

/** How the sums over a layer's inputs are split: `shaders/parts.wgsl` says where the parts lie. */
export interface Parts {
  /** Samples that the parts have room for. */
  readonly batch: number;
  readonly parts: number;
}

/** Bytes of `partials` for a layer. */
export function partialsBytes({ outputVectors }: LayerLayout, { batch, parts }: Parts): number {
  return parts * batch * outputVectors * 16;
}
