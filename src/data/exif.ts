import { viewOf } from "./bytes.ts";
import type { GrayImage } from "./raster.ts";

/** How a camera was held: 1 is upright; 2 to 8 are mirrored and turned, as EXIF's tag Orientation numbers them. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 0x0112;

/**
 * The orientation that EXIF data give (CIPA DC-008, "Exif", 4.6.4 A; the container is TIFF 6.0, section 2): a PNG's eXIf
 * chunk, or a JPEG's APP1 segment after `Exif\0\0`. Upright if they do not tell, or are damaged.
 */
export function orientationIn(tiff: Uint8Array): Orientation {
  const view = viewOf(tiff);
  const order = String.fromCharCode(tiff[0], tiff[1]);
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return 1;
  const little = order === "II";
  const first = view.getUint32(4, little);
  if (first + 2 > tiff.length) return 1;
  const count = view.getUint16(first, little);
  // An entry is a tag, a type, a count and a value, in 12 bytes.
  for (let entry = first + 2, left = count; left > 0 && entry + 12 <= tiff.length; entry += 12, left--) {
    if (view.getUint16(entry, little) !== orientationTag) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** The picture as it is meant to be seen. */
export function upright({ width, height, pixels }: GrayImage, orientation: Orientation): GrayImage {
  if (orientation === 1) return { width, height, pixels };
  const swapped = orientation >= 5;
  const [columns, rows] = swapped ? [height, width] : [width, height];
  // The ends from which columns and rows of the stored picture are read.
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const turned = new Float32Array(pixels.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = swapped ? [row, column] : [column, row];
      const from = (fromBottom ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x);
      turned[row * columns + column] = pixels[from];
    }
  }
  return { width: columns, height: rows, pixels: turned };
}
