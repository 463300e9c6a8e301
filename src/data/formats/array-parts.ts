import { UserError } from "../../errors.ts";
import type { IdxImages, IdxLabels } from "../idx.ts";
import type { NumberArray } from "./npy.ts";

/**
 * Images from an array `[count, rows, columns]`, with a dimension of one channel or without, or `[count, pixels]` of
 * square images. Values from 0 to 255 are bytes; floats from 0 to 1 are taken times 255, and `notice` hears of it.
 * @throws UserError if the array has another shape, or other values
 */
export function imagesOf(array: NumberArray, notice: (line: string) => void): IdxImages {
  const { name, shape, length } = array;
  const sides = sidesOf(shape.slice(1));
  if (!sides || length === 0) {
    const expected = "images of one channel, [count, rows, columns], or square ones, [count, pixels]";
    throw new UserError(`${name} has the shape [${shape.join(", ")}]. Expected ${expected}.`);
  }
  const [rows, columns] = sides;
  return { name, count: shape[0], rows, columns, pixels: toBytes(array, notice) };
}

/** Rows and columns of images with these dimensions. */
function sidesOf(dimensions: readonly number[]): readonly [number, number] | undefined {
  const [first, second, third] = dimensions;
  if (dimensions.length === 1 && Number.isInteger(Math.sqrt(first)))
    return [Math.sqrt(first), Math.sqrt(first)];
  if (dimensions.length === 2 || (dimensions.length === 3 && third === 1)) return [first, second];
  return dimensions.length === 3 && first === 1 ? [second, third] : undefined;
}

function toBytes(array: NumberArray, notice: (line: string) => void): Uint8Array {
  const { name, length, isFloat } = array;
  const factor = isFloat && array.at(extremesOf(array).most) <= 1 ? 255 : 1;
  const pixels = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    const value = array.at(index);
    const byte = Math.round(factor * value);
    if (!(byte >= 0 && byte <= 255) || (factor === 1 && byte !== value)) throw noPixels(array, index);
    pixels[index] = byte;
  }
  if (factor > 1) notice(`${name}: its values, from 0 to 1, are taken times 255 and rounded.`);
  return pixels;
}

/** Where the least and the largest value lie; both where the first lies that is no number, if there is one. */
function extremesOf({ length, at }: NumberArray): { readonly least: number; readonly most: number } {
  let [least, most] = [0, 0];
  let [low, high] = [at(0), at(0)];
  for (let index = 0; index < length; index++) {
    const value = at(index);
    if (Number.isNaN(value)) return { least: index, most: index };
    if (value < low) [least, low] = [index, value];
    if (value > high) [most, high] = [index, value];
  }
  return { least, most };
}

/** The values that are to blame for an array that is none of images, where that at `index` was the first that did not fit. */
function noPixels(array: NumberArray, index: number): UserError {
  const { name, at } = array;
  const { least, most } = extremesOf(array);
  // A fraction would be right if the largest value were 1.
  const places = !(at(most) <= 255) ? [most] : at(least) < 0 ? [least] : [index, most];
  const found = [...new Set(places)].map((place) => valueAt(array, place));
  return new UserError(
    `${name} holds ${found.join(" and ")}. Expected whole numbers from 0 to 255, or floats from 0 to 1.`,
  );
}

/** A value and its index: `300 at [5, 3, 3]`. */
function valueAt({ shape, at }: NumberArray, index: number): string {
  return `${at(index)} at [${positionOf(index, shape).join(", ")}]`;
}

/** The index in each dimension, of a position in C order. */
function positionOf(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape.map((_, axis) => {
    const below = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
    const own = Math.floor(rest / below);
    rest %= below;
    return own;
  });
}

/**
 * Labels from an array `[count]` or `[count, 1]` of classes from 0 to 255, or `[count, classes]` with a one for the class
 * of each image and zeros beside it.
 * @throws UserError if the array is none of these
 */
export function labelsOf(array: NumberArray): IdxLabels {
  const { name, shape, length } = array;
  const [count = 0, classes = 1] = shape;
  const isFlat = shape.length === 1 || (shape.length === 2 && classes === 1);
  if (count === 0 || (!isFlat && (shape.length !== 2 || classes > 256 || classes === 0))) {
    throw new UserError(`${name} has the shape [${shape.join(", ")}]. Expected a class an image, [count].`);
  }
  const labels = new Uint8Array(count);
  if (isFlat) {
    for (let index = 0; index < length; index++) labels[index] = checkedClass(array, index);
    return { name, labels };
  }
  for (let index = 0; index < count; index++) labels[index] = hotClass(array, index * classes, classes);
  return { name, labels };
}

function checkedClass(array: NumberArray, index: number): number {
  const value = array.at(index);
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value;
  throw new UserError(
    `${array.name} holds the label ${valueAt(array, index)}. Expected whole numbers from 0 to 255.`,
  );
}

/** The position of the only one among zeros. */
function hotClass({ name, at }: NumberArray, start: number, classes: number): number {
  let hot = -1;
  for (let label = 0; label < classes; label++) {
    const value = at(start + label);
    if (value === 1 && hot < 0) hot = label;
    else if (value !== 0) hot = classes;
  }
  if (hot >= 0 && hot < classes) return hot;
  throw new UserError(
    `${name}: row ${start / classes} has not a single 1 among zeros. Expected a class an image, [count].`,
  );
}
