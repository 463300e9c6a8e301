import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { centreOfMass } from "../../src/data/centre.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { type GrayImage, prepareImage } from "../../src/data/prepare-image.ts";
import { randomStream } from "../../src/data/random.ts";
import { UserError } from "../../src/errors.ts";
import { mnistFolder } from "../helpers/mnist.ts";

const mnist = { rows: 28, columns: 28 };

/** What to draw: at each place the shade of the paper, and how much of it ink covers, all in [0, 1]. */
interface Scene {
  readonly width: number;
  readonly height: number;
  readonly paper?: (x: number, y: number) => number;
  readonly inkShade?: number;
  readonly ink: (x: number, y: number) => number;
  /** Standard deviation of noise. */
  readonly noise?: number;
}

function draw({ width, height, paper = () => 1, inkShade = 0, ink, noise = 0 }: Scene): GrayImage {
  const random = randomStream(1, "digits");
  const pixels = Float32Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    const covered = ink(x, y);
    const shade = paper(x, y) * (1 - covered) + inkShade * covered + (noise && noise * random.normal());
    return Math.min(Math.max(shade, 0), 1);
  });
  return { width, height, pixels };
}

const rectangle = (left: number, top: number, width: number, height: number) => (x: number, y: number) =>
  x >= left && x < left + width && y >= top && y < top + height ? 1 : 0;

/** A crossed seven of sharp strokes with its box at (left, top), `size` high and as wide. */
const seven = (left: number, top: number, size: number) => (x: number, y: number) => {
  const [across, down] = [(x - left + 0.5) / size, (y - top + 0.5) / size];
  if (across < 0 || across > 1 || down < 0 || down > 1) return 0;
  const crossbar = Math.abs(down - 0.55) < 0.075 && Math.abs(across - 0.5) < 0.3;
  return down < 0.15 || crossbar || Math.abs(across - (1 - 0.8 * down)) < 0.1 ? 1 : 0;
};

/** First and last row and column of the pixels that are not 0. */
function inkBox(image: Uint8Array, columns: number) {
  const rowsAndColumns = [...image.entries()]
    .filter(([, value]) => value > 0)
    .map(([index]) => [Math.floor(index / columns), index % columns]);
  const [rows, cols] = [0, 1].map((axis) => rowsAndColumns.map((place) => place[axis]));
  return {
    top: Math.min(...rows),
    bottom: Math.max(...rows),
    left: Math.min(...cols),
    right: Math.max(...cols),
  };
}

/** Mean absolute difference, 0 to 255. */
function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length;
}

