import { centreOfMass } from "./centre.ts";
import type { ImageShape } from "./dataset.ts";

/** Half the width of most lines of MNIST, in its pixels. */
export const usualRadius = 1.34;
/** MNIST fits digits of any size into 20 of its 28 pixels; images of other sizes keep that proportion. */
export const inkShare = 20 / 28;
/** Pixels over which the ink fades out at the edge of a line. */
const edge = 1;

/** Where the pen passes: half its width there, in pixels, and how full its ink is, up to 1. */
export interface Dab {
  x: number;
  y: number;
  radius: number;
  ink: number;
}

/**
 * Draws paths into `image`, `[rows, columns]` bytes that must be zero, as MNIST's images were made: the ink fits a box of 20
 * of 28 pixels, keeping its shape, and the box is moved by whole pixels until its centre of mass is nearest to the
 * middle, pixel (14, 14).
 * @param paths in any unit; they are moved and scaled in place. A path of one dab is a dot.
 * @param radius half the width of the lines, in pixels, that the box leaves room for
 * @param smallest the least extent of the paths, in their unit, that is enlarged to fill the box
 */
export function inkPaths(
  paths: readonly Dab[][],
  radius: number,
  image: Uint8Array,
  size: ImageShape,
  smallest = 0,
): void {
  const side = (length: number) => Math.max(1, Math.round(length * inkShare));
  const box = { rows: side(size.rows), columns: side(size.columns) };
  fitIntoBox(paths, radius, box, smallest);
  developInto(image, size, inkOf(paths, box), box);
}

/** The ink of paths, in pixels, `[rows, columns]` from 0 to 1. A path of one dab is a dot. */
export function inkOf(paths: readonly (readonly Dab[])[], box: ImageShape): Float64Array {
  const ink = new Float64Array(box.rows * box.columns);
  for (const path of paths) {
    if (path.length === 1) drawPiece(ink, box, path[0], path[0]);
    for (let index = 1; index < path.length; index++) drawPiece(ink, box, path[index - 1], path[index]);
  }
  return ink;
}

/** Moves and scales the paths until lines of this radius just fit the box; what a swelling overhangs is cut off. */
function fitIntoBox(
  paths: readonly Dab[][],
  radius: number,
  { rows, columns }: ImageShape,
  smallest: number,
): void {
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (const path of paths) {
    for (const { x, y } of path) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  const reach = (length: number, extent: number) => (length - 2 * radius) / Math.max(extent, smallest);
  const scale = Math.min(reach(columns, right - left), reach(rows, bottom - top));
  for (const path of paths) {
    for (const dab of path) {
      dab.x = columns / 2 + (dab.x - (left + right) / 2) * scale;
      dab.y = rows / 2 + (dab.y - (top + bottom) / 2) * scale;
    }
  }
}

/** Inks the pixels of `box` within the pen's reach of the line from `a` to `b`; the fuller ink stays. */
function drawPiece(box: Float64Array, { rows, columns }: ImageShape, a: Dab, b: Dab): void {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length2 = dx * dx + dy * dy;
  const reach = Math.max(a.radius, b.radius) + edge / 2;
  const firstRow = Math.max(0, Math.floor(Math.min(a.y, b.y) - reach));
  const lastRow = Math.min(rows - 1, Math.floor(Math.max(a.y, b.y) + reach));
  const firstColumn = Math.max(0, Math.floor(Math.min(a.x, b.x) - reach));
  const lastColumn = Math.min(columns - 1, Math.floor(Math.max(a.x, b.x) + reach));
  for (let row = firstRow; row <= lastRow; row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const x = column + 0.5 - a.x;
      const y = row + 0.5 - a.y;
      const along = length2 > 0 ? Math.min(1, Math.max(0, (x * dx + y * dy) / length2)) : 0;
      const offX = x - along * dx;
      const offY = y - along * dy;
      const distance = Math.sqrt(offX * offX + offY * offY);
      const radius = a.radius + (b.radius - a.radius) * along;
      const cover = Math.min(1, (radius - distance) / edge + 0.5);
      const ink = cover * (a.ink + (b.ink - a.ink) * along);
      const pixel = row * columns + column;
      if (ink > box[pixel]) box[pixel] = ink;
    }
  }
}

/** Copies the box into the image: the fullest pixel becomes 255, the centre of mass goes to the image's middle. */
function developInto(
  image: Uint8Array,
  { rows, columns }: ImageShape,
  ink: Float64Array,
  box: ImageShape,
): void {
  const centre = centreOfMass(ink, box.rows, box.columns);
  const right = Math.round(columns / 2 - centre.x);
  const down = Math.round(rows / 2 - centre.y);
  let fullest = 0;
  for (const amount of ink) fullest = Math.max(fullest, amount);
  for (let row = 0; row < box.rows; row++) {
    for (let column = 0; column < box.columns; column++) {
      const x = column + right;
      const y = row + down;
      // Now and then a lopsided digit reaches over the edge by a pixel: that ink is lost.
      if (x < 0 || x >= columns || y < 0 || y >= rows) continue;
      image[y * columns + x] = Math.round((255 * ink[row * box.columns + column]) / fullest);
    }
  }
}
