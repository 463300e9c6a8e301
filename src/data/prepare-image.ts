import { centreOfMass } from "./centre.ts";
import type { ImageShape } from "./dataset.ts";
import { inkShare } from "./pen.ts";
import type { GrayImage } from "./raster.ts";
import { seemsSeveral } from "./several-digits.ts";
import { findStrokes } from "./strokes.ts";

export type { GrayImage } from "./raster.ts";

/**
 * Turns a picture of one digit into what a network trained on MNIST expects: light ink on a dark ground, scaled with
 * its shape kept until it fits a box of 20x20, and moved by whole pixels until its centre of mass is nearest to pixel
 * (14, 14) of 28x28, as MNIST's own images were made (Y. LeCun, C. Cortes, C. Burges, "The MNIST database"). An image
 * of MNIST comes out as it was, up to rounding. The paper is what most of the picture's outermost pixels show, or what
 * lies within them if they are a frame.
 * @param target size of the images that the network was trained on
 * @param name what messages call the picture
 * @param notice is told where the picture seems to show more than one digit
 * @returns `[rows, columns]`, 0 is background, 255 is ink
 * @throws UserError if nothing stands out from the paper
 */
export function prepareImage(
  image: GrayImage,
  target: ImageShape,
  name = "The picture",
  notice: (line: string) => void = () => {},
): Uint8Array {
  const { raster: box, strokes } = findStrokes(image, name);
  if (seemsSeveral(strokes))
    notice(`${name} seems to show more than one digit, and is read as one. Crop it to a single digit.`);
  const fitRows = Math.max(1, Math.round(target.rows * inkShare));
  const fitColumns = Math.max(1, Math.round(target.columns * inkShare));
  const scale = Math.min(fitRows / box.rows, fitColumns / box.columns);
  const rows = Math.max(1, Math.round(box.rows * scale));
  const columns = Math.max(1, Math.round(box.columns * scale));
  const turned = resampleRows(box.pixels, box.rows, box.columns, columns);
  return centred(resampleRows(turned, columns, box.rows, rows), rows, columns, target.rows, target.columns);
}

/**
 * Scales every row of `[rows, columns]` to `length` pixels and turns rows into columns: the result is `[length, rows]`.
 * Doing it twice scales both dimensions.
 */
function resampleRows(pixels: Float32Array, rows: number, columns: number, length: number): Float32Array {
  const step = columns / length;
  const result = new Float32Array(length * rows);
  for (let index = 0; index < length; index++) {
    const { first, weights } =
      step > 1 ? average(index * step, step) : between((index + 0.5) * step - 0.5, columns);
    for (let row = 0; row < rows; row++) {
      const start = row * columns + first;
      result[index * rows + row] = weights.reduce(
        (sum, weight, offset) => sum + weight * pixels[start + offset],
        0,
      );
    }
  }
  return result;
}

/** Consecutive pixels and what each contributes; weights add up to 1. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The mean over `length` pixels from position `begin`, pixel i reaching from i to i + 1: for shrinking. */
function average(begin: number, length: number): Taps {
  const first = Math.floor(begin);
  const weights: number[] = [];
  for (let pixel = first; pixel < begin + length - 1e-9; pixel++) {
    weights.push((Math.min(pixel + 1, begin + length) - Math.max(pixel, begin)) / length);
  }
  return { first, weights };
}

/** Linear interpolation at position `at`, pixel i having its centre at i: for enlarging. */
function between(at: number, columns: number): Taps {
  const inside = Math.min(Math.max(at, 0), columns - 1);
  const first = Math.floor(inside);
  const fraction = inside - first;
  return { first, weights: fraction === 0 ? [1] : [1 - fraction, fraction] };
}

/** Places ink `[rows, columns]` in an image of the target's size, stretched so that the strongest becomes 255. */
function centred(
  ink: Float32Array,
  rows: number,
  columns: number,
  targetRows: number,
  targetColumns: number,
): Uint8Array {
  const centre = centreOfMass(ink, rows, columns);
  // Very lopsided ink would leave the image; it stays inside instead.
  const place = (at: number, length: number, room: number) =>
    Math.min(Math.max(Math.floor(length / 2) - Math.round(at), 0), room);
  const down = place(centre.y, targetRows, targetRows - rows);
  const right = place(centre.x, targetColumns, targetColumns - columns);
  const strongest = largest(ink);
  const image = new Uint8Array(targetRows * targetColumns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = Math.round((255 * ink[row * columns + column]) / strongest);
      image[(down + row) * targetColumns + right + column] = value;
    }
  }
  return image;
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