describe("prepareImage places a digit as MNIST does", () => {
  test.each([
    ["tall", rectangle(30, 100, 20, 80), { top: 4, bottom: 23, left: 12, right: 16 }],
    ["wide", rectangle(5, 60, 180, 36), { top: 12, bottom: 15, left: 4, right: 23 }],
    ["small", rectangle(100, 1, 5, 10), { top: 4, bottom: 23, left: 9, right: 18 }],
  ])("fits a %s box into 20x20, keeping its shape", (_, ink, box) => {
    const image = prepareImage(draw({ width: 200, height: 220, ink }), mnist);
    expect(inkBox(image, 28)).toEqual(box);
    expect(image.filter((value) => value > 0).every((value) => value === 255)).toBe(true);
  });

  test("puts the centre of mass, not of the box, in the middle", () => {
    // An L: most of its ink is at the bottom.
    const ink = (x: number, y: number) =>
      rectangle(40, 40, 10, 100)(x, y) || rectangle(40, 110, 80, 30)(x, y);
    const image = prepareImage(draw({ width: 160, height: 160, ink }), mnist);
    const { x, y } = centreOfMass(image, 28, 28);
    expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
    expect(inkBox(image, 28).top).toBeLessThan(4);
  });

  test("keeps all ink inside the image however lopsided it is", () => {
    // A heavy base below a thin line that is 8 times as high: centred by mass, the line would leave the image.
    const ink = (x: number, y: number) =>
      rectangle(99, 10, 2, 160)(x, y) || rectangle(40, 170, 120, 20)(x, y);
    const image = prepareImage(draw({ width: 200, height: 200, ink }), mnist);
    const { top, bottom } = inkBox(image, 28);
    expect(top).toBe(0);
    expect(bottom).toBe(19);
  });

  test("averages when it shrinks: a stroke thinner than a pixel is faint beside a thick one", () => {
    const ink = (x: number, y: number) => rectangle(0, 100, 100, 20)(x, y) || rectangle(50, 20, 1, 80)(x, y);
    const image = prepareImage(draw({ width: 120, height: 140, ink }), mnist);
    const { top, left } = inkBox(image, 28);
    // 100 pixels wide becomes 20: the line covers a fifth of a pixel's width, the bar all of 4 rows.
    expect(image[(top + 5) * 28 + left + 10]).toBe(51);
    expect(image[(top + 17) * 28 + left]).toBe(255);
  });

  test("interpolates when it enlarges", () => {
    const dot = draw({
      width: 9,
      height: 9,
      ink: (x, y) => (x === 4 && y === 4 ? 1 : x === 5 && y === 4 ? 0.5 : 0),
    });
    const image = prepareImage(dot, mnist);
    const { top, bottom, left, right } = inkBox(image, 28);
    expect([bottom - top + 1, right - left + 1]).toEqual([10, 20]);
    const row = Array.from(image.subarray(top * 28 + left, top * 28 + right + 1));
    // From 1 to 0.5 between the centres of the two pixels, at 4.5 and 14.5.
    expect(row.slice(0, 5)).toEqual([255, 255, 255, 255, 255]);
    expect(row.slice(15)).toEqual([128, 128, 128, 128, 128]);
    expect(row.slice(4, 16)).toEqual(row.slice(4, 16).toSorted((a, b) => b - a));
    expect(new Set(row).size).toBe(12);
  });

  test.each([
    [16, 16],
    [12, 40],
    [3, 3],
    [1, 1],
  ])("makes images of %ix%i", (rows, columns) => {
    const image = prepareImage(draw({ width: 70, height: 50, ink: seven(20, 5, 40) }), { rows, columns });
    expect(image).toHaveLength(rows * columns);
    expect(Math.max(...image)).toBe(255);
  });
});

describe("prepareImage finds the digit", () => {
  const scene = { width: 240, height: 300, ink: seven(60, 80, 120) };
  const clean = prepareImage(draw(scene), mnist);

  test("in bytes as in floats", () => {
    const { width, height, pixels } = draw(scene);
    expect(
      prepareImage({ width, height, pixels: Uint8Array.from(pixels, (shade) => 255 * shade) }, mnist),
    ).toEqual(clean);
  });

  test("whether light on dark or dark on light, and whatever the contrast", () => {
    expect(prepareImage(draw({ ...scene, paper: () => 0, inkShade: 1 }), mnist)).toEqual(clean);
    expect(prepareImage(draw({ ...scene, paper: () => 0.4, inkShade: 0.5 }), mnist)).toEqual(clean);
    expect(prepareImage(draw({ ...scene, paper: () => 0.9, inkShade: 0.8 }), mnist)).toEqual(clean);
  });

  test("wherever it is", () => {
    expect(prepareImage(draw({ ...scene, ink: seven(119, 1, 120) }), mnist)).toEqual(clean);
  });

  // Noise frays the edges of strokes a little; nothing else may change.
  test.each<[string, Partial<Scene>]>([
    ["noise", { paper: () => 0.8, inkShade: 0.2, noise: 0.05 }],
    ["uneven light", { paper: (x, y) => 0.9 - x / 1200 - y / 1600, inkShade: 0.2, noise: 0.01 }],
    [
      "dark corners",
      { paper: (x, y) => 0.8 - ((x - 120) ** 2 + (y - 150) ** 2) / 160_000, inkShade: 0.1, noise: 0.01 },
    ],
    ["a dark board", { paper: (_, y) => 0.15 + y / 3000, inkShade: 0.8, noise: 0.02 }],
    [
      "specks",
      { ink: (x, y) => seven(60, 80, 120)(x, y) || Number((x === 5 && y === 140) || (x === 210 && y === 3)) },
    ],
  ])("in spite of %s", (_, change) => {
    const image = prepareImage(draw({ ...scene, ...change }), mnist);
    expect(inkBox(image, 28)).toEqual(inkBox(clean, 28));
    expect(difference(image, clean)).toBeLessThan(4);
  });

  test("in a picture cropped tightly to it", () => {
    expect(prepareImage(draw({ width: 120, height: 120, ink: seven(0, 0, 120) }), mnist)).toEqual(clean);
  });
});

