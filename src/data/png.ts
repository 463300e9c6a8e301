import { UserError } from "../errors.ts";
import { type Fail, type PngImage, readPng } from "./png-file.ts";
import type { GrayImage } from "./prepare-image.ts";

/** The largest pictures that are read. More would take half a gigabyte, and no digit needs it. */
const mostPixels = 2 ** 24;
const longestSide = 2 ** 14;
/** The least difference of shades in a picture that shows something. */
const leastContrast = 0.05;

/**
 * The shades of a PNG file of any colour type, depth and interlacing. Colours become their luma; what is transparent
 * shows white paper, or black paper if nothing would stand out from white.
 * @param fileName what error messages call the file
 * @returns floats, 0 is black, 1 is white
 * @throws UserError if the file is no PNG, is damaged, or is too large
 */
export function decodePng(bytes: Uint8Array, fileName: string): GrayImage {
  const fail = (what: string) => new UserError(`${fileName} is not a readable PNG file: ${what}.`);
  const check = (width: number, height: number) => {
    if (Math.max(width, height) > longestSide || width * height > mostPixels)
      throw new UserError(
        `${fileName} has ${width}x${height} pixels, expected at most ${mostPixels}, and ${longestSide} a side. ` +
          "Shrink it, or crop it to the digit.",
      );
  };
  const image = readPng(bytes, { fail, check });
  const { width, height } = image;
  const { shades, alphas } = readShades(image, fail);
  const onWhite = shades.map((shade, pixel) => shade * alphas[pixel] + 1 - alphas[pixel]);
  const pixels =
    contrast(onWhite) >= leastContrast ? onWhite : shades.map((shade, pixel) => shade * alphas[pixel]);
  return { width, height, pixels };
}

/** Luma and opacity of every pixel, `[height, width]` in [0, 1]. */
function readShades(image: PngImage, fail: Fail): { shades: Float32Array; alphas: Float32Array } {
  const { width, height, depth, kind, palette, transparency } = image;
  const most = 2 ** depth - 1;
  const sampleAt = sampleReader(depth);
  const keyAt = sampleReader(16);
  const shades = new Float32Array(width * height);
  const alphas = new Float32Array(width * height).fill(1);
  const colours = kind === "palette" ? paletteShades(palette, fail) : new Float64Array(0);

  /** Sets the pixel `to` from the `index`-th one in `bytes`. */
  const readers: Record<PngImage["kind"], (bytes: Uint8Array, index: number, to: number) => void> = {
    gray: (bytes, index, to) => {
      const sample = sampleAt(bytes, index);
      shades[to] = sample / most;
      if (transparency && sample === keyAt(transparency, 0)) alphas[to] = 0;
    },
    "gray-alpha": (bytes, index, to) => {
      shades[to] = sampleAt(bytes, 2 * index) / most;
      alphas[to] = sampleAt(bytes, 2 * index + 1) / most;
    },
    colour: (bytes, index, to) => {
      const red = sampleAt(bytes, 3 * index);
      const green = sampleAt(bytes, 3 * index + 1);
      const blue = sampleAt(bytes, 3 * index + 2);
      shades[to] = luma(red, green, blue) / most;
      const isKey = (key: Uint8Array) =>
        keyAt(key, 0) === red && keyAt(key, 1) === green && keyAt(key, 2) === blue;
      if (transparency && isKey(transparency)) alphas[to] = 0;
    },
    "colour-alpha": (bytes, index, to) => {
      const first = 4 * index;
      const colour = luma(sampleAt(bytes, first), sampleAt(bytes, first + 1), sampleAt(bytes, first + 2));
      shades[to] = colour / most;
      alphas[to] = sampleAt(bytes, first + 3) / most;
    },
    palette: (bytes, index, to) => {
      const colour = sampleAt(bytes, index);
      if (colour >= colours.length) throw fail(`it uses colour ${colour} of a palette of ${colours.length}`);
      shades[to] = colours[colour];
      alphas[to] = (transparency?.[colour] ?? 255) / 255;
    },
  };
  const read = readers[kind];
  for (const { x, dx, y, bytes } of image.lines) {
    for (let index = 0, column = x; column < width; index++, column += dx)
      read(bytes, index, y * width + column);
  }
  return { shades, alphas };
}

/** A function that gives the `index`-th sample of so many bits. */
function sampleReader(depth: number): (bytes: Uint8Array, index: number) => number {
  if (depth === 16) return (bytes, index) => (bytes[2 * index] << 8) | bytes[2 * index + 1];
  if (depth === 8) return (bytes, index) => bytes[index];
  const perByte = 8 / depth;
  return (bytes, index) =>
    (bytes[Math.floor(index / perByte)] >> (8 - depth * ((index % perByte) + 1))) & (2 ** depth - 1);
}

function paletteShades(palette: Uint8Array | undefined, fail: Fail): Float64Array {
  if (!palette) throw fail("its palette is missing");
  return Float64Array.from({ length: Math.floor(palette.length / 3) }, (_, colour) => {
    const [red, green, blue] = palette.subarray(3 * colour, 3 * colour + 3);
    return luma(red, green, blue) / 255;
  });
}

/** Weights of ITU-R BT.601. */
function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function contrast(shades: Float32Array): number {
  let [least, most] = [1, 0];
  for (const shade of shades) {
    least = Math.min(least, shade);
    most = Math.max(most, shade);
  }
  return most - least;
}
