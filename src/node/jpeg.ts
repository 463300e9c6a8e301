import decoderOf, { type MozJPEGModule } from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import decoderUrl from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url&inline";
import { viewOf } from "../data/bytes.ts";
import { orientationIn, upright } from "../data/exif.ts";
import type { GrayImage } from "../data/raster.ts";
import { checkSize, luma, Shades } from "../data/shades.ts";
import { UserError } from "../errors.ts";

/** More scans than any program writes: each costs a decoder the time of a whole picture, and the file a few bytes. */
const mostScans = 100;

/** The decoder could turn pictures as EXIF says too; here that is done as for PNG. */
const leaveTurned = false;

/**
 * The shades of a JPEG file, baseline or progressive, gray or in colour, turned as its EXIF data say.
 * @param fileName what error messages call the file
 * @returns floats, 0 is black, 1 is white; a picture of more than 2^20 pixels is shrunk
 * @throws UserError if the file is no JPEG, is damaged, is too large, or of a kind that is not read
 */
export async function decodeJpeg(bytes: Uint8Array, fileName: string): Promise<GrayImage> {
  const fail = (what: string) => new UserError(`${fileName} is not a readable JPEG file: ${what}.`);
  const { width, height, exif } = readHeader(bytes, fileName, fail);
  const complaints: string[] = [];
  const decoder = await openDecoder((line) => complaints.push(line));
  let picture: ImageData | null = null;
  try {
    picture = decoder.decode(mended(bytes), leaveTurned);
  } catch {
    // The decoder has printed its complaint and aborted, which ends its WebAssembly instance alone.
  }
  if (complaints.length > 0 || picture?.width !== width || picture.height !== height)
    throw fail(`its image data is damaged${complaints.length > 0 ? ` (${complaints[0]})` : ""}`);
  const { data } = picture;
  const shades = new Shades(width, height);
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 4)
      shades.add(x, y, luma(data[from], data[from + 1], data[from + 2]) / 255, 1);
  }
  return upright(shades.image(), exif ? orientationIn(exif) : 1);
}

interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** What follows `Exif\0\0` in an APP1 segment. */
  readonly exif: Uint8Array | undefined;
}

/** What matters here, by its marker (ITU-T T.81, table B.1). */
const markers = { exif: 0xe1, scan: 0xda, end: 0xd9 } as const;
/** Frames that are read: baseline, extended sequential and progressive, all with Huffman codes. */
const readFrames = [0xc0, 0xc1, 0xc2];
/** Markers among those of frames that do not begin one: tables and conditioning. */
const noFrames = [0xc4, 0xc8, 0xcc];

/** Reads the segments of the file (T.81, annex B), and refuses by name what is not decoded. */
function readHeader(bytes: Uint8Array, fileName: string, fail: (what: string) => UserError): JpegHeader {
  const view = viewOf(bytes);
  let size: { width: number; height: number } | undefined;
  let exif: Uint8Array | undefined;
  let scans = 0;
  for (const { marker, start, end } of segments(view)) {
    if (marker === markers.scan && ++scans > mostScans) throw fail(`it has more than ${mostScans} scans`);
    if (marker === markers.exif && !exif && isExif(bytes.subarray(start, end)))
      exif = bytes.subarray(start + exifHead.length, end);
    if (marker < 0xc0 || marker > 0xcf || noFrames.includes(marker) || end - start < 6) continue;
    const advice = "save it as an ordinary JPEG or PNG file";
    if (!readFrames.includes(marker))
      throw fail(`its coding (SOF${marker - 0xc0}) is not read here; ${advice}`);
    const [precision, components] = [bytes[start], bytes[start + 5]];
    if (precision !== 8) throw fail(`it has ${precision} bits a sample, expected 8; ${advice}`);
    if (components !== 1 && components !== 3)
      throw fail(`it has ${components} colours (CMYK, for printing), expected gray or RGB; ${advice}`);
    size = { height: view.getUint16(start + 1), width: view.getUint16(start + 3) };
    if (size.width === 0 || size.height === 0) throw fail(`its size is ${size.width}x${size.height}`);
    checkSize(size.width, size.height, fileName);
  }
  if (!size || scans === 0) throw fail("it ends too early");
  return { ...size, exif };
}

/** Markers that stand alone: TEM, RST0 to RST7, SOI, EOI. Image data has zeros after each byte of 255. */
const isAlone = (marker: number) => marker <= 0x01 || (marker >= 0xd0 && marker <= markers.end);

/** The segments with a length, and where their contents are, up to the picture's end: cameras put more pictures behind it. */
function* segments(view: DataView): Generator<{ marker: number; start: number; end: number }> {
  for (let at = 2; at + 4 <= view.byteLength; ) {
    const marker = view.getUint8(at + 1);
    const isMarker = view.getUint8(at) === 0xff;
    if (isMarker && marker === markers.end) return;
    if (!isMarker || marker === 0xff || isAlone(marker)) {
      at++;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (end > view.byteLength) return;
    yield { marker, start: at + 4, end };
    at = Math.max(end, at + 2);
  }
}

/** How a scan of a sequential frame ends: all coefficients, none of them in steps (T.81, table B.3). */
const sequentialScan = [0, 63, 0];

/**
 * The file without what decoders warn of though it changes nothing of the picture: bytes between the segments before the first
 * scan, and in sequential frames what only a progressive scan has to say. A warning that is left is one of damage. Bytes left over
 * behind a scan stay: they are how most damage within one shows.
 */
function mended(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  const head: Uint8Array[] = [whole.subarray(0, 2)];
  let isSequential = false;
  let scansFrom: number | undefined;
  for (const { marker, start, end } of segments(new DataView(whole.buffer))) {
    if (marker === 0xc0 || marker === 0xc1) isSequential = true;
    if (marker === markers.scan) scansFrom ??= start - 4;
    if (scansFrom === undefined) head.push(whole.subarray(start - 4, end));
    const isScan = marker === markers.scan && end - start === 2 * whole[start] + 4;
    if (isScan && isSequential) whole.set(sequentialScan, end - sequentialScan.length);
  }
  return new Uint8Array(Buffer.concat([...head, whole.subarray(scansFrom)]));
}

const exifHead = [0x45, 0x78, 0x69, 0x66, 0, 0];

function isExif(contents: Uint8Array): boolean {
  return exifHead.every((byte, index) => contents[index] === byte);
}

let compiled: WebAssembly.Module | undefined;

/**
 * A decoder for one file: it is of no more use after one that is damaged.
 * @param complain is told what the file has wrong
 */
async function openDecoder(complain: (line: string) => void): Promise<MozJPEGModule> {
  compiled ??= new WebAssembly.Module(Buffer.from(decoderUrl.slice(decoderUrl.indexOf(",") + 1), "base64"));
  const module = compiled;
  return decoderOf({
    noInitialRun: true,
    printErr: complain,
    instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
  });
}
