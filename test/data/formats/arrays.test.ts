import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileFault } from "../../../src/data/file-fault.ts";
import { toFloat16 } from "../../../src/data/float16.ts";
import { imagesOf, labelsOf } from "../../../src/data/formats/array-parts.ts";
import { parseNpy } from "../../../src/data/formats/npy.ts";
import { zipFiles } from "../../../src/data/formats/zip.ts";
import { UserError } from "../../../src/errors.ts";
import { npyOf, zipOf } from "../../helpers/data-files.ts";

const notices: string[] = [];
const notice = (line: string) => void notices.push(line);
/** The bytes of values as numpy has them. */
const raw = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const swapped = (array: ArrayBufferView, width: number) => {
  const bytes = raw(array).slice();
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
};

describe("arrays of numpy", () => {
  const values = [0, 1, 2, 3, 200, 255];
  it.each([
    ["|u1", Uint8Array.from(values)],
    ["<u2", raw(Uint16Array.from(values))],
    [">u2", swapped(Uint16Array.from(values), 2)],
    ["<i4", raw(Int32Array.from(values))],
    [">i4", swapped(Int32Array.from(values), 4)],
    ["<i8", raw(BigInt64Array.from(values, BigInt))],
    ["<u8", raw(BigUint64Array.from(values, BigInt))],
    ["<f2", raw(Uint16Array.from(values, toFloat16))],
    [">f2", swapped(Uint16Array.from(values, toFloat16), 2)],
    ["<f4", raw(Float32Array.from(values))],
    ["<f8", raw(Float64Array.from(values))],
  ])("of the type %s are images", (type, bytes) => {
    const array = parseNpy(npyOf(type, [2, 1, 3], bytes), "a");
    expect(imagesOf(array, notice)).toEqual({
      ...{ name: "a", count: 2, rows: 1, columns: 3 },
      pixels: Uint8Array.from(values),
    });
    expect(labelsOf(parseNpy(npyOf(type, [6], bytes), "a")).labels).toEqual(Uint8Array.from(values));
  });

  it("of floats from 0 to 1 are taken times 255, with a remark", () => {
    notices.length = 0;
    const bytes = raw(Float32Array.of(0, 1, 0.5, 10 / 255));
    expect([...imagesOf(parseNpy(npyOf("<f4", [1, 2, 2], bytes), "a"), notice).pixels]).toEqual([
      0, 255, 128, 10,
    ]);
    expect(notices).toEqual(["a: its values, from 0 to 1, are taken times 255 and rounded."]);
  });

  it.each([
    [[2, 2, 3], 2, 3],
    [[2, 2, 3, 1], 2, 3],
    [[2, 1, 2, 3], 2, 3],
    [[3, 4], 2, 2],
  ])("of the shape %j are images of %i x %i", (shape, rows, columns) => {
    const array = parseNpy(npyOf("|u1", shape, new Uint8Array(12)), "a");
    expect(imagesOf(array, notice)).toMatchObject({ count: shape[0], rows, columns });
  });

  it("in Fortran order are read in theirs", () => {
    // numpy.asfortranarray(numpy.arange(12).reshape(2, 2, 3)).tobytes("A")
    const bytes = Uint8Array.of(0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11);
    const { pixels } = imagesOf(parseNpy(npyOf("|u1", [2, 2, 3], bytes, "True"), "a"), notice);
    expect([...pixels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("with a one for each image's class are labels", () => {
    const hot = parseNpy(npyOf("|u1", [3, 3], Uint8Array.of(0, 1, 0, 1, 0, 0, 0, 0, 1)), "a");
    expect([...labelsOf(hot).labels]).toEqual([1, 0, 2]);
    for (const bytes of [
      [0, 1, 0, 1, 1, 0],
      [0, 0, 0, 1, 0, 0],
      [0, 2, 0, 1, 0, 0],
    ]) {
      const array = parseNpy(npyOf("|u1", [2, 3], Uint8Array.from(bytes)), "a");
      expect(() => labelsOf(array)).toThrow(/a: row [01] has not a single 1 among zeros/);
    }
  });

  const images = (type: string, shape: number[], bytes: Uint8Array) => () =>
    imagesOf(parseNpy(npyOf(type, shape, bytes), "a"), notice);
  it.each([
    [
      "colour",
      images("|u1", [1, 2, 2, 3], new Uint8Array(12)),
      "a has the shape [1, 2, 2, 3]. Expected images of one",
    ],
    ["no square", images("|u1", [2, 6], new Uint8Array(12)), "a has the shape [2, 6]."],
    ["no images", images("|u1", [0, 2, 2], new Uint8Array(0)), "a has the shape [0, 2, 2]."],
    ["centred floats", images("<f4", [1, 1, 2], raw(Float32Array.of(-0.4, 2.8))), "a holds -0.4"],
    [
      "no numbers",
      images("<f4", [2, 1, 2], raw(Float32Array.of(0.5, 0, 1, Number.NaN))),
      "a holds NaN at [1, 0, 1]. Expected whole",
    ],
    [
      "infinite numbers",
      images("<f2", [1, 1, 2], raw(Uint16Array.of(0x3800, 0x7c00))),
      "a holds Infinity at [0, 0, 1]. Expected whole",
    ],
    [
      "floats a little beyond 1",
      images("<f8", [2, 2, 2], raw(Float64Array.of(0, 0.5, 1, 0, 0, 0, 1.0001, 0))),
      "a holds 0.5 at [0, 0, 1] and 1.0001 at [1, 1, 0]. Expected whole",
    ],
    ["numbers below 0", images("<i2", [1, 1, 3], raw(Int16Array.of(0, -1, -7))), "a holds -7 at [0, 0, 2]."],
    [
      "large numbers",
      images("<i4", [1, 1, 3], raw(Int32Array.of(256, 4095, 7))),
      "a holds 4095 at [0, 0, 1]. Expected whole numbers from",
    ],
    [
      "texts",
      images("<U3", [1], new Uint8Array(12)),
      "a holds values of the type <U3. Expected whole numbers",
    ],
    ["objects", images("|O", [1], new Uint8Array(8)), "a holds values of the type |O."],
    [
      "half an array",
      images("|u1", [2, 2, 2], new Uint8Array(7)),
      "its header says 2x2x2, 8 bytes, but it holds 7",
    ],
    [
      "labels beyond a byte",
      () => labelsOf(parseNpy(npyOf("<i4", [2], raw(Int32Array.of(3, 300))), "a")),
      "the label 300 at [1]",
    ],
    ["nothing", () => parseNpy(new Uint8Array(), "a"), "a is empty."],
    ["another file", () => parseNpy(new Uint8Array(200), "a"), "a is no array of numpy"],
    [
      "a header cut short",
      () => parseNpy(npyOf("|u1", [1], Uint8Array.of(1)).subarray(0, 50), "a"),
      "a is cut short",
    ],
  ])("are refused for %s", (_, parse, message) => {
    expect(parse).toThrow(UserError);
    expect(parse).toThrow(message);
  });
});

describe("zip archives", () => {
  const files = { "a.txt": "alpha alpha alpha alpha", "b/c.txt": "" };
  const contentsOf = async (bytes: Uint8Array) =>
    Object.fromEntries(
      await Promise.all(
        zipFiles(bytes, "z").map(
          async (file) => [file.path, new TextDecoder().decode(await file.bytes())] as const,
        ),
      ),
    );

  it("give their files, packed or not, with a comment at the end, and from the middle of a buffer", async () => {
    for (const stored of [false, true]) {
      const bytes = zipOf(files, { stored, comment: "made by hand" });
      expect(await contentsOf(bytes)).toEqual(files);
      expect(await contentsOf(new Uint8Array([1, 2, 3, ...bytes]).subarray(3))).toEqual(files);
    }
  });

  it.each([
    ["./a", "a"],
    ["./././a/./b/././c", "a/b/c"],
    [".\\a\\.\\b", "a/b"],
    ["a./b/.c/..d", "a./b/.c/..d"],
    ["../a", "../a"],
  ])("have no parts in their paths that stand for the folder itself: %s", (path, expected) => {
    const files = zipFiles(zipOf({ "./": "", "a/./": "", [path]: "" }), "z");
    expect(files.map((file) => file.path)).toEqual([expected]);
  });

  it("give each name that is not UTF-8 its own", () => {
    const read = (names: readonly string[], encoding: BufferEncoding) =>
      zipFiles(zipOf(Object.fromEntries(names.map((name) => [name, ""])), { encoding }), "z").map(
        ({ path }) => path,
      );
    expect(read(["m\x84r/m\x94r"], "latin1")).toEqual(["m\x84r/m\x94r"]);
    const all = Array.from({ length: 128 }, (_, index) => `x${String.fromCharCode(128 + index)}`);
    expect(new Set(read(all, "latin1")).size).toBe(128);
    expect(read(["mär/日本"], "utf8")).toEqual(["mär/日本"]);
  });

  it("never give wrong contents if they are damaged, nor throw anything but a FileFault", async () => {
    const whole = zipOf(files);
    const change = fc.record({ position: fc.nat(whole.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 3 }), fc.nat(whole.length), async (changes, length) => {
        const bytes = whole.slice(0, length < 40 ? length : whole.length);
        for (const { position, value } of changes) if (position < bytes.length) bytes[position] = value;
        try {
          for (const file of zipFiles(bytes, "z")) {
            const text = new TextDecoder().decode(await file.bytes());
            if (file.path in files) expect([files["a.txt"], ""]).toContain(text);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FileFault);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("that claim more than they hold are refused before room is made for it", async () => {
    const bytes = zipOf({ "a.txt": "short" });
    const view = new DataView(bytes.buffer);
    const directory = view.getUint32(bytes.length - 6, true);
    view.setUint32(directory + 24, 0x3fffffff, true);
    await expect(zipFiles(bytes, "z")[0].bytes()).rejects.toThrow(
      "z: a.txt is damaged: it cannot hold 1073741823",
    );
  });

  it("that are encrypted, or packed in other ways, say so", async () => {
    for (const [field, value, message] of [
      [8, 1, "z: a.txt is encrypted. Unpack the archive yourself."],
      [10, 9, "z: a.txt is packed by method 9, not by deflate."],
    ] as const) {
      const bytes = zipOf({ "a.txt": "short" });
      const view = new DataView(bytes.buffer);
      view.setUint16(view.getUint32(bytes.length - 6, true) + field, value, true);
      await expect(zipFiles(bytes, "z")[0].bytes()).rejects.toThrow(message);
    }
  });
});
