import { UserError } from "../errors.ts";
import type { GrayImage } from "./raster.ts";

/** The largest pictures that are read: those of a camera, and more than any digit needs. */
const mostPixels = 2 ** 24;
const longestSide = 2 ** 14;
/** Pictures of more pixels are shrunk to at most so many while they are read: a digit ends up in 20x20. */
const mostKept = 2 ** 20;
/** The least difference of shades in a picture that shows something. */
const leastContrast = 0.05;

/** Throws a UserError if a picture is larger than what is read. To be called before anything is made of that size. */
export function checkSize(width: number, height: number, fileName: string): void {
  if (Math.max(width, height) <= longestSide && width * height <= mostPixels) return;
  throw new UserError(
    `${fileName} has ${width}x${height} pixels, expected at most ${mostPixels}, and ${longestSide} a side. ` +
      "Shrink it, or crop it to the digit.",
  );
}

/**
 * Collects the pixels of a picture in any order, each exactly once. A large picture is shrunk at once: every pixel that
 * is kept is the mean of a square of them.
 */
export class Shades {
  readonly #factor: number;
  readonly #width: number;
  readonly #height: number;
  /** Sums of shade times opacity, and of opacity. */
  readonly #inked: Float32Array;
  readonly #opacity: Float32Array;
  readonly #counts: Uint32Array;

  constructor(width: number, height: number) {
    this.#factor = Math.ceil(Math.sqrt((width * height) / mostKept));
    this.#width = Math.ceil(width / this.#factor);
    this.#height = Math.ceil(height / this.#factor);
    const size = this.#width * this.#height;
    this.#inked = new Float32Array(size);
    this.#opacity = new Float32Array(size);
    this.#counts = new Uint32Array(size);
  }

  /** @param shade black is 0, white is 1; `opacity` likewise */
  add(x: number, y: number, shade: number, opacity: number): void {
    const place = Math.floor(y / this.#factor) * this.#width + Math.floor(x / this.#factor);
    this.#inked[place] += shade * opacity;
    this.#opacity[place] += opacity;
    this.#counts[place]++;
  }

  /** The picture: what is transparent shows white paper, or black paper if nothing would stand out from white. */
  image(): GrayImage {
    const onBlack = this.#inked.map((sum, place) => sum / this.#counts[place]);
    const onWhite = onBlack.map((shade, place) => shade + 1 - this.#opacity[place] / this.#counts[place]);
    const pixels = contrast(onWhite) >= leastContrast ? onWhite : onBlack;
    return { width: this.#width, height: this.#height, pixels };
  }
}

/** Weights of ITU-R BT.601. */
export function luma(red: number, green: number, blue: number): number {
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
