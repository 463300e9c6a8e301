import { colourLimit } from "../../model/colour-limit.ts";
import type { FloatArray } from "../../model/parameters.ts";
import { context2d } from "../dom.ts";
import { currentTheme, mix, type Rgb } from "../theme.ts";

/** 511 colours from the most negative number over zero to the most positive. */
export function signedPalette(): readonly Rgb[] {
  const { paperRgb, negativeRgb, positiveRgb } = currentTheme();
  return Array.from({ length: 511 }, (_, index) => {
    const share = (index - 255) / 255;
    return mix(paperRgb, share < 0 ? negativeRgb : positiveRgb, Math.abs(share));
  });
}

/** Fills `picture` with numbers, one pixel each; what has no number stays clear. */
export function paintSigned(
  picture: ImageData,
  values: FloatArray,
  limit: number,
  palette: readonly Rgb[],
): void {
  for (let at = 0; at < values.length; at++) {
    const share = Math.max(-1, Math.min(1, values[at] / limit));
    const colour = palette[Math.round(255 + 255 * share)];
    // Of what is no number, as where training diverges, there is none.
    if (!colour) continue;
    const [red, green, blue] = colour;
    picture.data[4 * at] = red;
    picture.data[4 * at + 1] = green;
    picture.data[4 * at + 2] = blue;
    picture.data[4 * at + 3] = 255;
  }
}

/** Draws numbers into `canvas`, `columns` to a row, one canvas pixel each; style sheets scale it. */
export function drawSigned(
  canvas: HTMLCanvasElement,
  values: FloatArray,
  columns: number,
  limit = colourLimit(values),
  palette = signedPalette(),
): void {
  canvas.width = columns;
  canvas.height = Math.ceil(values.length / columns);
  const context = context2d(canvas);
  const picture = context.createImageData(canvas.width, canvas.height);
  paintSigned(picture, values, limit, palette);
  context.putImageData(picture, 0, 0);
}
