import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeImages,
  encodeLabels,
  makeDataset,
  makeSplit,
  parseImages,
  parseLabels,
} from "../../src/data/idx.ts";
import { UserError } from "../../src/errors.ts";

/** An image file written out by hand: two images of 2 rows and 3 columns. */
const imageFile = new Uint8Array([
  ...[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3],
  ...[1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255],
]);
const labelFile = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 200]);

const patched = (bytes: Uint8Array, position: number, ...values: number[]) => {
  const copy = new Uint8Array(bytes);
  copy.set(values, position);
  return copy;
};

describe("parsing", () => {
  it("reads images and labels as views of the file", () => {
    const images = parseImages(imageFile, "images");
    expect(images).toMatchObject({ name: "images", count: 2, rows: 2, columns: 3 });
    expect([...images.pixels]).toEqual([1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255]);
    expect(images.pixels.buffer).toBe(imageFile.buffer);
    const { labels } = parseLabels(labelFile, "labels");
    expect([...labels]).toEqual([7, 200]);
    expect(labels.buffer).toBe(labelFile.buffer);
  });

  it("reads a file that lies in the middle of a larger buffer", () => {
    const larger = new Uint8Array([9, 9, 9, ...imageFile, 9]);
    const images = parseImages(larger.subarray(3, -1), "images");
    expect(encodeImages(images)).toEqual(imageFile);
  });

  const short = imageFile.subarray(0, -1);
  const html = new TextEncoder().encode("<!DOCTYPE html>");
  it.each([
    [
      "nothing",
      new Uint8Array(0),
      "f is no IDX file of images: it begins with nothing, expected 00 00 08 03.",
    ],
    ["two bytes", imageFile.subarray(0, 2), "it begins with 00 00, expected 00 00 08 03."],
    ["a web page", html, "f is no IDX file of images: it begins with 3c 21 44 4f, expected 00 00 08 03."],
    ["floats", patched(imageFile, 2, 13), "f holds 32-bit floats (0x0d), expected unsigned bytes (0x08)."],
    ["other types", patched(imageFile, 2, 1), "f holds values of an unknown type (0x01), expected unsigned"],
    [
      "labels",
      labelFile,
      "f has 1 dimension, expected 3 dimensions for images. Are image and label files swapped?",
    ],
    ["colour images", patched(imageFile, 3, 4), "f has 4 dimensions, expected 3 dimensions for images."],
    ["a header cut short", imageFile.subarray(0, 15), "f is cut short: its header alone takes 16 bytes"],
    ["no images", patched(imageFile, 4, 0, 0, 0, 0), "f is empty: its header says 0x2x3 images."],
    ["images without rows", patched(imageFile, 8, 0, 0, 0, 0), "f is empty: its header says 2x0x3 images."],
    [
      "a byte too few",
      short,
      "f is cut short: its header says 2x2x3, 12 bytes of images, but it holds 11. Get",
    ],
    [
      "a byte too many",
      new Uint8Array([...imageFile, 0]),
      "f goes on after its end: its header says 2x2x3, 12",
    ],
    [
      "absurd sizes",
      new Uint8Array([0, 0, 8, 3, ...Array(12).fill(255)]),
      "4294967295x4294967295x4294967295",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => parseImages(bytes, "f")).toThrow(UserError);
    expect(() => parseImages(bytes, "f")).toThrow(message);
  });

  it.each([
    [
      "images",
      imageFile,
      "f has 3 dimensions, expected 1 dimension for labels. Are image and label files swapped?",
    ],
    ["no labels", new Uint8Array([0, 0, 8, 1, 0, 0, 0, 0]), "f is empty: its header says 0 labels."],
    ["a label too few", labelFile.subarray(0, -1), "its header says 2, 2 bytes of labels, but it holds 1."],
    ["a label too many", new Uint8Array([...labelFile, 3]), "f goes on after its end"],
  ])("refuses %s for labels", (_, bytes, message) => {
    expect(() => parseLabels(bytes, "f")).toThrow(UserError);
    expect(() => parseLabels(bytes, "f")).toThrow(message);
  });
});

