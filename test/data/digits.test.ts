import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { centreOfMass } from "../../src/data/centre.ts";
import type { Split } from "../../src/data/dataset.ts";
import { imageSize } from "../../src/data/dataset.ts";
import { builtInDigits, digitsWithin, writeDigits } from "../../src/data/digits.ts";

/** Mean byte of the images of each digit in MNIST's training split; of all of them it is 33.3. */
const inkOfMnist = [44.2, 19.4, 38.0, 36.1, 30.9, 32.8, 35.0, 29.2, 38.3, 31.3];

const sample = builtInDigits({ train: 2000, test: 500 });

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function imageOf(split: Split, index: number): Uint8Array {
  return split.images.subarray(index * imageSize(split), (index + 1) * imageSize(split));
}

function imagesOf(split: Split): Uint8Array[] {
  return Array.from({ length: split.count }, (_, index) => imageOf(split, index));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** First and last row and column that hold ink. */
function inkBox(image: Uint8Array) {
  const rows: number[] = [];
  const columns: number[] = [];
  for (const [pixel, ink] of image.entries()) {
    if (ink === 0) continue;
    rows.push(Math.floor(pixel / 28));
    columns.push(pixel % 28);
  }
  return {
    height: Math.max(...rows) - Math.min(...rows) + 1,
    width: Math.max(...columns) - Math.min(...columns) + 1,
  };
}

describe("built-in digits", () => {
  it("are a data set of MNIST's form", () => {
    expect(sample.name).toBe("built-in digits");
    expect(sample.origin).toContain("seed 1");
    expect(sample.classes).toBe(10);
    for (const [split, count] of [
      [sample.train, 2000],
      [sample.test, 500],
    ] as const) {
      expect(split).toMatchObject({ count, rows: 28, columns: 28 });
      expect(split.images).toHaveLength(count * 784);
      expect(split.labels).toHaveLength(count);
    }
  });

  it("are the same bytes everywhere and always", () => {
    const { train, test } = builtInDigits({ train: 1000, test: 1000 });
    expect(hash(train.images)).toBe("eb24d4aa8735588d5a2ca5123f2f9897e6b1259df656a06df35cca61ae5d8839");
    expect(hash(test.images)).toBe("91c887514d049ca1dba0e559eea48f7ac6317c47dba375b3e199970df3ae8e48");
  });

  it("do not depend on how many are asked for", () => {
    const few = builtInDigits({ train: 130, test: 70 });
    expect(hash(few.train.images)).toBe(hash(sample.train.images.subarray(0, 130 * 784)));
    expect(hash(few.test.images)).toBe(hash(sample.test.images.subarray(0, 70 * 784)));
  });

  it("are no more than without a limit", () => {
    expect([0, 200, 99_999_999].map(digitsWithin)).toEqual([60_000, 200, 60_000].map((train) => ({ train })));
  });

  it("change with the seed", () => {
    const other = builtInDigits({ seed: 2, train: 100, test: 0 });
    const same = imagesOf(other.train).filter(
      (image, index) => hash(image) === hash(imageOf(sample.train, index)),
    );
    expect(same).toEqual([]);
  });

  it("come out the same when written a little at a time, with the progress up to 1", () => {
    const steps = writeDigits({ train: 250, test: 250 });
    const shares: number[] = [];
    let step = steps.next();
    for (; !step.done; step = steps.next()) shares.push(step.value);
    expect(shares).toEqual([0.4, 0.8, 1]);
    expect(hash(step.value.test.images)).toBe(hash(sample.test.images.subarray(0, 250 * 784)));
  });

  it("hold every digit equally often", () => {
    const counts = new Array(10).fill(0);
    for (const label of sample.train.labels) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(200));
  });

  it("are all different, between the splits too", () => {
    const all = [...imagesOf(sample.train), ...imagesOf(sample.test)].map(hash);
    expect(new Set(all).size).toBe(2500);
  });

  it("fit MNIST's box of 20x20 and reach 255", () => {
    const boxes = imagesOf(sample.train).map(inkBox);
    for (const { width, height } of boxes) {
      expect(Math.max(width, height)).toBeLessThanOrEqual(20);
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(19);
    }
    for (const image of imagesOf(sample.train)) expect(Math.max(...image)).toBe(255);
  });

  it("have their centre of mass within a pixel of (14, 14)", () => {
    for (const image of imagesOf(sample.train)) {
      const { x, y } = centreOfMass(image, 28, 28);
      expect(Math.abs(x - 14)).toBeLessThan(0.51);
      expect(Math.abs(y - 14)).toBeLessThan(0.51);
    }
  });

  it("carry about as much ink as MNIST's digits do", () => {
    const inks = imagesOf(sample.train).map((image) => mean([...image]));
    expect(mean(inks)).toBeGreaterThan(0.9 * 33.3);
    expect(mean(inks)).toBeLessThan(1.1 * 33.3);
    for (const [label, real] of inkOfMnist.entries()) {
      const ours = mean(inks.filter((_, index) => sample.train.labels[index] === label));
      expect(ours, `ink of ${label}`).toBeGreaterThan(0.8 * real);
      expect(ours, `ink of ${label}`).toBeLessThan(1.2 * real);
    }
  });

  it("refuses counts and seeds that are no whole numbers", () => {
    expect(() => builtInDigits({ train: -1 })).toThrow(RangeError);
    expect(() => builtInDigits({ test: 1.5 })).toThrow(RangeError);
    expect(() => builtInDigits({ seed: Number.NaN })).toThrow(RangeError);
  });
});
