import { centreOfMass } from "./centre.ts";
import type { ImageShape } from "./dataset.ts";

/** Columns that an image is sheared by for each row, at most: what leans more lies on its side. */
export const steepestSlant = 1;

/**
 * Images with each set upright: sheared along its rows, about its ink's centre of mass, by the slant of its ink, as in
 * Y. LeCun and others, "Gradient-Based Learning Applied to Document Recognition", 1998, whose networks gained by it.
 * @param images bytes `[count, rows * columns]`
 * @returns as many bytes, in an array of their own
 */
export function deskewed(images: Uint8Array, { rows, columns }: ImageShape): Uint8Array {
  const size = rows * columns;
  const result = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += size) {
    const image = images.subarray(start, start + size);
    shear(image, slantOf(image, rows, columns), columns, result.subarray(start, start + size));
  }
  return result;
}

/** How the ink of an image leans. */
interface Slant {
  /** Columns by which it moves for each row further down. */
  readonly perRow: number;
  /** The row that stays where it is. */
  readonly row: number;
}

/** The covariance of the ink's columns and rows over the variance of its rows: the slope of column on row by least squares. */
function slantOf(image: Uint8Array, rows: number, columns: number): Slant {
  const centre = centreOfMass(image, rows, columns);
  let variance = 0;
  let covariance = 0;
  for (let row = 0; row < rows; row++) {
    const down = row - centre.y;
    for (let column = 0; column < columns; column++) {
      const ink = image[row * columns + column];
      if (ink === 0) continue;
      variance += ink * down * down;
      covariance += ink * down * (column - centre.x);
    }
  }
  const slope = variance > 0 ? covariance / variance : 0;
  return { perRow: Math.min(Math.max(slope, -steepestSlant), steepestSlant), row: centre.y };
}

/** Each row of `image` moved back by what it leans, linearly between its pixels; beyond the image's sides there is no ink. */
function shear(image: Uint8Array, { perRow, row: still }: Slant, columns: number, result: Uint8Array): void {
  for (let start = 0; start < image.length; start += columns) {
    let [first, last] = [0, columns - 1];
    while (first <= last && image[start + first] === 0) first++;
    while (last > first && image[start + last] === 0) last--;
    const shift = perRow * (start / columns - still);
    const whole = Math.floor(shift);
    const part = shift - whole;
    const end = Math.min(columns - 1, last - whole);
    for (let column = Math.max(0, first - 1 - whole); column <= end; column++) {
      const from = column + whole;
      const near = from >= first ? image[start + from] : 0;
      const far = from < last ? image[start + from + 1] : 0;
      result[start + column] = Math.round((1 - part) * near + part * far);
    }
  }
}
