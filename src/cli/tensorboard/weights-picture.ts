import { encode } from "fast-png";
import type { ImageShape } from "../../data/dataset.ts";
import { colourLimit } from "../../model/colour-limit.ts";
import type { LayerParameters } from "../../model/parameters.ts";
import { drawnUnits, negative, positive } from "../report/images.ts";

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
export function weightsPicture(layer: LayerParameters, shape: ImageShape): Picture {
  const { inputs, weight } = layer;
  const units = drawnUnits(layer);
  const across = Math.ceil(Math.sqrt(units));
  const width = across * (shape.columns + gap) - gap;
  const height = Math.ceil(units / across) * (shape.rows + gap) - gap;
  const data = new Uint8Array(3 * width * height).fill(white);
  const limit = colourLimit(weight);
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
