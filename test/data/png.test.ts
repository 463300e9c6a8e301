import { readFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { decodePng } from "../../src/data/png.ts";
import { UserError } from "../../src/errors.ts";
import { expectClose } from "../helpers/tolerance.ts";

const float32 = { atol: 1e-6, rtol: 0, reason: "shades are float32 in [0, 1]" };
const read = (bytes: Uint8Array) => decodePng(bytes, "some.png");

interface Kind {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlace?: number;
}

function chunk(type: string, data: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** A file of any chunks between its header and its end. */
function pngOf({ width, height, depth, colour, interlace = 0 }: Kind, chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlace], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", header), ...chunks, chunk("IEND", [])]);
}

/** Image data: lines of filter type and samples. */
const lines = (...data: number[][]) => chunk("IDAT", deflateSync(Uint8Array.from(data.flat())));

describe("decodePng", () => {
  // 11x9 images that ImageMagick 6.9 wrote, with every filter among them; pixels are what the formulas below say.
  const luma = (red: number, green: number, blue: number) => 0.299 * red + 0.587 * green + 0.114 * blue;
  const formulas: Record<
    string,
    (x: number, y: number, values: number, factor: number) => [shade: number, alpha: number]
  > = {
    gray: (x, y, values, factor) => [(factor * (7 * x * y + 3 * x)) % values, values - 1],
    "gray-alpha": (x, y, values, factor) => [
      (factor * (7 * x * y + 3 * x)) % values,
      (factor * (20 * x + 5 * y)) % values,
    ],
    colour: (x, y, values, factor) => [
      luma((factor * 23 * x) % values, (factor * 27 * y) % values, (factor * 31 * x * y) % values),
      values - 1,
    ],
    "colour-alpha": (x, y, values, factor) => [
      formulas.colour(x, y, values, factor)[0],
      formulas["gray-alpha"](x, y, values, factor)[1],
    ],
    // The colours of the palette are bytes, whatever the depth.
    palette: (x, y, values) => {
      const index = (7 * x * y + 3 * x) % values;
      const level = Math.floor((255 * index) / (values - 1));
      return [(luma(level, 255 - level, (37 * index) % 256) / 255) * (values - 1), values - 1];
    },
  };
  const depths = {
    gray: [1, 2, 4, 8, 16],
    palette: [1, 2, 4, 8],
    colour: [8, 16],
    "gray-alpha": [8, 16],
    "colour-alpha": [8, 16],
  };
  const files = Object.entries(depths).flatMap(([kind, list]) =>
    list.flatMap((depth) => [
      { kind, depth, file: `${kind}-${depth}.png` },
      { kind, depth, file: `${kind}-${depth}-interlaced.png` },
    ]),
  );
  test.each(files)("reads $file", ({ kind, depth, file }) => {
    const bytes = readFileSync(new URL(`../fixtures/png/${file}`, import.meta.url));
    const { width, height, pixels } = read(bytes);
    expect([width, height]).toEqual([11, 9]);
    const expected = Array.from({ length: 99 }, (_, pixel) => {
      const [shade, alpha] = formulas[kind](
        pixel % 11,
        Math.floor(pixel / 11),
        2 ** depth,
        depth === 16 ? 259 : 1,
      );
      const most = 2 ** depth - 1;
      return (shade / most) * (alpha / most) + 1 - alpha / most;
    });
    expectClose(pixels, expected, { ...float32, shape: [9, 11] });
  });

  test("reads what fast-png writes", () => {
    const samples = { width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) };
    fc.assert(
      fc.property(fc.record(samples), fc.infiniteStream(fc.nat(65535)), ({ width, height }, stream) => {
        const data = Uint16Array.from([...stream.take(width * height)]);
        const { pixels } = read(encode({ width, height, data, depth: 16, channels: 1 }));
        expectClose(
          pixels,
          Float64Array.from(data, (value) => value / 65535),
          float32,
        );
      }),
    );
  });

  test.each([
    ["tEXt", []],
    ["tRNS", [0, 7]],
  ])("keeps nothing of a million chunks that say nothing: %s", (type, data) => {
    const one = chunk(type, data);
    const many = Buffer.alloc(1_000_000 * one.length, one);
    const file = pngOf({ width: 2, height: 1, depth: 8, colour: 0 }, [
      chunk("tRNS", [0, 9]),
      many,
      lines([0, 51, 102]),
    ]);
    const before = process.memoryUsage().heapUsed;
    expectClose(read(file).pixels, [0.2, 0.4], float32);
    // An object for each takes 180 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 << 20);
  });

  test("reads image data in several chunks, and files that are views into larger buffers", () => {
    const packed = deflateSync(Uint8Array.of(0, 0, 51, 0, 102, 255));
    const parts = [
      chunk("IDAT", packed.subarray(0, 3)),
      chunk("tEXt", [65, 0, 66]),
      chunk("IDAT", packed.subarray(3)),
    ];
    const file = pngOf({ width: 2, height: 2, depth: 8, colour: 0 }, parts);
    const larger = Buffer.concat([Buffer.alloc(5), file, Buffer.alloc(7)]);
    expectClose(read(larger.subarray(5)).pixels, [0, 0.2, 0.4, 1], float32);
  });

  test.each([
    ["gray", { depth: 4, colour: 0 }, [0x13], [0, 3], [1 / 15, 1]],
    ["colour of 8 bits", { depth: 8, colour: 2 }, [9, 8, 7, 0, 0, 0], [0, 9, 0, 8, 0, 7], [1, 0]],
    [
      "colour of 16 bits",
      { depth: 16, colour: 2 },
      [1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0],
      [1, 2, 3, 4, 5, 6],
      [1, 0],
    ],
    ["palette", { depth: 1, colour: 3 }, [0b01000000], [51], [0.8, 0]],
  ])("shows white through a transparent colour: %s", (_, kind, line, transparency, shades) => {
    const chunks = [chunk("PLTE", [0, 0, 0, 0, 0, 0]), chunk("tRNS", transparency), lines([0, ...line])];
    expectClose(read(pngOf({ width: 2, height: 1, ...kind }, chunks)).pixels, shades, float32);
  });

  test("turns pictures as their EXIF data say", () => {
    const exif = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
    const chunks = [chunk("eXIf", exif), lines([0, 0, 51, 102])];
    const { width, height, pixels } = read(pngOf({ width: 3, height: 1, depth: 8, colour: 0 }, chunks));
    expect([width, height]).toEqual([1, 3]);
    expectClose(pixels, [0, 0.2, 0.4], float32);
  });

  test("shrinks a large picture while it is read, to means of squares", () => {
    // A 130 kB file of 16 million pixels, each next to others of another shade.
    const [width, height] = [4096, 4096];
    const line = Uint8Array.from({ length: width + 1 }, (_, at) => (at === 0 ? 0 : at % 2 === 0 ? 255 : 0));
    const data = new Uint8Array(line.length * height);
    for (let row = 0; row < height; row++) data.set(line, row * line.length);
    const file = pngOf({ width, height, depth: 8, colour: 0 }, [chunk("IDAT", deflateSync(data))]);
    const before = performance.now();
    const image = read(file);
    expect(performance.now() - before).toBeLessThan(5000);
    expect([image.width, image.height]).toEqual([1024, 1024]);
    expect(image.pixels.every((shade) => Math.abs(shade - 0.5) < 1e-6)).toBe(true);
  });

  test("shows black through what is transparent if the ink is white", () => {
    const file = pngOf({ width: 2, height: 1, depth: 8, colour: 4 }, [lines([0, 255, 255, 255, 51])]);
    expectClose(read(file).pixels, [1, 0.2], float32);
  });
});

