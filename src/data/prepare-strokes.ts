import { inkPaths, usualRadius } from "./pen.ts";

/** A point that a pen passed: x to the right, y downwards; the paper is 1 wide and high. */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
}

/** Strokes of less than this extent are not enlarged any further: a tap stays a dot. */
const smallest = 0.08;

/**
 * Turns the strokes of one digit into what a network trained on MNIST expects (see `prepareImage`), whatever size they
 * were drawn in: the strokes are scaled before they are drawn, so that their lines are as wide as MNIST's. A picture of a
 * small drawing would be scaled with the width of its lines, up to a blob.
 * @param strokes at least one point
 * @param target size of the images that the network was trained on
 * @returns `[rows, columns]`, 0 is background, 255 is ink
 */
export function prepareStrokes(
  strokes: readonly (readonly PenPoint[])[],
  target: { readonly rows: number; readonly columns: number },
): Uint8Array {
  const radius = (usualRadius * Math.min(target.rows, target.columns)) / 28;
  const paths = strokes.map((stroke) => stroke.map(({ x, y }) => ({ x, y, radius, ink: 1 })));
  const image = new Uint8Array(target.rows * target.columns);
  inkPaths(paths, radius, image, target, smallest);
  return image;
}
