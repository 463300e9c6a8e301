import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/data/random.ts";
import { type Augmentation, atMagnitude, augment, changesImages } from "../../src/reference/augment.ts";
import { inputDropout } from "../../src/reference/dropout.ts";
import { displacement, drawLattice, nodesAlong } from "../../src/reference/elastic.ts";
import { gather } from "../../src/reference/gather.ts";
import { drawTransform, type Transform, warp } from "../../src/reference/warp.ts";
import { expectClose } from "../helpers/tolerance.ts";

const none: Augmentation = { rotation: 0, shift: 0, scale: 0, shear: 0, elastic: 0, inputDropout: 0 };
const identity: Transform = { angle: 0, shiftX: 0, shiftY: 0, scaleX: 1, scaleY: 1, shear: 0 };
const rounding = { atol: 1e-13, rtol: 0, reason: "coordinates near 10 are rounded to 1e-15" };
const key = { seed: 2, step: 3 };

/** Random images of odd and even sizes, not square. */
const shape = { rows: 9, columns: 6 };
const pixels = shape.rows * shape.columns;
const random = randomStream(1, "digits");
const images = Uint8Array.from({ length: 4 * pixels }, () => random.integer(256));
const source = { ...shape, images };
const image = images.subarray(0, pixels);
const order = Uint32Array.of(3, 1, 0, 2);
const window = { first: 1, size: 3 };

/** The image whose pixel at `(row, column)` is the source's at `from(row, column)`, or 0 outside. */
function moved({ rows, columns }: typeof shape, from: (row: number, column: number) => [number, number]) {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = from(Math.floor(at / columns), at % columns);
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    return inside ? image[row * columns + column] / 255 : 0;
  });
}

describe("warp", () => {
  test("changes nothing under the identity", () => {
    expect(warp(image, shape, identity)).toEqual(
      gather(images, Uint32Array.of(0), { first: 0, size: 1 }, pixels),
    );
  });

  test("by whole pixels moves the picture, and 0 comes in", () => {
    const shifted = warp(image, shape, { ...identity, shiftX: 2, shiftY: -3 });
    expect(shifted).toEqual(moved(shape, (row, column) => [row - 3, column + 2]));
  });

  test("by half a pixel takes the mean of neighbours", () => {
    const left = warp(image, shape, identity);
    const right = warp(image, shape, { ...identity, shiftX: 1 });
    const half = warp(image, shape, { ...identity, shiftX: 0.5 });
    expectClose(
      half,
      left.map((value, at) => (value + right[at]) / 2),
      rounding,
    );
  });

  test("by a quarter turn turns a square", () => {
    const square = { rows: 7, columns: 7 };
    const turned = warp(image, square, { ...identity, angle: Math.PI / 2 });
    expectClose(
      turned,
      moved(square, (row, column) => [column, 6 - row]),
      rounding,
    );
  });

  test("stretches, shears and displaces about the centre", () => {
    const square = { rows: 7, columns: 7 };
    expect(warp(image, square, { ...identity, scaleX: 2 })).toEqual(
      moved(square, (row, column) => [row, 2 * (column - 3) + 3]),
    );
    expect(warp(image, square, { ...identity, scaleY: 2 })).toEqual(
      moved(square, (row, column) => [2 * (row - 3) + 3, column]),
    );
    expect(warp(image, square, { ...identity, shear: 1 })).toEqual(
      moved(square, (row, column) => [row, column + row - 3]),
    );
    expect(warp(image, square, identity, (row) => [row, -1])).toEqual(
      moved(square, (row, column) => [row - 1, column + row]),
    );
  });

  test("shears, then rotates: the order in which the GPU does", () => {
    const square = { rows: 7, columns: 7 };
    const both = warp(image, square, { ...identity, shear: 1, angle: Math.PI / 2 });
    expectClose(
      both,
      moved(square, (row, column) => [column + row - 3, 6 - row]),
      rounding,
    );
  });
});

test("drawn transforms fill their ranges evenly", () => {
  const ranges = { rotation: 20, shift: 3, scale: 0.2, shear: 0.4 };
  const largest = { angle: Math.PI / 9, shiftX: 3, shiftY: 3, scaleX: 0.2, scaleY: 0.2, shear: 0.4 };
  const transforms = Array.from({ length: 4000 }, (_, sample) => drawTransform(ranges, key, sample));
  for (const [part, most] of Object.entries(largest) as [keyof Transform, number][]) {
    const centre = part.startsWith("scale") ? 1 : 0;
    const values = transforms.map((transform) => (transform[part] - centre) / most);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    // Uniform: mean 0 of deviation 1 / sqrt(3 n) = 0.009, variance 1/3 of deviation sqrt(4/45 / n) = 0.005.
    expect(Math.abs(mean), part).toBeLessThan(0.045);
    expect(Math.abs(square - 1 / 3), part).toBeLessThan(0.025);
  }
});