describe("prepareImage leaves images alone that are already so", () => {
  const size = 28 * 28;
  const changed = (images: Uint8Array, allowed: number) => {
    const count = images.length / size;
    return Array.from({ length: count }, (_, index) =>
      images.subarray(index * size, (index + 1) * size),
    ).filter((image) => {
      const prepared = prepareImage({ width: 28, height: 28, pixels: image }, mnist);
      return prepared.some((value, pixel) => Math.abs(value - image[pixel]) > allowed);
    }).length;
  };

  // 16 bytes of header come first.
  const real = async () =>
    (await readFile(join(await mnistFolder(), "train-images-idx3-ubyte"))).subarray(16, 16 + 2000 * size);

  // The exceptions have a gap with a speck of ink beyond it, which is taken for dirt.
  test.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
    ["built-in digits", () => builtInDigits({ train: 0, test: 500 }).test.images],
    ["MNIST", real],
  ])("%s, 98 of 100 to the last shade", async (_, read) => {
    const images = await read();
    expect(changed(images, 1)).toBeLessThanOrEqual((0.02 * images.length) / size);
  });

  test("its own output", () => {
    const pictures = [40, 55, 61, 100].map((side) =>
      draw({ width: 120, height: 120, ink: seven(5, 10, side) }),
    );
    for (const pixels of pictures.map((picture) => prepareImage(picture, mnist)))
      expect(prepareImage({ width: 28, height: 28, pixels }, mnist)).toEqual(pixels);
  });
});

describe("prepareImage takes a frame away", () => {
  const scene = { width: 240, height: 300, ink: seven(60, 80, 120) };
  const clean = prepareImage(draw(scene), mnist);
  /** Distances to the left, top, right and bottom edges. */
  const distances = (x: number, y: number) => [x, y, 239 - x, 299 - y];
  /** A frame of so many pixels at each side. */
  const frame = (widths: readonly number[]) => (x: number, y: number) =>
    distances(x, y).some((distance, side) => distance < widths[side]);
  const within = (from: number, to: number) => (x: number, y: number) => {
    const nearest = Math.min(...distances(x, y));
    return nearest >= from && nearest < to;
  };
  const frames: [string, (x: number, y: number) => boolean][] = [
    ["hair-thin", frame([1, 1, 1, 1])],
    ["thin", frame([6, 6, 6, 6])],
    ["thick", frame([45, 45, 45, 45])],
    ["uneven", frame([3, 30, 12, 7])],
    ["at the left", frame([9, 0, 0, 0])],
    ["at the top", frame([0, 14, 0, 0])],
    ["at the right", frame([0, 0, 25, 0])],
    ["at the bottom", frame([0, 0, 0, 2])],
    ["at the left and the right", frame([9, 0, 12, 0])],
    ["at the left and the top", frame([9, 8, 0, 0])],
    ["at three sides", frame([9, 8, 7, 0])],
    ["askew", (x, y) => distances(x - y / 40, y).some((distance) => distance < 10)],
    ["with a margin", within(12, 15)],
    ["with a margin, a pixel wide", within(5, 6)],
  ];
  test.each(frames)("%s", (_, isFrame) => {
    for (const [paper, inkShade] of [
      [1, 0],
      [0, 1],
    ]) {
      const ink = (x: number, y: number) => Math.max(scene.ink(x, y), Number(isFrame(x, y)));
      const image = prepareImage(draw({ ...scene, ink, paper: () => paper, inkShade }), mnist);
      expect(difference(image, clean)).toBeLessThan(2);
    }
  });

  test("but not a stroke of a digit that fills the picture", () => {
    // A five whose bar hangs on nothing, cropped tightly.
    const five = (x: number, y: number) =>
      rectangle(0, 0, 60, 9)(x, y) ||
      rectangle(0, 14, 9, 35)(x, y) ||
      rectangle(0, 42, 60, 9)(x, y) ||
      rectangle(51, 42, 9, 58)(x, y) ||
      rectangle(0, 91, 60, 9)(x, y);
    const { top, bottom } = inkBox(prepareImage(draw({ width: 60, height: 100, ink: five }), mnist), 28);
    expect(bottom - top).toBe(19);
  });
});

