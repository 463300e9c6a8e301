import { crc32 } from "../crc32.ts";
import { FileFault, largestFile, tooLarge } from "../gzip.ts";
import { DamageError, inflate } from "../inflate.ts";
import type { DataFile } from "./data-file.ts";

/*
 * A reader for zip archives (PKWARE, APPNOTE.TXT 6.3.10; section numbers below): fflate verifies no check sums, zip.js
 * is twenty times as large as what is needed.
 */

/** The most files of an archive. */
const mostEntries = 2_000_000;

const endMark = 0x06054b50;
const end64Mark = 0x06064b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;

/** Whether `bytes` begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

interface Entry {
  readonly path: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Of its local header. */
  readonly offset: number;
}

/**
 * The files of a zip archive, each unpacked when it is read.
 * @param name what to call the archive in messages
 * @param folder what their paths begin with
 * @throws FileFault if it is cut short or damaged
 */
export function zipFiles(bytes: Uint8Array, name: string, folder = ""): DataFile[] {
  const entries = readDirectory(bytes, name).filter(({ path }) => !path.endsWith("/"));
  return entries.map((entry) => {
    const file = `${name}: ${entry.path}`;
    return {
      path: folder === "" ? entry.path : `${folder}/${entry.path}`,
      name: file,
      bytes: async () => readEntry(bytes, entry, file),
    };
  });
}

function readEntry(bytes: Uint8Array, entry: Entry, name: string): Uint8Array {
  const { method, encrypted, crc, packedSize, size, offset } = entry;
  if (encrypted) throw new FileFault(name, "is encrypted", "Unpack the archive yourself.");
  if (method !== 0 && method !== 8)
    throw new FileFault(
      name,
      `is packed by method ${method}, not by deflate`,
      "Unpack the archive yourself.",
    );
  if (size > largestFile) throw tooLarge(name, largestFile);
  const view = viewOf(bytes);
  const isThere = offset + 30 <= bytes.length && view.getUint32(offset, true) === localMark;
  // Name and extra field of the local header may be longer than those of the directory (4.3.7).
  const start = isThere
    ? offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    : 0;
  if (!isThere || start + packedSize > bytes.length)
    throw new FileFault(name, "is not where the archive says");
  const packed = bytes.subarray(start, start + packedSize);
  const contents = method === 0 ? packed : inflated(packed, size, name);
  if (contents.length !== size || crc32(contents) !== crc)
    throw new FileFault(name, "is damaged: its check sum is wrong");
  return contents;
}

function inflated(packed: Uint8Array, size: number, name: string): Uint8Array {
  try {
    return inflate(packed, size, "raw");
  } catch (error) {
    if (error instanceof DamageError) throw new FileFault(name, `is damaged: ${error.message}`);
    throw error;
  }
}

/** The central directory (4.3.12). */
function readDirectory(bytes: Uint8Array, name: string): Entry[] {
  const view = viewOf(bytes);
  const fail = () => new FileFault(name, "is not a whole zip archive");
  const { count, offset } = findDirectory(view, fail);
  if (count > mostEntries)
    throw new FileFault(name, `holds ${count} files`, `At most ${mostEntries} are read.`);
  const entries: Entry[] = [];
  let at = offset;
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== entryMark) throw fail();
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    );
    const nameEnd = at + 46 + nameLength;
    if (nameEnd + extraLength > bytes.length) throw fail();
    const extra = view64(bytes.subarray(nameEnd, nameEnd + extraLength));
    const field = (position: number) => {
      const value = view.getUint32(at + position, true);
      return value === 0xffffffff ? (extra.shift() ?? value) : value;
    };
    // In the order in which the extra field has what does not fit (4.5.3).
    const size = field(24);
    const packedSize = field(20);
    const localOffset = field(42);
    entries.push({
      path: new TextDecoder().decode(bytes.subarray(at + 46, nameEnd)).replaceAll("\\", "/"),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      crc: view.getUint32(at + 16, true),
      ...{ packedSize, size, offset: localOffset },
    });
    at = nameEnd + extraLength + commentLength;
  }
  return entries;
}

/** Where the directory begins and how many entries it has (4.3.16; with 64 bits 4.3.14). */
function findDirectory(view: DataView, fail: () => FileFault): { count: number; offset: number } {
  const last = view.byteLength - 22;
  // A comment of up to 64 KiB may follow.
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== endMark) continue;
    const count = view.getUint16(at + 10, true);
    const offset = view.getUint32(at + 16, true);
    if (count !== 0xffff && offset !== 0xffffffff) return { count, offset };
    const at64 = at >= 20 ? Number(view.getBigUint64(at - 12, true)) : view.byteLength;
    if (at64 + 56 > view.byteLength || view.getUint32(at64, true) !== end64Mark) return { count, offset };
    return {
      count: Number(view.getBigUint64(at64 + 32, true)),
      offset: Number(view.getBigUint64(at64 + 48, true)),
    };
  }
  throw fail();
}

/** The 64-bit numbers in the extra field with the mark 1 (4.5.3). */
function view64(extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const size = view.getUint16(at + 2, true);
    const end = Math.min(extra.length, at + 4 + size);
    if (view.getUint16(at, true) === 1) {
      const numbers: number[] = [];
      for (let place = at + 4; place + 8 <= end; place += 8)
        numbers.push(Number(view.getBigUint64(place, true)));
      return numbers;
    }
    at += 4 + size;
  }
  return [];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
