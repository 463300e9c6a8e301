import { type Box, boxOf, type Raster, type Stroke } from "./raster.ts";

/*
 * What scanners and croppers leave around a digit: a dark band at one side or more, the frame of a form's field. What is
 * taken for one is never all that a picture shows.
 */

/** A page within a frame covers at least this share of the picture's height and width. */
const leastPage = 0.5;
/** At least this share of it is paper, and of the line just inside each of its edges. */
const leastPaper = 0.75;
const leastEdge = 0.9;
/** An edge that lies askew is looked for up to this share of the page further in, until so much of the line is paper. */
const mostSkew = 0.12;
const cleanEdge = 0.99;
/** A frame runs along at least this share of a side. */
const leastSide = 0.85;
/** What is left without a frame covers at least this share of the picture's height or width. */
const leastRest = 0.15;

/**
 * The page, where the outermost pixels are those of a frame: what stands out from them is then a large rectangle with
 * holes in it, the digit. It is taken a little smaller than it is, for its edges are soft.
 * @param sheet how much each pixel stands out
 * @param strength how much those do that stand out
 */
export function pageIn({ rows, columns, pixels }: Raster, strength: number): Box | undefined {
  const stands = (row: number, column: number) => pixels[row * columns + column] > strength / 2;
  const share = (from: number, to: number, test: (at: number) => boolean) => {
    let count = 0;
    for (let at = from; at <= to; at++) if (test(at)) count++;
    return count / (to - from + 1);
  };
  const { top, bottom, left, right } = boxWhere({ rows, columns, pixels }, strength / 2);
  const [height, width] = [bottom - top + 1, right - left + 1];
  if (height < leastPage * rows || width < leastPage * columns) return undefined;
  const inset = 1 + Math.floor(Math.min(height, width) / 50);
  const box = { top: top + inset, bottom: bottom - inset, left: left + inset, right: right - inset };
  const shares = {
    top: () => share(box.left, box.right, (column) => stands(box.top, column)),
    bottom: () => share(box.left, box.right, (column) => stands(box.bottom, column)),
    left: () => share(box.top, box.bottom, (row) => stands(row, box.left)),
    right: () => share(box.top, box.bottom, (row) => stands(row, box.right)),
  };
  // A page that lies askew has its edges further in.
  for (const side of ["top", "bottom", "left", "right"] as const) {
    const inwards = side === "top" || side === "left" ? 1 : -1;
    const furthest = Math.floor(mostSkew * (side === "top" || side === "bottom" ? height : width));
    for (let moved = 0; moved < furthest && shares[side]() < cleanEdge; moved++) box[side] += inwards;
  }
  if (box.bottom <= box.top || box.right <= box.left) return undefined;
  if (Object.values(shares).some((shareOf) => shareOf() < leastEdge)) return undefined;
  let paper = 0;
  for (let row = box.top; row <= box.bottom; row++)
    paper += share(box.left, box.right, (column) => stands(row, column)) / (box.bottom - box.top + 1);
  // A shape without a hole is no page but a digit, such as a 1 drawn as a bar.
  return paper >= leastPaper && paper < 1 ? box : undefined;
}

function boxWhere({ rows, columns, pixels }: Raster, threshold: number): Box {
  let [top, bottom, left, right] = [rows, -1, columns, -1];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!(pixels[row * columns + column] > threshold)) continue;
      top = Math.min(top, row);
      bottom = row;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  }
  return { top, bottom, left, right };
}

/** Those of the strokes that frame others: bands at the picture's edge, and lines around what is in it. */
export function framesAmong(strokes: readonly Stroke[], sheet: Raster): Stroke[] {
  const frames = strokes.filter((stroke) => isBand(stroke, sheet) || isBorder(stroke, sheet));
  const rest = strokes.filter((stroke) => !frames.includes(stroke));
  // Strokes of a digit that fills the picture may lie where a frame would.
  if (rest.length === 0 || rest.some((stroke) => touchesEdge(stroke, sheet))) return [];
  const { top, bottom, left, right } = boxOf(rest);
  const isLarge = bottom - top + 1 >= leastRest * sheet.rows || right - left + 1 >= leastRest * sheet.columns;
  return isLarge ? frames : [];
}

function touchesEdge({ top, bottom, left, right }: Box, { rows, columns }: Raster): boolean {
  return top === 0 || left === 0 || bottom === rows - 1 || right === columns - 1;
}

/** Whether it lies along one of the picture's sides. */
function isBand(stroke: Stroke, sheet: Raster): boolean {
  const picture = { top: 0, left: 0, bottom: sheet.rows - 1, right: sheet.columns - 1 };
  return (
    touchesEdge(stroke, sheet) && sidesAlong(stroke, picture, sheet, 0).some((share) => share >= leastSide)
  );
}

/** Whether it lies along two sides or more of a box that is about as large as the picture, and hardly within it. */
function isBorder(stroke: Stroke, sheet: Raster): boolean {
  const [height, width] = [stroke.bottom - stroke.top + 1, stroke.right - stroke.left + 1];
  if (height < leastPage * sheet.rows || width < leastPage * sheet.columns) return false;
  const depth = Math.floor(Math.min(height, width) / 20);
  const sides = sidesAlong(stroke, stroke, sheet, depth).filter((share) => share >= leastSide);
  if (sides.length < 2) return false;
  const [marginRows, marginColumns] = [height / 6, width / 6];
  const inside = stroke.members.filter((member) => {
    const [row, column] = [Math.floor(member / sheet.columns), member % sheet.columns];
    const withinRows = row > stroke.top + marginRows && row < stroke.bottom - marginRows;
    return withinRows && column > stroke.left + marginColumns && column < stroke.right - marginColumns;
  });
  return inside.length < stroke.members.length / 20;
}

/** Of each side of `box`, the share along which the stroke has pixels at most `depth` away. */
function sidesAlong({ members }: Stroke, box: Box, { columns }: Raster, depth: number): number[] {
  const { top, bottom, left, right } = box;
  const sides = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()];
  for (const member of members) {
    const [row, column] = [Math.floor(member / columns), member % columns];
    if (row <= top + depth) sides[0].add(column);
    if (row >= bottom - depth) sides[1].add(column);
    if (column <= left + depth) sides[2].add(row);
    if (column >= right - depth) sides[3].add(row);
  }
  const [height, width] = [bottom - top + 1, right - left + 1];
  return sides.map(({ size }, side) => size / (side < 2 ? width : height));
}
