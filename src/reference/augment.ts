import type { Batch } from "../data/batches.ts";
import type { ImageShape } from "../data/dataset.ts";
import { type Deformations, deformations, deformsImages } from "../model/setting-effects.ts";
import type { StepSettings } from "../model/settings.ts";
import { inputDropout } from "./dropout.ts";
import { displacement, drawLattice } from "./elastic.ts";
import type { DrawKey } from "./random.ts";
import { drawTransform, warp } from "./warp.ts";

/** What training does to its images before the network sees them. */
export type Augmentation = Deformations & Pick<StepSettings, "inputDropout">;

/** Whether `augment` does anything that `gather` does not. */
export function changesImages(augmentation: Augmentation): boolean {
  return deformsImages(augmentation) || augmentation.inputDropout > 0;
}

/** `augmentation` in a step of this magnitude: deformations times it, and as many pixels left out. */
export function atMagnitude<Kind extends Augmentation>(augmentation: Kind, magnitude = 1): Kind {
  const amounts = deformations.map((name) => [name, magnitude * augmentation[name]]);
  return { ...augmentation, ...Object.fromEntries(amounts) };
}

/**
 * The images of one mini-batch as the first layer sees them in training, each of them transformed, bent and with
 * pixels left out, anew in every step. With an augmentation of zeros they are those of `gather`.
 * @param source `images` are bytes `[count, rows * columns]`
 * @param order indices of images
 * @param window which part of `order` the mini-batch is
 * @param how by how much, and the key of the step's draws
 * @param output receives `[window.size, rows * columns]`
 */
export function augment(
  source: ImageShape & { readonly images: Uint8Array },
  order: Uint32Array,
  window: Batch,
  how: Augmentation & DrawKey,
  output: Float64Array = new Float64Array(window.size * source.rows * source.columns),
): Float64Array {
  const pixels = source.rows * source.columns;
  for (let sample = 0; sample < window.size; sample++) {
    const from = order[window.first + sample] * pixels;
    const lattice = drawLattice(how.elastic, how, sample, source);
    warp(
      source.images.subarray(from, from + pixels),
      source,
      drawTransform(how, how, sample),
      (row, column) => displacement(lattice, row, column),
      output.subarray(sample * pixels, (sample + 1) * pixels),
    );
  }
  if (how.inputDropout > 0) {
    const factors = inputDropout({ ...how, probability: how.inputDropout }, window.size, pixels);
    for (let at = 0; at < window.size * pixels; at++) output[at] *= factors[at];
  }
  return output;
}
