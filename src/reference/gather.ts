import type { Batch } from "../data/batches.ts";

/**
 * The images of one mini-batch as the first layer sees them: `X[sample, pixel] = byte / 255`, where the sample is
 * the image that `order` names at that position of the window.
 * @param images bytes `[count, pixels]`
 * @param order indices of images
 * @param window which part of `order` the mini-batch is
 * @param output receives `[window.size, pixels]`
 */
export function gather(
  images: Uint8Array,
  order: Uint32Array,
  window: Batch,
  pixels: number,
  output: Float64Array = new Float64Array(window.size * pixels),
): Float64Array {
  for (let sample = 0; sample < window.size; sample++) {
    const from = order[window.first + sample] * pixels;
    const to = sample * pixels;
    for (let pixel = 0; pixel < pixels; pixel++) output[to + pixel] = images[from + pixel] / 255;
  }
  return output;
}

/**
 * The labels of the same mini-batch.
 * @param labels `[count]`
 * @param output receives `[window.size]`
 */
export function gatherLabels(
  labels: Uint8Array,
  order: Uint32Array,
  window: Batch,
  output: Uint8Array = new Uint8Array(window.size),
): Uint8Array {
  for (let sample = 0; sample < window.size; sample++) output[sample] = labels[order[window.first + sample]];
  return output;
}
