import { describe, expect, it } from "vitest";
import { centreOfMass } from "../../src/data/centre.ts";
import { deskewed, steepestSlant } from "../../src/data/deskew.ts";
import { builtInDigits } from "../../src/data/digits.ts";

const shape = { rows: 15, columns: 21 };
const size = shape.rows * shape.columns;
const middle = (shape.rows - 1) / 2;

/** A stroke of three columns that moves by `slant` columns a row, with pixels of grey at its sides. */
function stroke(slant: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => {
    const [row, column] = [Math.floor(at / shape.columns), at % shape.columns];
    const away = Math.abs(column - 10 - slant * (row - middle));
    return Math.round(255 * Math.min(1, Math.max(0, 2 - away)));
  });
}

const massOf = (pixels: Uint8Array) => pixels.reduce((sum, ink) => sum + ink, 0);

/** The columns where each row's ink has its centre. */
function centresOfRows(image: Uint8Array): number[] {
  return Array.from({ length: shape.rows }, (_, row) => {
    const start = row * shape.columns;
    return centreOfMass(image.subarray(start, start + shape.columns), 1, shape.columns).x;
  });
}

describe("a deskewed image", () => {
  it.each([-1, -0.73, -0.2, 0.5, 0.9])("stands upright where its ink leaned by %s", (slant) => {
    const image = stroke(slant);
    const given = image.slice();
    const upright = deskewed(image, shape);
    expect(image).toEqual(given);
    for (const centre of centresOfRows(upright)) expect(Math.abs(centre - 10)).toBeLessThan(0.06);
    expect(massOf(upright) / massOf(image)).toBeCloseTo(1, 2);
    const [before, after] = [image, upright].map((pixels) => centreOfMass(pixels, shape.rows, shape.columns));
    expect(after!.x).toBeCloseTo(before!.x, 1);
    expect(after!.y).toBeCloseTo(before!.y, 1);
  });

  it("is what it was if it was upright, or has no ink, or has it in one row", () => {
    const row = new Uint8Array(size).fill(90, 3 * shape.columns + 2, 3 * shape.columns + 12);
    for (const image of [stroke(0), new Uint8Array(size), row]) expect(deskewed(image, shape)).toEqual(image);
  });

  it("is not stood on end if it lies on its side: it is sheared by so much at most", () => {
    const lying = new Uint8Array(size);
    for (let column = 0; column < shape.columns; column++)
      lying[Math.floor(column / 3 + 4) * shape.columns + column] = 255;
    // It leans by three columns a row.
    const [first, second] = centresOfRows(deskewed(lying, shape)).slice(6);
    const [firstBefore, secondBefore] = centresOfRows(lying).slice(6);
    expect(second! - first!).toBeCloseTo(secondBefore! - firstBefore! - steepestSlant, 5);
  });

  it("is one by one what it is among others", () => {
    const { test } = builtInDigits({ train: 0, test: 20 });
    const all = deskewed(test.images, test);
    expect(all).not.toEqual(test.images);
    for (let start = 0; start < all.length; start += 784)
      expect(deskewed(test.images.subarray(start, start + 784), test)).toEqual(
        all.subarray(start, start + 784),
      );
    // Once upright, it hardly moves again.
    const again = deskewed(all, test);
    const difference = again.reduce((sum, byte, at) => sum + Math.abs(byte - all[at]!), 0);
    expect(difference / massOf(all)).toBeLessThan(0.05);
  });
});
