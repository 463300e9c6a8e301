import type { ImageShape } from "../data/dataset.ts";
import { type DrawKey, draw, signed, streams } from "./random.ts";

/** Pixels between neighbouring nodes. */
const nodeSpacing = 8;

/** Displacements of a lattice of nodes, `[rows, columns]`, in pixels; node (0, 0) lies one spacing before pixel (0, 0). */
export interface Lattice {
  readonly rows: number;
  readonly columns: number;
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

/** Nodes along `extent` pixels, so that each of them lies between the second and third of four. */
export function nodesAlong(extent: number): number {
  return Math.floor((extent - 1) / nodeSpacing) + 4;
}

/**
 * What a node's uniform number in [-1, 1), of deviation 1 / sqrt(3), is multiplied by for a displacement of deviation
 * 1 at pixels: there the weights of `spline` sum up squares to (151/315)² on average over all positions.
 */
export const nodeScale = (Math.sqrt(3) * 315) / 151;

/** A random lattice for sample `sample` of the mini-batch: pixels get displacements of deviation `elastic`. */
export function drawLattice(elastic: number, key: DrawKey, sample: number, shape: ImageShape): Lattice {
  const rows = nodesAlong(shape.rows);
  const columns = nodesAlong(shape.columns);
  const dx = new Float64Array(rows * columns);
  const dy = new Float64Array(rows * columns);
  for (let node = 0; node < rows * columns; node++) {
    const [x, y] = draw(key, streams.elastic, sample * rows * columns + node);
    dx[node] = elastic * nodeScale * signed(x);
    dy[node] = elastic * nodeScale * signed(y);
  }
  return { rows, columns, dx, dy };
}

/**
 * The displacement of one pixel: a uniform cubic B-spline over the nodes, as smooth as white noise that was convolved
 * with a Gaussian of deviation 4.6 pixels (Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural
 * Networks", 2003, use 4), and cheap to know at one pixel.
 */
export function displacement({ columns, dx, dy }: Lattice, row: number, column: number): [number, number] {
  const firstRow = Math.floor(row / nodeSpacing);
  const firstColumn = Math.floor(column / nodeSpacing);
  const down = spline((row % nodeSpacing) / nodeSpacing);
  const across = spline((column % nodeSpacing) / nodeSpacing);
  let x = 0;
  let y = 0;
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      const node = (firstRow + i) * columns + firstColumn + j;
      x += down[i] * across[j] * dx[node];
      y += down[i] * across[j] * dy[node];
    }
  }
  return [x, y];
}

/** Weights of four neighbouring nodes at `t`, from 0 at the second of them to 1 at the third. They add up to 1. */
function spline(t: number): number[] {
  return [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3].map(
    (weight) => weight / 6,
  );
}
