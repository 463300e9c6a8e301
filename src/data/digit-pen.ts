import type { Hand } from "./digit-hand.ts";
import type { Point, Stroke } from "./digit-stroke.ts";
import { type Dab, inkPaths, usualRadius } from "./pen.ts";

/** Rows and columns of an image, as in MNIST. */
export const imageSide = 28;
/** Straight pieces that a line between two points of a stroke is drawn with. */
const piecesPerSpan = 5;

/**
 * Writes strokes the way one hand would (slanted, warped, trembling, in a pen of some width) into `image`,
 * `[28, 28]` bytes that must be zero. As in MNIST, the ink fits a box of 20x20 pixels, keeping its shape, and the box
 * is moved by whole pixels until its centre of mass is nearest to pixel (14, 14).
 */
export function writeStrokes(strokes: readonly Stroke[], hand: Hand, image: Uint8Array): void {
  const radius = penRadius(hand);
  const warp = warpOf(hand);
  const paths = strokes.map((stroke) => trace(stroke.map(warp), hand, radius));
  inkPaths(paths, radius, image, { rows: imageSide, columns: imageSide });
}

/** Half the width of this hand's lines, in pixels: MNIST's are 1.5 to 5 wide, most of them about 2.7. */
function penRadius(hand: Hand): number {
  return Math.max(0.6, usualRadius + hand.spread(0.48));
}

/** A smooth map of the paper: slant, rotation, width, and bends up to the third order. */
function warpOf(hand: Hand): (point: Point) => Point {
  const slant = 0.18 + hand.spread(0.25);
  const tilt = hand.spread(0.1);
  const width = hand.between(0.85, 1.5);
  const amount = hand.between(0.05, 0.19);
  const bends = Array.from({ length: 14 }, () => hand.spread(amount));
  return ([fromMiddle, fromTop]) => {
    // Both from -1 to 1 or so, where the powers below stay small.
    const x = 2 * fromMiddle;
    const y = 2 * fromTop - 1;
    const terms = [y * y, x * y, x * x, y * y * y, x * y * y, x * x * y, x * x * x];
    let u = width * x - slant * y;
    let v = y + tilt * x;
    for (let index = 0; index < terms.length; index++) {
      u += bends[index] * terms[index];
      v += bends[index + 7] * terms[index];
    }
    return [u, v];
  };
}

/** Rounds a stroke into a path (a Catmull-Rom spline through its points) that trembles and presses unevenly. */
function trace(stroke: readonly Point[], hand: Hand, radius: number): Dab[] {
  const shaken = stroke.map(([x, y]): Point => [x + hand.spread(0.03), y + hand.spread(0.03)]);
  const path: Dab[] = [];
  let pressure = 1 + hand.spread(0.16);
  for (let span = 0; span + 1 < shaken.length; span++) {
    const next = 1 + hand.spread(0.16);
    const from = shaken[span];
    const to = shaken[span + 1];
    const before = shaken[span - 1] ?? from;
    const after = shaken[span + 2] ?? to;
    for (let piece = span === 0 ? 0 : 1; piece <= piecesPerSpan; piece++) {
      const t = piece / piecesPerSpan;
      const force = pressure + (next - pressure) * t;
      path.push({
        x: catmullRom(before[0], from[0], to[0], after[0], t),
        y: catmullRom(before[1], from[1], to[1], after[1], t),
        radius: radius * force,
        // Where the pen presses less, the line is thinner and also paler.
        ink: Math.min(1, 0.9 * force + 0.15),
      });
    }
    pressure = next;
  }
  return path;
}

/** The uniform Catmull-Rom spline between b (t = 0) and c (t = 1). */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
