import { describe, expect, test } from "vitest";
import { type Orientation, orientationIn, upright } from "../../src/data/exif.ts";

/** EXIF data with a tag before the orientation, little-endian or big-endian. */
function exifOf(orientation: number, little = true): Uint8Array {
  const bytes = new Uint8Array(38);
  const view = new DataView(bytes.buffer);
  bytes.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 2, little);
  for (const [entry, tag, value] of [
    [10, 0x0100, 77],
    [22, 0x0112, orientation],
  ]) {
    view.setUint16(entry, tag, little);
    view.setUint16(entry + 2, 3, little);
    view.setUint32(entry + 4, 1, little);
    view.setUint16(entry + 8, value, little);
  }
  return bytes;
}

describe("EXIF", () => {
  test.each([true, false])("orientation is read (little-endian: %s)", (little) => {
    for (let value = 1; value <= 8; value++) expect(orientationIn(exifOf(value, little))).toBe(value);
    for (const value of [0, 9, 255]) expect(orientationIn(exifOf(value, little))).toBe(1);
  });

  test("damage means upright", () => {
    const whole = exifOf(6);
    for (let length = 0; length < 34; length++) expect(orientationIn(whole.subarray(0, length))).toBe(1);
    const far = exifOf(6);
    far.fill(255, 4, 8);
    expect(orientationIn(far)).toBe(1);
    expect(orientationIn(Uint8Array.from({ length: 40 }, (_, index) => index))).toBe(1);
  });

  // The stored picture of "1 2 3 / 4 5 6" for each orientation, worked out by hand from CIPA DC-008.
  test.each<[Orientation, number, number[]]>([
    [1, 3, [1, 2, 3, 4, 5, 6]],
    [2, 3, [3, 2, 1, 6, 5, 4]],
    [3, 3, [6, 5, 4, 3, 2, 1]],
    [4, 3, [4, 5, 6, 1, 2, 3]],
    [5, 2, [1, 4, 2, 5, 3, 6]],
    [6, 2, [3, 6, 2, 5, 1, 4]],
    [7, 2, [6, 3, 5, 2, 4, 1]],
    [8, 2, [4, 1, 5, 2, 6, 3]],
  ])("orientation %i is undone", (orientation, width, stored) => {
    const pixels = Float32Array.from(stored);
    const {
      width: columns,
      height,
      pixels: seen,
    } = upright({ width, height: 6 / width, pixels }, orientation);
    expect([columns, height, ...seen]).toEqual([3, 2, 1, 2, 3, 4, 5, 6]);
  });
});
