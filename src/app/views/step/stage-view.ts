import type { ImageShape } from "../../../data/dataset.ts";
/** What a stage has to know beside the numbers. */
export interface StageView extends ImageShape {
  /** What the classes are called. */
  readonly classes: readonly string[];
  /** Chooses another sample to follow. */
  follow(sample: number): void;
  /** The unit whose weights are looked at. */
  readonly unit: { readonly layer: number; readonly unit: number };
  look(unit: { readonly layer: number; readonly unit: number }): void;
}
