import { encode } from "fast-png";
import type { ImageShape } from "../../data/dataset.ts";
import type { LayerParameters } from "../../model/parameters.ts";

/** Units whose weights are drawn at most, and pixels of all their pictures together: a page is to stay small. */
const mostUnits = 100;
const mostPixels = 400_000;

/** How many units of a layer have their weights drawn: the first ones. */
export function drawnUnits({ inputs, outputs }: LayerParameters): number {
  return Math.min(outputs, mostUnits, Math.max(1, Math.floor(mostPixels / inputs)));
}

type Rgb = readonly [red: number, green: number, blue: number];

/** Colours of weights below and above zero, strong enough on light and on dark paper. */
export const negative: Rgb = [38, 120, 205];
export const positive: Rgb = [224, 104, 16];

/**
 * A digit as the address of a PNG: black ink on transparent paper, so that the page's colours show through.
 * @param pixels `[rows * columns]`, 255 is ink
 */
export function digitImage(pixels: Uint8Array, { rows, columns }: ImageShape): string {
  const data = new Uint8Array(2 * pixels.length);
  for (const [index, byte] of pixels.entries()) data[2 * index + 1] = byte;
  return pngAddress(data, rows, columns);
}

/**
 * Weights as the address of a PNG: one colour below zero and another above, transparent at zero.
 * @param weights `[rows * columns]`
 * @param limit the magnitude from which on a weight has the full colour
 */
export function weightsImage(
  weights: ArrayLike<number>,
  limit: number,
  { rows, columns }: ImageShape,
): string {
  const data = new Uint8Array(4 * weights.length);
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index];
    data.set(weight < 0 ? negative : positive, 4 * index);
    // A weight that is not a number becomes zero here.
    data[4 * index + 3] = Math.round(255 * Math.min(1, Math.abs(weight) / limit));
  }
  return pngAddress(data, rows, columns);
}

/** @param data bytes of all channels of a pixel together, `[rows * columns * channels]` */
function pngAddress(data: Uint8Array, rows: number, columns: number): string {
  const channels = data.length / (rows * columns);
  const png = encode({ data, width: columns, height: rows, channels, depth: 8 }, { zlib: { level: 9 } });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
