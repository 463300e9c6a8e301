import { UserError } from "../errors.ts";
import { framesAmong, pageIn } from "./frames.ts";
import { type Box, boxOf, type GrayImage, type Raster, type Stroke } from "./raster.ts";

/** The least difference between ink and paper, black to white being 1, in a picture that shows something. */
const leastContrast = 0.05;
/** The share of the ink's usual strength that a stroke has everywhere. */
const weakestInk = 0.1;
/** Strokes with less than this share of the ink of the largest are specks. */
const smallestStroke = 0.005;
/** Deviations of this many times the median one are taken for the paper's own: 2.7 standard deviations of noise. */
const noiseSpreads = 4;

/** What a picture shows. */
export interface Drawing {
  /** The ink, cut to what there is of it. */
  readonly raster: Raster;
  /** The strokes that it consists of, in the picture's places. */
  readonly strokes: readonly Stroke[];
}

/**
 * Finds the strokes in a picture, whether they are darker or lighter than the paper, and cuts the picture to them; the
 * paper, its unevenness, specks on it and a frame around it are gone. The paper is what most of the outermost pixels
 * show, or what lies within them if they are a frame.
 * @param name what an error message calls the picture
 * @throws UserError if nothing stands out from the paper
 */
export function findStrokes(image: GrayImage, name: string): Drawing {
  const { sheet, strength, noise } = inkOn(image, name);
  const page = pageIn(sheet, strength);
  if (page) return findStrokes(cutOut(image, page), name);
  const all = strokesIn(sheet, strength, noise);
  const frames = framesAmong(withoutSpecks(all), sheet);
  const strokes = withoutSpecks(all.filter((stroke) => !frames.includes(stroke)));
  return { raster: cutToInk(sheet, strokes), strokes };
}

/** What differs from the paper of a picture, and how much: ink's usual strength, and what may be noise. */
function inkOn({ width, height, pixels }: GrayImage, name: string) {
  const white = pixels instanceof Uint8Array ? 255 : 1;
  const border = outermost(width, height, pixels);
  const paper = median(border);
  const darker = deviation(pixels, paper, -1);
  const lighter = deviation(pixels, paper, 1);
  const { sign, strength } = darker.weight > lighter.weight ? darker : lighter;
  // Ink that touches the border, as in a picture cropped tightly, says nothing about the paper.
  const unevenness = border.map((pixel) => Math.abs(pixel - paper)).filter((value) => value < strength / 5);
  const noise = noiseSpreads * median(unevenness);
  if (!(strength >= leastContrast * white && strength > noise))
    throw new UserError(`${name} is blank: expected a digit that stands out from its background.`);
  const ink = new Float32Array(pixels.length);
  for (let i = 0; i < ink.length; i++) {
    const value = sign * (pixels[i] - paper);
    // Noise is cut off, not subtracted: that would thin the strokes.
    if (value > noise) ink[i] = value;
  }
  return { sheet: { rows: height, columns: width, pixels: ink }, strength, noise };
}

/** The part of a picture within `box`. */
function cutOut({ width, pixels }: GrayImage, { top, bottom, left, right }: Box): GrayImage {
  const [rows, columns] = [bottom - top + 1, right - left + 1];
  const inside = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = (top + row) * width + left;
    inside.set(pixels.subarray(start, start + columns), row * columns);
  }
  // Bytes hold shades from 0 to 255, floats from 0 to 1.
  return {
    width: columns,
    height: rows,
    pixels: pixels instanceof Uint8Array ? Uint8Array.from(inside) : inside,
  };
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
 * The strokes alone. A stroke has a pixel that noise does not reach and goes on as far as there is weak ink; the ink
 * right beside it is its soft edge. Anything else is noise.
 */
function strokesIn(image: Raster, strength: number, noise: number): Stroke[] {
  const { pixels } = image;
  const weakest = weakestInk * strength;
  // Pixels of the ink's usual strength exist, so there is a stroke.
  const certain = Math.min(Math.max(weakest, 2 * noise), strength);
  const seen = new Uint8Array(pixels.length);
  const strokes: Stroke[] = [];
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    if (pixels[pixel] < certain || seen[pixel]) continue;
    const members = strokeFrom(pixel, image, weakest, seen);
    const ink = members.reduce((sum, member) => sum + pixels[member], 0);
    strokes.push({ ...boxAround(members, image), members, ink });
  }
  return strokes;
}

/** The strokes but for those with next to no ink. */
function withoutSpecks(strokes: readonly Stroke[]): Stroke[] {
  const most = strokes.reduce((largest, { ink }) => Math.max(largest, ink), 0);
  return strokes.filter(({ ink }) => ink >= smallestStroke * most);
}

function boxAround(pixels: readonly number[], { rows, columns }: Raster): Box {
  let [top, bottom, left, right] = [rows, -1, columns, -1];
  for (const pixel of pixels) {
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    left = Math.min(left, column);
    right = Math.max(right, column);
  }
  return { top, bottom, left, right };
}

/** The pixels of the stroke that `start` belongs to; marks them in `seen`, and takes none that is marked. */
function strokeFrom(start: number, { columns, pixels }: Raster, weakest: number, seen: Uint8Array): number[] {
  const members = [start];
  seen[start] = 1;
  for (const pixel of members) {
    if (pixels[pixel] < weakest) continue;
    const column = pixel % columns;
    const left = column > 0 ? -1 : 0;
    const right = column < columns - 1 ? 1 : 0;
    for (let above = pixel - columns; above <= pixel + columns; above += columns) {
      for (let neighbour = above + left; neighbour <= above + right; neighbour++) {
        // Beyond the first and the last row there is no ink: `pixels` is undefined, and the comparison false.
        if (!(pixels[neighbour] > 0) || seen[neighbour]) continue;
        seen[neighbour] = 1;
        members.push(neighbour);
      }
    }
  }
  return members;
}

/** The ink of `strokes`, and no more of the image than holds it. */
function cutToInk(image: Raster, strokes: readonly Stroke[]): Raster {
  const { top, bottom, left, right } = boxOf(strokes);
  const [rows, columns] = [bottom - top + 1, right - left + 1];
  const inside = new Float32Array(rows * columns);
  for (const { members } of strokes) {
    for (const member of members) {
      const [row, column] = [Math.floor(member / image.columns), member % image.columns];
      inside[(row - top) * columns + column - left] = image.pixels[member];
    }
  }
  return { rows, columns, pixels: inside };
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1];
}
