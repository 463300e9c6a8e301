import { UserError } from "../errors.ts";
import { centreOfMass } from "./centre.ts";

/** A picture of any size in shades of gray. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, black to white: bytes 0 to 255, or floats 0 to 1. */
  readonly pixels: Uint8Array | Float32Array;
}

/** MNIST fits digits of any size into 20 of its 28 pixels; images of other sizes keep that proportion. */
const inkShare = 20 / 28;
/** The least difference between ink and paper, black to white being 1, in a picture that shows something. */
const leastContrast = 0.05;
/** Strokes are found by ink of at least this share of its usual strength, */
const strongInk = 0.3;
/** and followed as far as it has this share of it, */
const weakInk = 0.1;
/** Deviations of this many times the median one are taken for the paper's own: 2.7 standard deviations of noise. */
const noiseSpreads = 4;

/**
 * Turns a picture of one digit into what a network trained on MNIST expects: light ink on a dark ground, scaled with
 * its shape kept until it fits a box of 20x20, and moved by whole pixels until its centre of mass is nearest to pixel
 * (14, 14) of 28x28, as MNIST's own images were made (Y. LeCun, C. Cortes, C. Burges, "The MNIST database"). An image
 * of MNIST comes out as it was, up to rounding. The paper is what most of the picture's outermost pixels show.
 * @param target size of the images that the network was trained on
 * @param name what an error message calls the picture
 * @returns `[rows, columns]`, 0 is background, 255 is ink
 * @throws UserError if nothing stands out from the paper
 */
export function prepareImage(
  image: GrayImage,
  target: { readonly rows: number; readonly columns: number },
  name = "The picture",
): Uint8Array {
  const box = inkBox(strokesOf(image, name));
  const fitRows = Math.max(1, Math.round(target.rows * inkShare));
  const fitColumns = Math.max(1, Math.round(target.columns * inkShare));
  const scale = Math.min(fitRows / box.rows, fitColumns / box.columns);
  const rows = Math.max(1, Math.round(box.rows * scale));
  const columns = Math.max(1, Math.round(box.columns * scale));
  const turned = resampleRows(box.pixels, box.rows, box.columns, columns);
  return centred(resampleRows(turned, columns, box.rows, rows), rows, columns, target.rows, target.columns);
}

interface Raster {
  readonly rows: number;
  readonly columns: number;
  /** `[rows, columns]`, 0 is paper, more is ink. */
  readonly pixels: Float32Array;
}

/** The strokes in a picture, as ink on nothing: paper, its unevenness and specks on it are gone. */
function strokesOf({ width, height, pixels }: GrayImage, name: string): Raster {
  const white = pixels instanceof Uint8Array ? 255 : 1;
  const border = outermost(width, height, pixels);
  const paper = median(border);
  const darker = deviation(pixels, paper, -1);
  const lighter = deviation(pixels, paper, 1);
  const { sign, strength } = darker.weight > lighter.weight ? darker : lighter;
  const spread = median(
    border.map((pixel) => Math.abs(pixel - paper)).filter((value) => value < strongInk * strength),
  );
  const noise = noiseSpreads * spread;
  if (!(strength - noise >= leastContrast * white))
    throw new UserError(`${name} is blank: expected a digit that stands out from its background.`);
  const ink = Float32Array.from(pixels, (pixel) => Math.max(0, sign * (pixel - paper) - noise));
  return { rows: height, columns: width, pixels: connected(ink, width, strength - noise) };
}

/** The values of the first and last rows and columns. */
function outermost(width: number, height: number, pixels: Uint8Array | Float32Array): Float32Array {
  const last = width * (height - 1);
  const values = [...pixels.subarray(0, width), ...pixels.subarray(last)];
  for (let start = width; start < last; start += width) values.push(pixels[start], pixels[start + width - 1]);
  return Float32Array.from(values);
}

/**
 * How much the pixels that are lighter (`sign` 1) or darker (-1) than the paper deviate from it. The fourth power lets
 * the few strong deviations of ink outweigh the many weak ones of uneven light and the single one of a speck.
 */
function deviation(pixels: Uint8Array | Float32Array, paper: number, sign: 1 | -1) {
  let weight = 0;
  let sum = 0;
  for (const pixel of pixels) {
    const value = Math.max(0, sign * (pixel - paper));
    weight += value ** 4;
    sum += value ** 5;
  }
  return { sign, weight, strength: weight > 0 ? sum / weight : 0 };
}

