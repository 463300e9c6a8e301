import { viewOf } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import { DamageError, inflate } from "./inflate.ts";

/*
 * A reader for every kind of PNG (W3C, "Portable Network Graphics (PNG) Specification", third edition; section numbers
 * below). fast-png, which the report writes its images with, misreads interlaced images of less than 8 bits and
 * inflates without a limit.
 */

/** A PNG file, unpacked but not yet interpreted. */
export interface PngImage extends Header {
  readonly lines: readonly Line[];
  /** Red, green and blue of each colour, a byte each. */
  readonly palette: Uint8Array | undefined;
  /** The alpha of each colour of the palette, or the one transparent colour, two bytes a sample (11.3.1.1). */
  readonly transparency: Uint8Array | undefined;
  /** EXIF data (11.3.3.7). */
  readonly exif: Uint8Array | undefined;
}

/**
 * Reads a PNG file of any kind.
 * @param check is given the size before anything is made of that size, and may throw
 * @throws what `fail` makes of a description of what is wrong
 */
export function readPng(
  bytes: Uint8Array,
  { fail, check }: { fail: Fail; check: (width: number, height: number) => void },
): PngImage {
  const chunks = readChunks(bytes, fail);
  const header = readHeader(chunks, fail);
  check(header.width, header.height);
  const dataOf = (wanted: string) => chunks.find(({ type }) => type === wanted)?.data;
  const lines = readLines(chunks, header, fail);
  const [palette, transparency, exif] = ["PLTE", "tRNS", "eXIf"].map(dataOf);
  return { ...header, lines, palette, transparency, exif };
}

/** Makes the error that says what is wrong with the file. */
export type Fail = (what: string) => Error;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * The first chunk, and of those up to IEND the image data and the first of each other kind that is read here. The check sums
 * of all are verified (5.3).
 */
