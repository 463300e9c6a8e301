import { encode } from "fast-png";
import type { ImageShape } from "../../data/dataset.ts";
import type { LayerParameters } from "../../model/parameters.ts";
import { negative, positive } from "../report/images.ts";

/** Units that are drawn at most, and pixels of all of them together. */
const mostUnits = 100;
const mostPixels = 400_000;
/** Weights this many times the root mean square have the full colour. */
const fullColour = 3;
/** Paper, and the lines between the units. */
const white = 255;
const gap = 1;

/** A picture as TensorBoard takes it. */
export interface Picture {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * The first layer's weights, one tile a unit in rows of a square, white at zero.
 * @param shape of the images that the layer sees
 */
export function weightsPicture({ inputs, outputs, weight }: LayerParameters, shape: ImageShape): Picture {
  const units = Math.min(outputs, mostUnits, Math.max(1, Math.floor(mostPixels / inputs)));
  const across = Math.ceil(Math.sqrt(units));
  const width = across * (shape.columns + gap) - gap;
  const height = Math.ceil(units / across) * (shape.rows + gap) - gap;
  const data = new Uint8Array(3 * width * height).fill(white);
  let squares = 0;
  for (const value of weight) squares += value * value;
  const limit = fullColour * Math.sqrt(squares / weight.length) || 1;
  for (let unit = 0; unit < units; unit++) {
    const left = (unit % across) * (shape.columns + gap);
    const top = Math.floor(unit / across) * (shape.rows + gap);
    for (let pixel = 0; pixel < inputs; pixel++) {
      const row = top + Math.floor(pixel / shape.columns);
      const column = left + (pixel % shape.columns);
      data.set(colour(weight[unit * inputs + pixel] / limit), 3 * (row * width + column));
    }
  }
  return { png: encode({ data, width, height, channels: 3, depth: 8 }), width, height };
}

/** @param strength from -1 to 1; beyond it is as at the ends */
function colour(strength: number): number[] {
  const share = Math.min(1, Math.abs(strength));
  return (strength < 0 ? negative : positive).map((part) => Math.round(white + share * (part - white)));
}
