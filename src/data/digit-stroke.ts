/** A point on the paper: x to the right, y downwards; a digit is about 1 high and its middle is at x = 0 or near it. */
export type Point = readonly [x: number, y: number];

/** The points a pen passes through, in order, without being lifted. The pen rounds the way between them. */
export type Stroke = readonly Point[];

const steep = 0.9238795325; // cos(pi / 8)
const even = Math.SQRT1_2; // cos(pi / 4)
const flat = 0.3826834324; // cos(3 pi / 8)

/** Cosine at whole sixteenths of a turn, as constants: `Math.cos` may differ in the last bit between engines. */
const cosines = [
  1,
  steep,
  even,
  flat,
  0,
  -flat,
  -even,
  -steep,
  -1,
  -steep,
  -even,
  -flat,
  0,
  flat,
  even,
  steep,
];

/**
 * Points on an ellipse, an eighth of a turn apart, from one angle until another is reached or just passed. Angles are in
 * sixteenths of a turn: 0 is right, 4 below, 8 left, 12 above; growing ones go clockwise on the paper.
 */
export function arc([x, y]: Point, [radiusX, radiusY]: Point, from: number, to: number): Point[] {
  const eighths = Math.ceil(Math.abs(to - from) / 2);
  const step = to > from ? 2 : -2;
  return Array.from({ length: eighths + 1 }, (_, index) => {
    const angle = (from + index * step + 32) % 16;
    const sine = cosines[(angle + 12) % 16];
    return [x + radiusX * cosines[angle], y + radiusY * sine];
  });
}
