/** Sums of a layer that were computed in parts, for a kernel that adds them up by `shaders/parts.wgsl`. */
export interface PartialSums {
  /** `[batch, parts, outputs]`, rows padded to whole vectors. */
  readonly partials: GPUBuffer;
  readonly parts: number;
  /** How many parts each sample has, as `SampleSorter` has it; all of them unless given. */
  readonly inkedParts?: GPUBuffer;
}

/** The variant, constants and buffers of `shaders/parts.wgsl`. */
export function partialSumsOf({ partials, parts, inkedParts }: PartialSums) {
  return {
    variants: { SLICES_OF: inkedParts ? "nonzero" : "all" },
    constants: { SLICES: parts },
    buffers: { partials, ...(inkedParts && { nonzero_slices: inkedParts }) },
  };
}