describe("elastic displacement", () => {
  const digit = { rows: 28, columns: 28 };
  const samples = 2000;
  const lattices = Array.from({ length: samples }, (_, sample) => drawLattice(1.5, key, sample, digit));
  const root = (values: number[]) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

  test.each([0, 1])("has the deviation that was asked for, in direction %d", (direction) => {
    const at: number[] = [];
    for (const lattice of lattices) {
      for (let row = 0; row < 28; row += 3) {
        for (let column = 0; column < 28; column += 3) at.push(displacement(lattice, row, column)[direction]);
      }
    }
    expect(Math.abs(root(at) / 1.5 - 1)).toBeLessThan(0.03);
  });

  test("is smooth: neighbours move nearly alike, pixels five spacings apart do not", () => {
    const difference = (distance: number) =>
      root(
        lattices.map((lattice) => displacement(lattice, 4, 4 + distance)[0] - displacement(lattice, 4, 4)[0]),
      );
    expect(difference(1)).toBeLessThan(0.3 * 1.5);
    expect(difference(1)).toBeGreaterThan(0.05 * 1.5);
    const wide = { rows: 9, columns: 60 };
    const apart = Array.from({ length: samples }, (_, sample) => {
      const lattice = drawLattice(1.5, key, sample, wide);
      return displacement(lattice, 4, 4)[0] * displacement(lattice, 4, 44)[0];
    });
    expect(Math.abs(apart.reduce((sum, v) => sum + v, 0) / samples)).toBeLessThan(
      (5 * 1.5 ** 2) / Math.sqrt(samples),
    );
  });

  test("has nodes for the last pixel, and is the same everywhere where all nodes are", () => {
    for (const extent of [1, 8, 9, 28, 64]) {
      expect(nodesAlong(extent)).toBeGreaterThan(Math.floor((extent - 1) / 8) + 3);
    }
    const nodes = {
      rows: 7,
      columns: 7,
      dx: new Float64Array(49).fill(2),
      dy: new Float64Array(49).fill(-3),
    };
    for (const pixel of [0, 5, 8, 27]) {
      expectClose(displacement(nodes, pixel, 27 - pixel), [2, -3], rounding);
    }
  });
});

describe("augment", () => {
  test("without augmentation is gather", () => {
    expect(changesImages(none)).toBe(false);
    expect(augment(source, order, window, { ...none, ...key })).toEqual(
      gather(images, order, window, pixels),
    );
  });

  test("at a magnitude has that share of each deformation, and as many pixels left out", () => {
    const augmentation = { rotation: 30, shift: 2, scale: 0.3, shear: 0.2, elastic: 1, inputDropout: 0.4 };
    expect(atMagnitude(augmentation, 1)).toEqual(augmentation);
    const half = { rotation: 15, shift: 1, scale: 0.15, shear: 0.1, elastic: 0.5, inputDropout: 0.4 };
    expect(atMagnitude(augmentation, 0.5)).toEqual(half);
  });

  test.each(Object.keys(none))("%s changes images, and others in each step and sample", (name) => {
    const augmentation = { ...none, [name]: 0.5, ...(name === "rotation" && { rotation: 45 }) };
    expect(changesImages(augmentation)).toBe(true);
    const same = Uint32Array.of(0, 0);
    const both = { first: 0, size: 2 };
    const at = (step: number) => augment(source, same, both, { ...augmentation, ...key, step });
    const first = at(1);
    expect(at(1)).toEqual(first);
    expect(at(2)).not.toEqual(first);
    expect(first.subarray(0, pixels)).not.toEqual(first.subarray(pixels));
  });

  test("takes each sample's transform and lattice, and input dropout after them", () => {
    const augmentation = { rotation: 30, shift: 2, scale: 0.3, shear: 0.2, elastic: 1, inputDropout: 0.4 };
    const factors = inputDropout({ ...key, probability: 0.4 }, 3, pixels);
    const expected = [1, 0, 2].flatMap((index, sample) => {
      const lattice = drawLattice(1, key, sample, shape);
      const source = images.subarray(index * pixels, (index + 1) * pixels);
      const warped = warp(source, shape, drawTransform(augmentation, key, sample), (row, column) =>
        displacement(lattice, row, column),
      );
      return [...warped].map((value, at) => value * factors[sample * pixels + at]);
    });
    expect([...augment(source, order, window, { ...augmentation, ...key })]).toEqual(expected);
  });

  test("writes the rows of the mini-batch and no more", () => {
    const output = new Float64Array(3 * pixels + 5).fill(Number.NaN);
    augment(source, order, window, { ...none, ...key, inputDropout: 0.1, shift: 1 }, output);
    expect(output.subarray(0, 3 * pixels).some(Number.isNaN)).toBe(false);
    expect(output.subarray(3 * pixels).every(Number.isNaN)).toBe(true);
  });
});
