import { readFileSync } from "node:fs";
import { encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { readPicture } from "../../src/node/picture.ts";

/** 24x32 pixels, light, but for 8x16 dark ones at the top left. */
const jpeg = (name: string) => readFileSync(new URL(`../fixtures/jpeg/${name}.jpg`, import.meta.url));

/** EXIF data in an APP1 segment, after the SOI of a JPEG file. */
function withOrientation(file: Uint8Array, orientation: number): Uint8Array {
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const segment = [0xff, 0xe1, 0, 8 + tiff.length, 0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.from([...file.subarray(0, 2), ...segment, ...file.subarray(2)]);
}

describe("readPicture", () => {
  test.each(["gray", "gray-progressive", "colour", "colour-progressive"])("reads JPEG: %s", async (name) => {
    const { width, height, pixels } = await readPicture(jpeg(name), "some.jpg");
    expect([width, height]).toEqual([24, 32]);
    for (const [x, y, shade] of [
      [2, 2, 20 / 255],
      [5, 12, 20 / 255],
      [14, 6, 240 / 255],
      [3, 26, 240 / 255],
    ])
      expect(Math.abs(pixels[24 * y + x] - shade)).toBeLessThan(0.03);
  });

  test("turns it as its EXIF data say", async () => {
    // Stored as it is seen when turned to the right: the dark part moves to the top right.
    const { width, height, pixels } = await readPicture(withOrientation(jpeg("gray"), 6), "some.jpg");
    expect([width, height]).toEqual([32, 24]);
    expect(pixels[32 * 3 + 28]).toBeLessThan(0.2);
    expect(pixels[32 * 3 + 3]).toBeGreaterThan(0.8);
  });

  test("ends with its first picture, whatever cameras put behind it", async () => {
    const alone = await readPicture(jpeg("colour"), "some.jpg");
    const arithmetic = Uint8Array.from(jpeg("gray"));
    arithmetic[jpeg("gray").indexOf(Buffer.from([0xff, 0xc0])) + 1] = 0xcd;
    const behind: readonly Uint8Array[] = [
      jpeg("cmyk"),
      withOrientation(jpeg("gray-progressive"), 6),
      arithmetic,
      new Uint8Array(5000),
      new TextEncoder().encode("\0\0\0\x18ftypmp42"),
      Uint8Array.from({ length: 200_000 }, (_, index) => (index * index * 31) >> 3),
      Uint8Array.of(0xff, 0xc3, 0, 20, 12, 0, 0, 0, 0, 4, 0, 0),
    ];
    for (const bytes of behind)
      expect(await readPicture(Buffer.concat([jpeg("colour"), bytes]), "some.jpg")).toEqual(alone);
  });

  test.each(["gray", "colour"])("minds nothing that changes nothing: %s", async (name) => {
    const file = jpeg(name);
    const scan = file.indexOf(Buffer.from([0xff, 0xda]));
    const behind = scan + 2 + file.readUInt16BE(scan + 2);
    // As some cameras and scanners write it.
    const zeros = Uint8Array.from(file);
    zeros.set([0, 0, 0], behind - 3);
    const between = Buffer.concat([zeros.subarray(0, scan), Uint8Array.of(1, 2, 3), zeros.subarray(scan)]);
    const meant = await readPicture(file, "some.jpg");
    for (const bytes of [zeros, between]) {
      expect(await readPicture(bytes, "some.jpg")).toEqual(meant);
      // It hides no damage: of several warnings decoders tell the first alone.
      await refused(
        bytes.subarray(0, -2),
        "is not a readable JPEG file: its image data is damaged (Premature end",
      );
    }
    const left = Buffer.concat([file.subarray(0, -2), Uint8Array.of(0, 0), file.subarray(-2)]);
    await refused(
      left,
      "is not a readable JPEG file: its image data is damaged (Corrupt JPEG data: 1 extraneous",
    );
  });

  test("goes by what a file begins with, not by its name", async () => {
    const png = encode({ width: 2, height: 1, data: Uint8Array.of(0, 255), channels: 1 });
    expect([...(await readPicture(png, "photo.jpg")).pixels]).toEqual([0, 1]);
  });

  const refused = async (bytes: Uint8Array, message: string) => {
    const error = await readPicture(bytes, "some.jpg").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(`some.jpg ${message}`);
  };

  test("refuses JPEG that is not read, by name and before it is decoded", async () => {
    await refused(jpeg("cmyk"), "is not a readable JPEG file: it has 4 colours (CMYK, for printing)");
    const frame = jpeg("gray").indexOf(Buffer.from([0xff, 0xc0]));
    const changed = (offset: number, ...bytes: number[]) => {
      const file = Uint8Array.from(jpeg("gray"));
      file.set(bytes, frame + offset);
      return file;
    };
    await refused(changed(1, 0xc9), "is not a readable JPEG file: its coding (SOF9) is not read here");
    await refused(changed(4, 12), "is not a readable JPEG file: it has 12 bits a sample");
    await refused(changed(5, 0, 0), "is not a readable JPEG file: its size is 24x0");
    await refused(changed(5, 0xff, 0xff, 0xff, 0xff), "has 65535x65535 pixels, expected at most 16777216");
    const scan = jpeg("gray").subarray(jpeg("gray").indexOf(Buffer.from([0xff, 0xda])), -2);
    await refused(
      Buffer.concat([jpeg("gray").subarray(0, -2), ...Array(100).fill(scan)]),
      "is not a readable JPEG file: it has more than 100 scans",
    );
  });

  test("refuses every JPEG that is cut short, and never fails otherwise of a changed byte", async () => {
    const whole = jpeg("gray-progressive");
    for (let length = 3; length < whole.length - 2; length += 3)
      await refused(whole.subarray(0, length), "is not a readable JPEG file: ");
    for (let offset = 2; offset < whole.length; offset++) {
      const file = Uint8Array.from(whole);
      file[offset] ^= 0x55;
      await readPicture(file, "some.jpg").catch((error: unknown) => expect(error).toBeInstanceOf(UserError));
    }
  });

  test.each([
    ["GIF89a...", "is a GIF file, expected a PNG or JPEG file. Convert it to PNG"],
    ["RIFF\x01\x02\x03\x04WEBPVP8 ", "is a WebP file"],
    ["BM\x01\x02\x03\x04\0\0\0\0", "is a BMP file"],
    ["\0\0\0\x18ftypheic", "is a HEIC file"],
    ["\0\0\0\x18ftypavif", "is an AVIF file"],
    ["II*\0....", "is a TIFF file"],
    ["%PDF-1.7", "is a PDF file"],
    ["<?xml version='1.0'?>\n<svg width='9'>", "is an SVG file"],
    ["", "is empty, expected a PNG or JPEG file. Name a picture of one digit"],
    ["no picture", "is not a picture, expected"],
  ])("recognises %j", (text, message) => refused(Buffer.from(text, "latin1"), message));
});
