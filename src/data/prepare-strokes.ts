import type { ImageShape } from "./dataset.ts";
import { type Dab, inkOf, inkPaths, usualRadius } from "./pen.ts";

/** A point that a pen passed: x to the right, y downwards; the paper is 1 wide and high. */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
}

type Strokes = readonly (readonly PenPoint[])[];

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
export function prepareStrokes(strokes: Strokes, target: ImageShape): Uint8Array {
  const radius = radiusFor(target);
  const image = new Uint8Array(target.rows * target.columns);
  inkPaths(pathsOf(strokes, radius), radius, image, target, smallest);
  return image;
}

/** Draws strokes over `image`, `[rows, columns]` bytes, where they are: the fuller ink stays. */
export function drawOver(image: Uint8Array, strokes: Strokes, target: ImageShape): void {
  const places = strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({ x: x * target.columns, y: y * target.rows })),
  );
  const ink = inkOf(pathsOf(places, radiusFor(target)), target);
  for (const [pixel, amount] of ink.entries())
    image[pixel] = Math.max(image[pixel], Math.round(255 * amount));
}

/** Half the width of lines in images of this size: that of MNIST's in theirs. */
function radiusFor({ rows, columns }: ImageShape): number {
  return (usualRadius * Math.min(rows, columns)) / 28;
}

function pathsOf(strokes: Strokes, radius: number): Dab[][] {
  return strokes.map((stroke) => stroke.map(({ x, y }) => ({ x, y, radius, ink: 1 })));
}
