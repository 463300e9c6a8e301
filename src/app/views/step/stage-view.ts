/** What a stage has to know beside the numbers. */
export interface StageView {
  /** What the classes are called. */
  readonly classes: readonly string[];
  /** Of the images. */
  readonly rows: number;
  readonly columns: number;
  /** Chooses another sample to follow. */
  follow(sample: number): void;
  /** The unit whose weights are looked at. */
  readonly unit: { readonly layer: number; readonly unit: number };
  look(unit: { readonly layer: number; readonly unit: number }): void;
}