/**
 * The ink that is connected with strong ink: what is weak belongs to a stroke when it leads to the strong, and is a
 * speck or noise when it does not. The faintest ink counts right beside a stroke, as its soft edge.
 */
function connected(ink: Float32Array, columns: number, strength: number): Float32Array {
  const kept = new Float32Array(ink.length);
  const open: number[] = [];
  for (const [pixel, value] of ink.entries()) {
    if (value < strongInk * strength) continue;
    kept[pixel] = value;
    open.push(pixel);
  }
  while (open.length > 0) {
    const pixel = open.pop()!;
    const column = pixel % columns;
    for (let row = pixel - columns; row <= pixel + columns; row += columns) {
      for (let side = column > 0 ? -1 : 0; side <= (column < columns - 1 ? 1 : 0); side++) {
        const neighbour = row + side;
        // Beyond the first or last row `ink` is undefined, and the comparison false.
        if (!(ink[neighbour] > 0) || kept[neighbour] > 0) continue;
        kept[neighbour] = ink[neighbour];
        if (ink[neighbour] >= weakInk * strength) open.push(neighbour);
      }
    }
  }
  return kept;
}

/** The smallest part of the raster that holds all ink. */
function inkBox({ rows, columns, pixels }: Raster): Raster {
  let [top, bottom, left, right] = [rows, -1, columns, -1];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (pixels[row * columns + column] === 0) continue;
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  }
  const box = { rows: bottom - top + 1, columns: right - left + 1 };
  const inside = new Float32Array(box.rows * box.columns);
  for (let row = 0; row < box.rows; row++) {
    const start = (top + row) * columns + left;
    inside.set(pixels.subarray(start, start + box.columns), row * box.columns);
  }
  return { ...box, pixels: inside };
}

/**
 * Scales every row of `[rows, columns]` to `length` pixels and turns rows into columns: the result is `[length, rows]`.
 * Doing it twice scales both dimensions.
 */
function resampleRows(pixels: Float32Array, rows: number, columns: number, length: number): Float32Array {
  const step = columns / length;
  const result = new Float32Array(length * rows);
  for (let index = 0; index < length; index++) {
    const { first, weights } =
      step > 1 ? average(index * step, step) : between((index + 0.5) * step - 0.5, columns);
    for (let row = 0; row < rows; row++) {
      const start = row * columns + first;
      result[index * rows + row] = weights.reduce(
        (sum, weight, offset) => sum + weight * pixels[start + offset],
        0,
      );
    }
  }
  return result;
}

/** Consecutive pixels and what each contributes; weights add up to 1. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The mean over `length` pixels from position `begin`, pixel i reaching from i to i + 1: for shrinking. */
function average(begin: number, length: number): Taps {
  const first = Math.floor(begin);
  const weights: number[] = [];
  for (let pixel = first; pixel < begin + length - 1e-9; pixel++) {
    weights.push((Math.min(pixel + 1, begin + length) - Math.max(pixel, begin)) / length);
  }
  return { first, weights };
}

/** Linear interpolation at position `at`, pixel i having its centre at i: for enlarging. */
function between(at: number, columns: number): Taps {
  const inside = Math.min(Math.max(at, 0), columns - 1);
  const first = Math.floor(inside);
  const fraction = inside - first;
  return { first, weights: fraction === 0 ? [1] : [1 - fraction, fraction] };
}

/** Places ink `[rows, columns]` in an image of the target's size, stretched so that the strongest becomes 255. */
function centred(
  ink: Float32Array,
  rows: number,
  columns: number,
  targetRows: number,
  targetColumns: number,
): Uint8Array {
  const centre = centreOfMass(ink, rows, columns);
  // Very lopsided ink would leave the image; it stays inside instead.
  const place = (shift: number, room: number) => Math.min(Math.max(Math.round(shift), 0), room);
  const down = place(targetRows / 2 - centre.y, targetRows - rows);
  const right = place(targetColumns / 2 - centre.x, targetColumns - columns);
  const strongest = largest(ink);
  const image = new Uint8Array(targetRows * targetColumns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = Math.round((255 * ink[row * columns + column]) / strongest);
      image[(down + row) * targetColumns + right + column] = value;
    }
  }
  return image;
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1];
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
