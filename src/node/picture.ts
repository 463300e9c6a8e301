import { decodePng } from "../data/png.ts";
import type { GrayImage } from "../data/raster.ts";
import { UserError } from "../errors.ts";

/** Formats that people have pictures in and that are not read here, by what their files begin with. */
const others: readonly { readonly name: string; readonly head: RegExp }[] = [
  { name: "a GIF", head: /^GIF8[79]a/s },
  { name: "a WebP", head: /^RIFF.{4}WEBP/s },
  { name: "a BMP", head: /^BM.{4}\0\0\0\0/s },
  { name: "a TIFF", head: /^(II\*\0|MM\0\*|II\+\0|MM\0\+)/s },
  { name: "an AVIF", head: /^.{4}ftypavi[fs]/s },
  { name: "a HEIC", head: /^.{4}ftyp(hei|hev|mif1|msf1)/s },
  { name: "a JPEG 2000", head: /^(.{4}jP {2}|\xffO\xffQ)/s },
  { name: "a JPEG XL", head: /^(\xff\n|.{4}JXL )/s },
  { name: "a Photoshop", head: /^8BPS/s },
  { name: "a PDF", head: /^%PDF-/s },
  { name: "a Netpbm", head: /^P[1-7]\s/s },
  { name: "an SVG", head: /^\s*(<\?xml.*)?(<!--.*)?<svg[\s>]/s },
];

/**
 * The shades of a picture in a file, PNG or JPEG by what it begins with, whatever its name.
 * @param fileName what error messages call the file
 * @returns floats, 0 is black, 1 is white; a picture of more than 2^20 pixels is shrunk
 * @throws UserError if it is neither, is damaged, or is too large
 */
export async function readPicture(bytes: Uint8Array, fileName: string): Promise<GrayImage> {
  const head = String.fromCharCode(...bytes.subarray(0, 400));
  if (/^\x89PNG/.test(head)) return decodePng(bytes, fileName);
  if (/^\xff\xd8\xff/.test(head)) {
    // Loaded late: the decoder is a large part of the program.
    const { decodeJpeg } = await import("./jpeg.ts");
    return decodeJpeg(bytes, fileName);
  }
  const other = others.find((format) => format.head.test(head));
  const what = other ? `is ${other.name} file` : bytes.length === 0 ? "is empty" : "is not a picture";
  throw new UserError(
    `${fileName} ${what}, expected a PNG or JPEG file. ${other ? "Convert it to PNG, or export it as one" : "Name a picture of one digit"}.`,
  );
}
