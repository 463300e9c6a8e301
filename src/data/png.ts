import { UserError } from "../errors.ts";
import type { ImageShape } from "./dataset.ts";
import { orientationIn, upright } from "./exif.ts";
import { type Fail, type PngImage, readPng } from "./png-file.ts";
import type { GrayImage } from "./raster.ts";
import { checkSize, luma, Shades } from "./shades.ts";

/**
 * The shades of a PNG file of any colour type, depth and interlacing, turned as its EXIF data say. Colours become their
 * luma; what is transparent shows white paper, or black paper if nothing would stand out from white.
 * @param fileName what error messages call the file
 * @returns floats, 0 is black, 1 is white; a picture of more than 2^20 pixels is shrunk
 * @throws UserError if the file is no PNG, is damaged, or is too large
 */
export function decodePng(bytes: Uint8Array, fileName: string): GrayImage {
  const fail = failing(fileName);
  const check = (width: number, height: number) => checkSize(width, height, fileName);
  const image = readPng(bytes, { fail, check });
  const shades = new Shades(image.width, image.height);
  readPixels(image, shades, fail);
  return upright(shades.image(), image.exif ? orientationIn(image.exif) : 1);
}

/**
 * A PNG file of any kind as an image of a data set: the shades as they are, 0 is black and background. Colours become
 * their luma, what is transparent is black.
 * @throws UserError as `decodePng` does, and if it has more than `mostPixels`
 */
export function decodeGray(
  bytes: Uint8Array,
  fileName: string,
  mostPixels: number,
): ImageShape & { readonly pixels: Uint8Array } {
  const fail = failing(fileName);
  const check = (width: number, height: number) => {
    if (width * height <= mostPixels) return;
    throw new UserError(
      `${fileName} has ${width}x${height} pixels, expected at most ${mostPixels}. Shrink the pictures.`,
    );
  };
  const image = readPng(bytes, { fail, check });
  const { width, height } = image;
  const pixels = new Uint8Array(width * height);
  const add = (x: number, y: number, shade: number, alpha: number) => {
    pixels[y * width + x] = Math.round(255 * shade * alpha);
  };
  readPixels(image, { add }, fail);
  return { rows: height, columns: width, pixels };
}

function failing(fileName: string): Fail {
  return (what) => new UserError(`${fileName} is not a readable PNG file: ${what}.`);
}

/** What takes pixels: shade and opacity in [0, 1]. */
type PixelSink = Pick<Shades, "add">;

function readPixels(image: PngImage, sink: PixelSink, fail: Fail): void {
  const read = pixelReader(image, sink, fail);
  for (const { x, dx, y, bytes } of image.lines) {
    for (let index = 0, column = x; column < image.width; index++, column += dx)
      read(bytes, index, column, y);
  }
}

/** Gives the pixel at column `x` and row `y` to `shades`: the `index`-th one in `bytes`. */
type ReadPixel = (bytes: Uint8Array, index: number, x: number, y: number) => void;

function pixelReader(image: PngImage, shades: PixelSink, fail: Fail): ReadPixel {
  const { depth, kind, palette, transparency } = image;
  const most = 2 ** depth - 1;
  const sampleAt = sampleReader(depth);
  const keyAt = sampleReader(16);
  const key = transparency && [0, 1, 2].map((sample) => keyAt(transparency, sample));
  const colours = kind === "palette" ? paletteShades(palette, fail) : new Float64Array(0);

  const readers: Record<PngImage["kind"], ReadPixel> = {
    gray: (bytes, index, x, y) => {
      const sample = sampleAt(bytes, index);
      shades.add(x, y, sample / most, sample === key?.[0] ? 0 : 1);
    },
    "gray-alpha": (bytes, index, x, y) => {
      shades.add(x, y, sampleAt(bytes, 2 * index) / most, sampleAt(bytes, 2 * index + 1) / most);
    },
    colour: (bytes, index, x, y) => {
      const red = sampleAt(bytes, 3 * index);
      const green = sampleAt(bytes, 3 * index + 1);
      const blue = sampleAt(bytes, 3 * index + 2);
      const isKey = key?.[0] === red && key[1] === green && key[2] === blue;
      shades.add(x, y, luma(red, green, blue) / most, isKey ? 0 : 1);
    },
    "colour-alpha": (bytes, index, x, y) => {
      const first = 4 * index;
      const colour = luma(sampleAt(bytes, first), sampleAt(bytes, first + 1), sampleAt(bytes, first + 2));
      shades.add(x, y, colour / most, sampleAt(bytes, first + 3) / most);
    },
    palette: (bytes, index, x, y) => {
      const colour = sampleAt(bytes, index);
      if (colour >= colours.length) throw fail(`it uses colour ${colour} of a palette of ${colours.length}`);
      shades.add(x, y, colours[colour], (transparency?.[colour] ?? 255) / 255);
    },
  };
  return readers[kind];
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
