import { type Box, boxOf, type Stroke } from "./raster.ts";

/** Parts of digits that stand beside each other have at least this share of the height, or width, of all ink. */
const leastPart = 0.5;
/** Digits are hardly wider than high, nor more than about twice as high as wide, unless they are a one. */
const widest = 1.7;
const narrowest = 0.3;
/** Gaps between digits are at least this share of the ink's height. */
const leastGap = 0.02;

/**
 * Whether strokes seem to be more than one digit: parts of about the same height that stand beside each other, of about
 * the same width above each other, or one part that is much too wide.
 */
export function seemsSeveral(strokes: readonly Stroke[]): boolean {
  const all = boxOf(strokes);
  const [height, width] = [all.bottom - all.top + 1, all.right - all.left + 1];
  const sideBySide = partsAlong(strokes, "left", "right", leastGap * height).filter(
    ({ top, bottom }) => bottom - top + 1 >= leastPart * height,
  );
  if (sideBySide.length > 1 && width >= 0.7 * height) return true;
  const stacked = partsAlong(strokes, "top", "bottom", leastGap * height).filter(
    ({ top, bottom, left, right }) =>
      right - left + 1 >= leastPart * width && bottom - top + 1 >= leastPart * (right - left + 1),
  );
  return (stacked.length > 1 && width <= narrowest * height * stacked.length) || width > widest * height;
}

/** The boxes of the strokes that overlap along one axis, or nearly do, in their order. */
function partsAlong<Edge extends keyof Box>(
  strokes: readonly Stroke[],
  first: Edge,
  last: Edge,
  gap: number,
): Box[] {
  const parts: Box[] = [];
  for (const stroke of strokes.toSorted((a, b) => a[first] - b[first])) {
    const part = parts.at(-1);
    if (part && stroke[first] <= part[last] + 1 + gap) parts[parts.length - 1] = boxOf([part, stroke]);
    else parts.push(stroke);
  }
  return parts;
}