function readChunks(bytes: Uint8Array, fail: Fail): Chunk[] {
  if (bytes.length === 0) throw fail("it is empty");
  if (signature.some((byte, index) => bytes[index] !== byte))
    throw fail("it does not start as a PNG does; convert it to PNG");
  const view = viewOf(bytes);
  const chunks: Chunk[] = [];
  const wanted = new Set(["PLTE", "tRNS", "eXIf"]);
  // Around its data, a chunk has its length and type before it and a check sum behind it, 4 bytes each.
  for (let start = signature.length; start + 12 <= bytes.length; ) {
    const end = start + 8 + view.getUint32(start);
    if (end + 4 > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    if (crc32(bytes.subarray(start + 4, end)) !== view.getUint32(end))
      throw fail("a check sum in it is wrong");
    if (type === "IEND") return chunks;
    const data = bytes.subarray(start + 8, end);
    // A file may have millions of others, or of empty ones.
    if (chunks.length === 0 || (type === "IDAT" ? data.length > 0 : wanted.delete(type)))
      chunks.push({ type, data });
    start = end + 4;
  }
  throw fail("it ends too early");
}

type Kind = "gray" | "colour" | "palette" | "gray-alpha" | "colour-alpha";

interface Header {
  readonly width: number;
  readonly height: number;
  /** What a pixel consists of. */
  readonly kind: Kind;
  /** Samples of a pixel. */
  readonly channels: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly interlaced: boolean;
}

/** Samples of a pixel and possible bits of a sample, by colour type (11.2.1, table 11). */
const layouts = new Map<number, { kind: Kind; channels: number; depths: readonly number[] }>([
  [0, { kind: "gray", channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { kind: "colour", channels: 3, depths: [8, 16] }],
  [3, { kind: "palette", channels: 1, depths: [1, 2, 4, 8] }],
  [4, { kind: "gray-alpha", channels: 2, depths: [8, 16] }],
  [6, { kind: "colour-alpha", channels: 4, depths: [8, 16] }],
]);

function readHeader(chunks: readonly Chunk[], fail: Fail): Header {
  const first = chunks[0];
  if (first?.type !== "IHDR" || first.data.length !== 13) throw fail("it does not begin with its size");
  const { data } = first;
  const view = viewOf(data);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = data.subarray(8);
  const layout = layouts.get(colour);
  if (width === 0 || height === 0) throw fail(`its size is ${width}x${height}`);
  if (!layout?.depths.includes(depth)) throw fail(`it claims colour type ${colour} with ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1)
    throw fail("it claims a method that does not exist");
  const { kind, channels } = layout;
  return { width, height, kind, channels, depth, interlaced: interlace === 1 };
}

/** Every `dx`-th pixel from column `x` of every `dy`-th row from row `y`. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const allAtOnce: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
/** Adam7 (8.1). */
const interlacing: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** The pixels of row `y` that are in columns `x`, `x + dx`, ... */
export interface Line {
  readonly x: number;
  readonly dx: number;
  readonly y: number;
  /** Their samples; several share a byte if they are small, two bytes make one if they are large. */
  readonly bytes: Uint8Array;
}

/** Image data of more bytes are not unpacked: as many as the largest picture has with 8 bits a sample. */
const mostBytes = 2 ** 26 + 2 ** 20;

/** Inflates the image data and undoes the filters. */
function readLines(chunks: readonly Chunk[], header: Header, fail: Fail): Line[] {
  const { width, height, channels, depth, interlaced } = header;
  const places: (Pass & { start: number; end: number })[] = [];
  let length = 0;
  for (const pass of interlaced ? interlacing : allAtOnce) {
    const lineBytes = Math.ceil((Math.ceil((width - pass.x) / pass.dx) * channels * depth) / 8);
    for (let y = pass.y; y < height && lineBytes > 0; y += pass.dy) {
      // A byte that names the filter comes before each line.
      places.push({ ...pass, y, start: length + 1, end: (length += 1 + lineBytes) });
    }
  }
  if (length > mostBytes)
    throw fail(
      `${width}x${height} pixels of ${depth * channels} bits are too many; shrink it, or crop it to the digit`,
    );
  const data = inflateData(chunks, length, fail);
  const pixelBytes = Math.ceil((channels * depth) / 8);
  let previous: Line | undefined;
  return places.map(({ x, dx, y, start, end }) => {
    const bytes = data.subarray(start, end);
    // The first line of a pass has none above it, which counts as zeros.
    const above = previous?.x === x && previous.dx === dx ? previous.bytes : undefined;
    unfilter(data[start - 1], bytes, above ?? new Uint8Array(bytes.length), pixelBytes, fail);
    return (previous = { x, dx, y, bytes });
  });
}

function inflateData(chunks: readonly Chunk[], length: number, fail: Fail): Uint8Array<ArrayBuffer> {
  const parts = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  try {
    return inflate(joined(parts), length, "zlib");
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    throw fail(`its image data is damaged: ${error.message}`);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Filters (9.2): each byte was stored as its difference from what its neighbours predict. */
function unfilter(type: number, line: Uint8Array, above: Uint8Array, pixelBytes: number, fail: Fail): void {
  if (type > 4) throw fail("its image data is damaged");
  // The pixel at the left counts as zeros for the first pixel of a line.
  const start = Math.min(pixelBytes, line.length);
  if (type === 1) for (let i = start; i < line.length; i++) line[i] += line[i - pixelBytes];
  if (type === 2) for (let i = 0; i < line.length; i++) line[i] += above[i];
  if (type === 3) {
    for (let i = 0; i < start; i++) line[i] += above[i] >> 1;
    for (let i = start; i < line.length; i++) line[i] += (line[i - pixelBytes] + above[i]) >> 1;
  }
  if (type === 4) {
    for (let i = 0; i < start; i++) line[i] += above[i];
    for (let i = start; i < line.length; i++)
      line[i] += paeth(line[i - pixelBytes], above[i], above[i - pixelBytes]);
  }
}

/** Whichever neighbour is nearest to left + above - corner (9.4). */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