describe("splits and data sets", () => {
  const images = (count: number, rows: number, columns: number) => ({
    ...{ name: "images", count, rows, columns },
    pixels: new Uint8Array(count * rows * columns),
  });
  const labels = (...values: number[]) => ({ name: "labels", labels: Uint8Array.from(values) });

  it("puts images and labels together", () => {
    const split = makeSplit(parseImages(imageFile, "images"), parseLabels(labelFile, "labels"));
    expect(split).toMatchObject({ count: 2, rows: 2, columns: 3 });
    expect(split.images.buffer).toBe(imageFile.buffer);
    expect(split.labels.buffer).toBe(labelFile.buffer);
  });

  it("refuses images and labels that are not as many", () => {
    const make = () => makeSplit(images(3, 2, 2), labels(1, 2));
    expect(make).toThrow(UserError);
    expect(make).toThrow("images holds 3 images, labels 2 labels: they do not belong together.");
  });

  it.each([
    [[0], [0], 1],
    [[3, 1], [0], 4],
    [[0], [6, 2], 7],
    [[255], [0], 256],
  ])("has one class more than the largest label of %j and %j", (train, test, classes) => {
    const splitOf = (values: number[]) => makeSplit(images(values.length, 2, 2), labels(...values));
    const dataset = makeDataset({ name: "n", origin: "o", train: splitOf(train), test: splitOf(test) });
    expect(dataset).toMatchObject({ name: "n", origin: "o", classes });
  });

  it.each([
    [3, 2],
    [2, 3],
  ])("refuses test images of %i x %i with training images of 2 x 2", (rows, columns) => {
    const train = makeSplit(images(1, 2, 2), labels(0));
    const test = makeSplit(images(1, rows, columns), labels(0));
    const make = () => makeDataset({ name: "n", origin: "o", train, test });
    expect(make).toThrow(UserError);
    expect(make).toThrow(`n: its training images are 2x2 pixels, its test images ${rows}x${columns}.`);
  });
});

describe("any bytes", () => {
  const validImages = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([count, rows, columns]) => {
      const length = count * rows * columns;
      return fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((pixels) => ({ count, rows, columns, pixels }));
    });
  const validLabels = fc.uint8Array({ minLength: 1, maxLength: 40 });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(validImages, validLabels, (images, labels) => {
        expect(parseImages(encodeImages(images), "f")).toEqual({ name: "f", ...images });
        expect(parseLabels(encodeLabels(labels), "f")).toEqual({ name: "f", labels });
      }),
    );
  });

  /** A file with some bytes changed (in the header more often than not), its end cut off and other bytes appended. */
  const damagedFile = fc
    .tuple(
      fc.oneof(validImages.map(encodeImages), validLabels.map(encodeLabels)),
      fc.array(fc.tuple(fc.oneof(fc.nat(15), fc.nat(60)), fc.nat(255)), { maxLength: 4 }),
      fc.option(fc.nat(60)),
      fc.uint8Array({ maxLength: 8 }),
    )
    .map(([file, changes, cut, tail]) => {
      const bytes = Uint8Array.from([...file.subarray(0, cut ?? file.length), ...tail]);
      for (const [position, value] of changes) if (position < bytes.length) bytes[position] = value;
      return bytes;
    });

  const resultOf = <T>(parse: () => T): T | unknown => {
    try {
      return parse();
    } catch (error) {
      return error;
    }
  };

  it("are either read as exactly what they say, or refused with a UserError", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(damagedFile, fc.uint8Array()), (bytes) => {
        const images = resultOf(() => encodeImages(parseImages(bytes, "f")));
        const labels = resultOf(() => encodeLabels(parseLabels(bytes, "f").labels));
        for (const result of [images, labels]) {
          if (result instanceof Uint8Array) {
            accepted++;
            expect(result).toEqual(bytes);
          } else expect(result).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