describe("decodePng refuses", () => {
  const gray = { width: 2, height: 2, depth: 8, colour: 0 };
  const whole = pngOf(gray, [lines([0, 1, 2], [0, 3, 4])]);

  const expectRefused = (bytes: Uint8Array, message: string) => {
    expect(() => read(bytes)).toThrow(UserError);
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow("some.png");
  };

  test.each<[string, Uint8Array, string]>([
    ["another format", Buffer.from("GIF89a"), "does not start as a PNG does; convert it to PNG"],
    ["an empty file", new Uint8Array(0), "it is empty"],
    [
      "a file without header",
      Buffer.concat([whole.subarray(0, 8), chunk("IEND", [])]),
      "does not begin with its size",
    ],
    ["no image data", pngOf(gray, []), "its image data is damaged"],
    ["image data that is not packed", pngOf(gray, [chunk("IDAT", [1, 2, 3])]), "its image data is damaged"],
    [
      "too little image data",
      pngOf(gray, [lines([0, 1, 2], [0, 3])]),
      "its image data is damaged: it holds 5 bytes, expected 6",
    ],
    ["too much image data", pngOf(gray, [lines([0, 1, 2], [0, 3, 4, 5])]), "its image data is damaged"],
    ["an unknown filter", pngOf(gray, [lines([5, 1, 2], [0, 3, 4])]), "its image data is damaged"],
    ["no rows", pngOf({ ...gray, height: 0 }, [lines([0])]), "its size is 2x0"],
    ["an unknown colour type", pngOf({ ...gray, colour: 5 }, [lines([0])]), "colour type 5 with 8 bits"],
    [
      "a depth that the colour type has not",
      pngOf({ ...gray, colour: 2, depth: 4 }, []),
      "colour type 2 with 4 bits",
    ],
    ["an unknown interlacing", pngOf({ ...gray, interlace: 2 }, []), "a method that does not exist"],
    [
      "too many pixels",
      pngOf({ ...gray, width: 4097, height: 4096 }, []),
      "has 4097x4096 pixels, expected at most 16777216",
    ],
    ["too long a side", pngOf({ ...gray, width: 1, height: 2 ** 31 }, []), "has 1x2147483648 pixels"],
    [
      "too many bytes of image data",
      pngOf({ ...gray, width: 4096, height: 4096, depth: 16, colour: 6 }, []),
      "4096x4096 pixels of 64 bits are too many",
    ],
    [
      "a missing palette",
      pngOf({ ...gray, colour: 3 }, [lines([0, 0, 0], [0, 0, 0])]),
      "its palette is missing",
    ],
    [
      "a colour beyond the palette",
      pngOf({ ...gray, colour: 3 }, [chunk("PLTE", [1, 2, 3]), lines([0, 0, 0], [0, 0, 1])]),
      "colour 1 of a palette of 1",
    ],
  ])("%s", (_, bytes, message) => expectRefused(bytes, message));

  test("image data that inflates without end, at once", () => {
    const bomb = chunk("IDAT", deflateSync(Buffer.alloc(200 * 2 ** 20)));
    const before = process.memoryUsage().rss;
    expectRefused(pngOf(gray, [bomb]), "its image data is damaged");
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
  });

  test("every truncation", () => {
    for (let length = 0; length < whole.length; length++)
      expect(() => read(whole.subarray(0, length))).toThrow(UserError);
  });

  test("every change of a byte, but for those of the end", () => {
    for (let offset = 0; offset < whole.length - 12; offset++) {
      const changed = Buffer.from(whole);
      changed[offset] ^= 0x20;
      expect(() => read(changed)).toThrow(UserError);
    }
  });

  test("or reads any header and chunks with right check sums, and never fails otherwise", () => {
    const kind = fc.record({
      width: fc.nat(20),
      height: fc.nat(20),
      depth: fc.constantFrom(1, 2, 4, 8, 16, 3),
      colour: fc.nat(6),
      interlace: fc.nat(2),
    });
    const data = fc.uint8Array({ maxLength: 80 });
    const part = fc.oneof(
      data.map((bytes) => chunk("IDAT", deflateSync(bytes))),
      fc
        .tuple(fc.constantFrom("IDAT", "PLTE", "tRNS", "IHDR", "aaaa"), data)
        .map(([type, bytes]) => chunk(type, bytes)),
    );
    fc.assert(
      fc.property(kind, fc.array(part, { maxLength: 4 }), (header, chunks) => {
        try {
          const { width, height, pixels } = read(pngOf(header, chunks));
          expect(pixels.length).toBe(width * height);
          expect(pixels.every((shade) => shade >= 0 && shade <= 1)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