describe("prepareImage remarks on more than one digit", () => {
  const remarks = (width: number, height: number, ink: (x: number, y: number) => number) => {
    const lines: string[] = [];
    prepareImage(draw({ width, height, ink }), mnist, "page.png", (line) => lines.push(line));
    return lines;
  };
  const one = "page.png seems to show more than one digit, and is read as one. Crop it to a single digit.";

  test("beside each other, above each other, or touching", () => {
    const pair = (across: number, down: number) => (x: number, y: number) =>
      seven(20, 20, 60)(x, y) || seven(20 + across, 20 + down, 60)(x, y);
    expect(remarks(200, 100, pair(80, 0))).toEqual([one]);
    expect(remarks(200, 120, pair(64, 9))).toEqual([one]);
    expect(remarks(100, 200, pair(0, 75))).toEqual([one]);
    expect(remarks(200, 100, pair(58, 0))).toEqual([one]);
    const eleven = (x: number, y: number) => rectangle(20, 20, 8, 60)(x, y) || rectangle(70, 20, 8, 60)(x, y);
    expect(remarks(100, 100, eleven)).toEqual([one]);
  });

  test("but not on one, whole or in pieces", () => {
    expect(remarks(100, 100, seven(20, 20, 60))).toEqual([]);
    expect(remarks(100, 100, rectangle(20, 20, 8, 60))).toEqual([]);
    // The bar of a five that hangs on nothing, and a four whose stem does.
    expect(
      remarks(100, 100, (x, y) => rectangle(20, 20, 40, 8)(x, y) || rectangle(20, 34, 38, 50)(x, y)),
    ).toEqual([]);
    expect(
      remarks(100, 100, (x, y) => rectangle(20, 20, 8, 30)(x, y) || rectangle(32, 20, 8, 60)(x, y)),
    ).toEqual([]);
    const digits = builtInDigits({ train: 0, test: 200 }).test.images;
    let found = 0;
    for (let image = 0; image < 200; image++) {
      const pixels = digits.subarray(784 * image, 784 * (image + 1));
      prepareImage({ width: 28, height: 28, pixels }, mnist, "digit", () => found++);
    }
    expect(found).toBeLessThanOrEqual(2);
  });
});

describe("prepareImage refuses a blank picture", () => {
  test.each<[string, GrayImage]>([
    ["white", draw({ width: 30, height: 20, ink: () => 0 })],
    ["gray", draw({ width: 30, height: 20, paper: () => 0.5, ink: () => 0 })],
    ["one pixel", { width: 1, height: 1, pixels: Uint8Array.of(7) }],
    ["hardly any contrast", draw({ width: 90, height: 90, inkShade: 0.97, ink: seven(10, 10, 60) })],
    ["noise", draw({ width: 90, height: 90, paper: () => 0.5, ink: () => 0, noise: 0.01 })],
  ])("%s", (_, image) => {
    expect(() => prepareImage(image, mnist, "page.png")).toThrow(UserError);
    expect(() => prepareImage(image, mnist, "page.png")).toThrow("page.png is blank");
  });
});
