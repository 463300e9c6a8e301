import { UserError } from "../errors.ts";
import { viewOf } from "./bytes.ts";
import type { Dataset, ImageShape, Split } from "./dataset.ts";

/**
 * The IDX format (Y. LeCun, "The MNIST database"): two zero bytes, one for the type of the values, one for the number
 * of dimensions, each dimension as a big-endian 32-bit number, then the values, the last dimension running fastest.
 */

/** The contents of an image file. */
export interface IdxImages extends ImageShape {
  /** What messages call the file. */
  readonly name: string;
  readonly count: number;
  /** `[count, rows * columns]`: 0 is background, 255 is ink. */
  readonly pixels: Uint8Array;
  /** What is odd about the file, in a whole sentence. */
  readonly remark?: string;
}

/** The contents of a label file. */
export interface IdxLabels {
  /** What messages call the file. */
  readonly name: string;
  /** `[count]`. */
  readonly labels: Uint8Array;
  /** What is odd about the file, in a whole sentence. */
  readonly remark?: string;
}

const unsignedByte = 0x08;
const typeNames: Readonly<Record<number, string>> = {
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "32-bit floats",
  14: "64-bit floats",
};

/**
 * Reads an unpacked image file. The pixels are a view of `bytes`, not a copy.
 * @param name what to call the file in messages, e.g. its path
 * @throws UserError if it is not an IDX file of three dimensions of unsigned bytes, empty, or not as long as its
 * header says
 */
export function parseImages(bytes: Uint8Array, name: string): IdxImages {
  const { dimensions, values, ...remark } = parse(bytes, name, 3, "images");
  const [count, rows, columns] = dimensions;
  return { name, count, rows, columns, pixels: values, ...remark };
}

/**
 * Reads an unpacked label file. The labels are a view of `bytes`, not a copy; any byte can be a label.
 * @throws UserError as `parseImages` does, for one dimension
 */
export function parseLabels(bytes: Uint8Array, name: string): IdxLabels {
  const { dimensions: _, values, ...remark } = parse(bytes, name, 1, "labels");
  return { name, labels: values, ...remark };
}

/** Images with their labels. Throws a UserError if there are not as many of both. */
export function makeSplit(images: IdxImages, { name, labels }: IdxLabels): Split {
  const { count, rows, columns, pixels } = images;
  if (labels.length !== count) {
    const counts = `${images.name} holds ${count} images, ${name} ${labels.length} labels`;
    throw new UserError(`${counts}: they do not belong together. Take both from one data set.`);
  }
  return { images: pixels, labels, count, rows, columns };
}

/** A training and a test split as one data set. Throws a UserError if their images differ in size. */
export function makeDataset(parts: Omit<Dataset, "classes">): Dataset {
  const { name, train, test } = parts;
  if (train.rows !== test.rows || train.columns !== test.columns) {
    const sizes = `${train.rows}x${train.columns} pixels, its test images ${test.rows}x${test.columns}`;
    throw new UserError(`${name}: its training images are ${sizes}. Take both from one data set.`);
  }
  const largest = Math.max(largestLabel(train.labels), largestLabel(test.labels));
  return { ...parts, classes: Math.max(largest + 1, parts.classNames?.length ?? 0) };
}

/** The bytes of an image file; `parseImages` reads them back. */
export function encodeImages(images: Omit<IdxImages, "name">): Uint8Array {
  return encode([images.count, images.rows, images.columns], images.pixels);
}

/** The bytes of a label file; `parseLabels` reads them back. */
export function encodeLabels(labels: Uint8Array): Uint8Array {
  return encode([labels.length], labels);
}

function headerLength(dimensions: number): number {
  return 4 + 4 * dimensions;
}

/** What an IDX file of unsigned bytes holds; that is `what`. */
function parse(bytes: Uint8Array, name: string, count: number, what: string) {
  checkMagic(bytes, name, count, what);
  const values = bytes.subarray(headerLength(count));
  const dimensions = readDimensions(bytes, count, false);
  const expected = product(dimensions);
  if (values.length === expected && expected > 0) return { dimensions, values };
  const swapped = readDimensions(bytes, count, true);
  if (values.length === product(swapped) && values.length > 0) {
    const shape = swapped.join("x");
    return { dimensions: swapped, values, remark: `${name}: its sizes are little-endian, read as ${shape}.` };
  }
  const shape = dimensions.join("x");
  if (expected === 0)
    throw new UserError(`${name} is empty: its header says ${shape} ${what}. At least one is needed.`);
  const fault = values.length < expected ? "is cut short" : "goes on after its end";
  const sizes = `its header says ${shape}, ${expected} bytes of ${what}, but it holds ${values.length}`;
  throw new UserError(`${name} ${fault}: ${sizes}. Get the file again, or mend its header if it is whole.`);
}

/** @param isSwapped little-endian, as some programs write them by mistake */
function readDimensions(bytes: Uint8Array, count: number, isSwapped: boolean): number[] {
  const view = viewOf(bytes);
  return Array.from({ length: count }, (_, index) => view.getUint32(4 + 4 * index, isSwapped));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

/** Checks the first four bytes, and that the dimensions follow. */
function checkMagic(bytes: Uint8Array, name: string, dimensions: number, what: string): void {
  const [zero, alsoZero, type, found] = bytes;
  const start = [0, 0, unsignedByte, dimensions];
  if (bytes.length < 4 || zero !== 0 || alsoZero !== 0) {
    const got = bytes.length === 0 ? "nothing" : hex(bytes.subarray(0, 4));
    throw new UserError(`${name} is no IDX file of ${what}: it begins with ${got}, expected ${hex(start)}.`);
  }
  if (type !== unsignedByte) {
    const got = `${typeNames[type] ?? "values of an unknown type"} (0x${hex([type])})`;
    throw new UserError(`${name} holds ${got}, expected unsigned bytes (0x${hex([unsignedByte])}).`);
  }
  if (found !== dimensions) {
    const hint = found === 1 || found === 3 ? " Are image and label files swapped?" : "";
    throw new UserError(`${name} has ${plural(found)}, expected ${plural(dimensions)} for ${what}.${hint}`);
  }
  if (bytes.length < headerLength(dimensions)) {
    const sizes = `its header alone takes ${headerLength(dimensions)} bytes, but it holds ${bytes.length}`;
    throw new UserError(`${name} is cut short: ${sizes}. Get the file again.`);
  }
}

function encode(dimensions: readonly number[], values: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerLength(dimensions.length) + values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, unsignedByte, dimensions.length]);
  for (const [index, size] of dimensions.entries()) view.setUint32(4 + 4 * index, size);
  bytes.set(values, headerLength(dimensions.length));
  return bytes;
}

function largestLabel(labels: Uint8Array): number {
  return labels.reduce((largest, label) => Math.max(largest, label), 0);
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function plural(dimensions: number): string {
  return dimensions === 1 ? "1 dimension" : `${dimensions} dimensions`;
}
