import { type ImageShape, imageAt, type Split } from "../../data/dataset.ts";
import type { FloatArray } from "../../model/parameters.ts";
import { context2d, element, stillPicture } from "../dom.ts";
import type { Backdrop } from "../drawing.ts";
import { currentTheme, mix, type Rgb } from "../theme.ts";

/** A picture's colours in the theme in force, by byte: 0 is paper, 255 is ink. */
function shades(): Rgb[] {
  const { paperRgb, inkRgb } = currentTheme();
  return Array.from({ length: 256 }, (_, byte) => mix(paperRgb, inkRgb, byte / 255));
}

/** Draws an image `[rows, columns]` of bytes into `canvas`, one canvas pixel each; style sheets scale it. */
export function drawDigit(
  canvas: HTMLCanvasElement,
  pixels: Uint8Array,
  { rows, columns }: ImageShape,
): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = context2d(canvas);
  const colours = shades();
  const picture = context.createImageData(columns, rows);
  for (const [index, byte] of pixels.entries()) {
    const [red, green, blue] = colours[byte];
    picture.data.set([red, green, blue, 255], 4 * index);
  }
  context.putImageData(picture, 0, 0);
}

/** Pixels from 0 to 1 as bytes. */
export function bytesOf(pixels: FloatArray): Uint8Array {
  return Uint8Array.from(pixels, (pixel) => Math.round(255 * pixel));
}

/** A digit that stays as it is. */
export function digitImage(pixels: Uint8Array, size: ImageShape): HTMLImageElement {
  return stillPicture((canvas) => drawDigit(canvas, pixels, size), { class: "digit", alt: "" });
}

/** A digit as a tile to press: it goes onto the drawing pad. */
export function digitTile(
  split: Split,
  index: number,
  caption: string,
  description: string,
  pick: (image: Backdrop) => void,
): HTMLElement {
  const rest = `${description}, image ${index}: put it on the pad`;
  const tile = element("button", { type: "button", class: "tile", title: rest });
  tile.append(
    digitImage(imageAt(split, index), split),
    element("span", { class: "caption" }, caption),
    element("span", { class: "visually-hidden" }, rest),
  );
  tile.addEventListener("click", () => pick({ split, index }));
  return tile;
}
