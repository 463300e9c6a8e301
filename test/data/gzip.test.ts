import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileFault } from "../../src/data/file-fault.ts";
import { gunzip } from "../../src/data/gzip.ts";

/** Bytes that do not pack to nothing. */
const contents = Uint8Array.from({ length: 5000 }, (_, index) => (index * index) >> 3);
const packed = new Uint8Array(gzipSync(contents));

const altered = (position: number) => packed.map((byte, index) => (index === position ? byte ^ 0x55 : byte));
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe("gunzip", () => {
  it("unpacks gzip and leaves anything else as it is, without a copy", async () => {
    expect(await gunzip(packed, "f")).toEqual(contents);
    expect(await gunzip(contents, "f")).toBe(contents);
    expect(await gunzip(new Uint8Array(0), "f")).toHaveLength(0);
  });

  it("unpacks what lies in the middle of a larger buffer, empty contents and many chunks", async () => {
    const surrounded = joined(contents, packed, contents);
    const view = surrounded.subarray(contents.length, contents.length + packed.length);
    expect(await gunzip(view, "f")).toEqual(contents);
    expect(await gunzip(new Uint8Array(gzipSync("")), "f")).toHaveLength(0);
    const large = new Uint8Array(3_000_000).map((_, index) => index >> 7);
    expect(Buffer.compare(await gunzip(new Uint8Array(gzipSync(large)), "f"), large)).toBe(0);
  });

  const empty = new Uint8Array(gzipSync(""));
  const zeros = new Uint8Array(700);
  it.each([
    ["two members", joined(packed, packed), joined(contents, contents)],
    ["empty members", joined(empty, empty, packed, empty), contents],
    ["nothing but empty members", joined(empty, empty), new Uint8Array(0)],
    ["zeros at the end", joined(packed, zeros), contents],
    ["a single zero at the end", joined(packed, zeros.subarray(0, 1)), contents],
    ["several members and zeros", joined(empty, packed, packed, zeros), joined(contents, contents)],
  ])("unpacks %s", async (_, bytes, expected) => {
    expect(await gunzip(bytes, "f")).toEqual(expected);
    expect(await gunzip(bytes, "f", { exactBytes: expected.length })).toEqual(expected);
    if (expected.length > 0)
      await expect(gunzip(bytes, "f", { maxBytes: expected.length - 1 })).rejects.toThrow("holds more than");
  });

  it("unpacks a thousand members of many sizes", async () => {
    const sizes = Array.from({ length: 1000 }, (_, index) => (index * 37) % 101);
    const parts = sizes.map((size) => contents.subarray(size, 2 * size));
    expect(await gunzip(joined(...parts.map((part) => gzipSync(part))), "f")).toEqual(joined(...parts));
  });

  it.each([
    ["two bytes", packed.subarray(0, 2), "it is cut short"],
    ["a header", packed.subarray(0, 10), "it is cut short"],
    ["half a file", packed.subarray(0, packed.length / 2), "it is cut short"],
    ["a file without its last byte", packed.subarray(0, -1), "it is cut short"],
    ["an unknown method", altered(2), "unknown compression method"],
    ["altered contents", altered(100), "incorrect data check"],
    ["an altered checksum", altered(packed.length - 6), "incorrect data check"],
    ["an altered size", altered(packed.length - 3), "incorrect length check"],
    ["a line break at the end", joined(packed, new Uint8Array([10])), "goes on after the end"],
    ["bytes after zeros", joined(packed, new Uint8Array(512), packed), "goes on after the end"],
    ["half a second member", joined(packed, packed.subarray(0, 700)), "it is cut short"],
    ["a second member that is damaged", joined(packed, altered(packed.length - 6)), "incorrect data check"],
  ])("refuses %s, naming the file", async (_, bytes, reason) => {
    const error: unknown = await gunzip(bytes, "some/file.gz").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FileFault);
    const { message } = error as FileFault;
    expect(message).toMatch(/^some\/file\.gz is not a whole gzip file \(.+\)\. Get the file again\.$/);
    expect(message).toMatch(reason);
  });

  it("gives up a file that unpacks to more than it may, whatever its size field says", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
    const lie = new Uint8Array(bomb);
    new DataView(lie.buffer).setUint32(lie.length - 4, 1000, true);
    for (const bytes of [bomb, lie, joined(bomb, bomb)]) {
      await expect(gunzip(bytes, "bomb.gz", { maxBytes: 100_000 })).rejects.toThrow(
        "bomb.gz holds more than 100000 bytes, the most expected here. Get the file again.",
      );
    }
  });

  it("bounds files that are not packed, too", async () => {
    await expect(gunzip(contents, "f", { maxBytes: 4999 })).rejects.toThrow("f holds more than 4999 bytes");
    expect(await gunzip(contents, "f", { maxBytes: 5000 })).toBe(contents);
    expect(await gunzip(packed, "f", { maxBytes: 5000 })).toEqual(contents);
  });

  it("checks the exact size where it is known", async () => {
    for (const bytes of [contents, packed]) {
      expect(await gunzip(bytes, "f", { exactBytes: 5000 })).toEqual(contents);
      await expect(gunzip(bytes, "f", { exactBytes: 5001 })).rejects.toThrow(
        "f holds 5000 bytes, expected 5001. Get the file again.",
      );
    }
    await expect(gunzip(contents, "f", { exactBytes: 4999 })).rejects.toThrow(
      "holds 5000 bytes, expected 4999",
    );
    await expect(gunzip(packed, "f", { exactBytes: 4999 })).rejects.toThrow("holds more than 4999 bytes");
  });

  it("never gives wrong contents for a damaged file, nor throws anything but a FileFault", async () => {
    const change = fc.record({ position: fc.nat(packed.length - 1), value: fc.nat(255) });
    const damage = fc.tuple(fc.array(change, { maxLength: 3 }), fc.nat(packed.length), fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(damage, async ([changes, length, tail]) => {
        const bytes = new Uint8Array(packed);
        for (const { position, value } of changes) bytes[position] = value;
        const damaged = joined(bytes.subarray(0, length), tail);
        const result = await gunzip(damaged, "f").catch((error: unknown) => error);
        if (result === damaged) return; // No longer gzip: left as it is.
        if (result instanceof Uint8Array) expect(result).toEqual(contents);
        else expect(result).toBeInstanceOf(FileFault);
      }),
      { numRuns: 300 },
    );
  });
});
