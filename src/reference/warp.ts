import type { ImageShape } from "../data/dataset.ts";
import { type DrawKey, draw, signed, streams } from "./random.ts";

/** What becomes of an image: where each of its new pixels comes from. */
export interface Transform {
  /** Radians. */
  readonly angle: number;
  /** Pixels, towards larger columns and rows of the source: the picture itself moves the other way. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** Source pixels a new pixel, along each axis before rotation. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Source pixels sideways a new pixel of height. */
  readonly shear: number;
}

/** The largest transforms: settings of the same names. */
export interface TransformRanges {
  /** Degrees. */
  readonly rotation: number;
  readonly shift: number;
  readonly scale: number;
  readonly shear: number;
}

/** A random transform within `ranges` for sample `sample` of the mini-batch. */
export function drawTransform(ranges: TransformRanges, key: DrawKey, sample: number): Transform {
  const [a, b, c, d] = draw(key, streams.affine, 2 * sample);
  const [e, f] = draw(key, streams.affine, 2 * sample + 1);
  return {
    angle: ((ranges.rotation * Math.PI) / 180) * signed(a),
    shiftX: ranges.shift * signed(b),
    shiftY: ranges.shift * signed(c),
    scaleX: 1 + ranges.scale * signed(d),
    scaleY: 1 + ranges.scale * signed(e),
    shear: ranges.shear * signed(f),
  };
}

/**
 * An image in which the pixel at `(row, column)` shows what the source has at its place under `transform` about the
 * image's centre, moved by `displacement`.
 * @param image bytes `[rows, columns]`
 * @param displacement `(x, y)` in pixels of the source, for each new pixel
 * @param output receives `[rows * columns]` values in [0, 1], not rounded
 */
export function warp(
  image: Uint8Array,
  { rows, columns }: ImageShape,
  { angle, shiftX, shiftY, scaleX, scaleY, shear }: Transform,
  displacement: (row: number, column: number) => readonly [number, number] = () => [0, 0],
  output: Float64Array = new Float64Array(rows * columns),
): Float64Array {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [centreX, centreY] = [(columns - 1) / 2, (rows - 1) / 2];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [dx, dy] = displacement(row, column);
      const v = scaleY * (row - centreY);
      const u = scaleX * (column - centreX) + shear * (row - centreY);
      const x = cos * u - sin * v + shiftX + dx + centreX;
      const y = sin * u + cos * v + shiftY + dy + centreY;
      output[row * columns + column] = interpolate(image, { rows, columns }, x, y);
    }
  }
  return output;
}

/** What an image of bytes has at `(x, y)`, between its pixels bilinearly, and 0 outside. */
function interpolate(image: Uint8Array, { rows, columns }: ImageShape, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const pixel = (row: number, column: number) =>
    row >= 0 && row < rows && column >= 0 && column < columns ? image[row * columns + column] / 255 : 0;
  const along = (row: number) => pixel(row, left) * (1 - (x - left)) + pixel(row, left + 1) * (x - left);
  return along(top) * (1 - (y - top)) + along(top + 1) * (y - top);
}
