import { describe, expect, it } from "vitest";
import type { Dataset, Split } from "../../src/data/dataset.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { remarksOn } from "../../src/data/remarks.ts";
import { transposed, transposedSplit } from "../../src/data/transpose.ts";

const digits = builtInDigits({ train: 400, test: 20 });
/** The built-in digits with other pixels or labels. */
const changed = ({
  pixel = (byte: number) => byte,
  label = (digit: number, _index: number) => digit,
  test = (digit: number) => digit,
  classes = 10,
}): Dataset => ({
  ...digits,
  name: "mine",
  classes,
  train: { ...digits.train, images: digits.train.images.map(pixel), labels: digits.train.labels.map(label) },
  test: { ...digits.test, labels: digits.test.labels.map(test) },
});

describe("remarks", () => {
  it("are none on ordinary data", () => {
    expect(remarksOn(digits)).toEqual([]);
    expect(remarksOn(changed({ pixel: (byte) => byte >> 3 }))).toEqual([]);
  });

  it.each<[string, Dataset, RegExp]>([
    [
      "pixels of 0 and 1",
      changed({ pixel: (byte) => (byte > 127 ? 1 : 0) }),
      /^mine: the largest byte of its training images is 1, .* seem to be 0 and 1, .* Multiply them by 255\.$/,
    ],
    [
      "pixels up to 15",
      changed({ pixel: (byte) => byte >> 4 }),
      /largest byte of its training images is 15, .* by 17\.$/,
    ],
    [
      "pixels up to 16",
      changed({ pixel: (byte) => Math.round((16 * byte) / 255) }),
      /largest byte of its training images is 16, .* seem to go from 0 to 16, .* by 15\.$/,
    ],
    ["blank images", changed({ pixel: () => 0 }), /^mine: all training images are blank\.$/],
    [
      "dark ink on light ground",
      changed({ pixel: (byte) => 255 - byte }),
      /^mine: its images seem to be dark ink on/,
    ],
    [
      "one class",
      changed({ label: () => 3 }),
      /^mine: all its training images are of class 3: there is nothing/,
    ],
    [
      "a class without images",
      changed({ label: (digit) => (digit === 4 ? 5 : digit) }),
      /^mine: 1 of its 10 classes has no training image \(4\), but 2 test images are of it\.$/,
    ],
    [
      "an eleventh class",
      changed({ label: (digit, index) => (index % 11 === 0 ? 10 : digit), classes: 11 }),
      /^mine: its labels name 11 classes, 0 to 10, not ten\.$/,
    ],
  ])("are made on %s, in one line", (_, dataset, remark) => {
    const remarks = remarksOn(dataset);
    expect(remarks).toEqual([expect.stringMatching(remark)]);
  });

  it("tell classes by their names, and which are rare", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "oops"];
    const dataset = changed({ label: (digit, index) => (index === 7 ? 10 : digit % 9), classes: 11 });
    expect(remarksOn({ ...dataset, classNames: names })).toEqual([
      "mine: 1 of its 11 classes has no training image (j), but 2 test images are of it.",
    ]);
    const eleven = changed({ label: (digit, index) => (index % 11 === 0 ? 10 : digit), classes: 11 });
    expect(remarksOn({ ...eleven, classNames: names })).toEqual([]);
    const rare = changed({ label: (_, index) => (index === 7 ? 1 : 0), classes: 2, test: () => 0 });
    expect(remarksOn({ ...rare, classNames: ["cat", "dog"] })).toEqual([
      "mine: classes with hardly any of its 400 training images: dog (1).",
    ]);
  });
});

describe("transposed images", () => {
  const split: Split = {
    ...{ count: 2, rows: 2, columns: 3, labels: Uint8Array.of(1, 0) },
    images: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  };

  it("have rows for columns", () => {
    expect(transposedSplit(split)).toEqual({
      ...{ count: 2, rows: 3, columns: 2, labels: split.labels },
      images: Uint8Array.of(1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12),
    });
    expect(transposedSplit(transposedSplit(split))).toEqual(split);
  });

  it("make another data set, and its origin says so", () => {
    const dataset = { name: "n", origin: "o", classes: 2, train: split, test: split };
    expect(transposed(dataset)).toMatchObject({
      name: "n",
      origin: "o, transposed",
      train: { rows: 3 },
      test: { rows: 3 },
    });
  });
});
