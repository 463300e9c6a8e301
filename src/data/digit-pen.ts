import { centreOfMass } from "./centre.ts";
import type { Hand } from "./digit-hand.ts";
import type { Point, Stroke } from "./digit-stroke.ts";

/** Rows and columns of an image, and of the box inside it that holds the ink, as in MNIST. */
export const imageSide = 28;
const boxSide = 20;
/** Pixels over which the ink fades out at the edge of a line. */
const edge = 1;
/** Straight pieces that a line between two points of a stroke is drawn with. */
const piecesPerSpan = 5;

/** Where the pen passes: half its width there, in pixels, and how full its ink is, up to 1. */
interface Dab {
  x: number;
  y: number;
  radius: number;
  ink: number;
}

/**
 * Writes strokes the way one hand would (slanted, warped, trembling, in a pen of some width) into `image`,
 * `[28, 28]` bytes that must be zero. As in MNIST, the ink fits a box of 20x20 pixels, keeping its shape, and the box
 * is moved by whole pixels until its centre of mass is nearest to pixel (14, 14).
 */
export function writeStrokes(strokes: readonly Stroke[], hand: Hand, image: Uint8Array): void {
  const radius = penRadius(hand);
  const warp = warpOf(hand);
  const paths = strokes.map((stroke) => trace(stroke.map(warp), hand, radius));
  fitIntoBox(paths, radius);
  const box = new Float64Array(boxSide * boxSide);
  for (const path of paths) {
    for (let index = 1; index < path.length; index++) drawPiece(box, path[index - 1], path[index]);
  }
  developInto(image, box);
}

/** Half the width of this hand's lines, in pixels: MNIST's are 1.5 to 5 wide, most of them about 2.7. */
function penRadius(hand: Hand): number {
  return Math.max(0.6, 1.34 + hand.spread(0.48));
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

/** Moves and scales the paths until lines of this radius just fit the box; what a swelling overhangs is cut off. */
function fitIntoBox(paths: readonly Dab[][], radius: number): void {
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
  const reach = boxSide - 2 * radius;
  const scale = reach / Math.max(right - left, bottom - top);
  const middle = boxSide / 2;
  for (const path of paths) {
    for (const dab of path) {
      dab.x = middle + (dab.x - (left + right) / 2) * scale;
      dab.y = middle + (dab.y - (top + bottom) / 2) * scale;
    }
  }
}

/** Inks the pixels of `box` within the pen's reach of the line from `a` to `b`; the fuller ink stays. */
function drawPiece(box: Float64Array, a: Dab, b: Dab): void {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length2 = dx * dx + dy * dy;
  const reach = Math.max(a.radius, b.radius) + edge / 2;
  const firstRow = Math.max(0, Math.floor(Math.min(a.y, b.y) - reach));
  const lastRow = Math.min(boxSide - 1, Math.floor(Math.max(a.y, b.y) + reach));
  const firstColumn = Math.max(0, Math.floor(Math.min(a.x, b.x) - reach));
  const lastColumn = Math.min(boxSide - 1, Math.floor(Math.max(a.x, b.x) + reach));
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
      const pixel = row * boxSide + column;
      if (ink > box[pixel]) box[pixel] = ink;
    }
  }
}

/** Copies the box into the image: the fullest pixel becomes 255, the centre of mass goes to pixel (14, 14). */
function developInto(image: Uint8Array, box: Float64Array): void {
  const centre = centreOfMass(box, boxSide, boxSide);
  const right = Math.round(imageSide / 2 - centre.x);
  const down = Math.round(imageSide / 2 - centre.y);
  let fullest = 0;
  for (const ink of box) fullest = Math.max(fullest, ink);
  for (let row = 0; row < boxSide; row++) {
    for (let column = 0; column < boxSide; column++) {
      const x = column + right;
      const y = row + down;
      // Now and then a lopsided digit reaches over the edge by a pixel: that ink is lost.
      if (x < 0 || x >= imageSide || y < 0 || y >= imageSide) continue;
      image[y * imageSide + x] = Math.round((255 * box[row * boxSide + column]) / fullest);
    }
  }
}
