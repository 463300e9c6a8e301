import { viewOf } from "../bytes.ts";
import { FileFault } from "../file-fault.ts";

/** The most files of an archive. */
const mostEntries = 2_000_000;

const endMark = 0x06054b50;
const end64Mark = 0x06064b50;
const entryMark = 0x02014b50;

/** Whether `bytes` begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/** A file of an archive. */
export interface Entry {
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
 * The central directory of a zip archive (PKWARE, APPNOTE.TXT 6.3.10, 4.3.12).
 * @param name what to call the archive in messages
 * @throws FileFault if it is cut short or damaged
 */
export function readDirectory(bytes: Uint8Array, name: string): Entry[] {
  const view = viewOf(bytes);
  const fail = () => new FileFault(name, "is not a whole zip archive");
  const { count, offset, end } = findDirectory(view, fail);
  const entries: Entry[] = [];
  let at = offset;
  const isEntry = () => at + 46 <= end && view.getUint32(at, true) === entryMark;
  // Some programs, as macOS's, count more than 65,535 files from 0 again: what counts is what is there.
  while (entries.length < count || isEntry()) {
    if (Math.max(count, entries.length + 1) > mostEntries)
      throw new FileFault(name, `holds more than ${mostEntries} files`, "Use an archive of fewer.");
    if (!isEntry()) throw fail();
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
      path: pathOf(bytes.subarray(at + 46, nameEnd)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      crc: view.getUint32(at + 16, true),
      ...{ packedSize, size, offset: localOffset },
    });
    at = nameEnd + extraLength + commentLength;
  }
  return entries;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The path of an entry, with `/` between its parts and without parts that stand for the folder itself. */
function pathOf(name: Uint8Array): string {
  return textOf(name)
    .replaceAll("\\", "/")
    .replace(/(^|\/)(\.\/)+(?=.)/g, "$1");
}

function textOf(name: Uint8Array): string {
  try {
    return utf8.decode(name);
  } catch {
    // In a code page that nobody tells: a character for each byte, so that two names are never the same.
    return Array.from(name, (byte) => String.fromCharCode(byte)).join("");
  }
}

/** Where the directory lies, and how many entries it is said to have. */
interface Directory {
  readonly count: number;
  readonly offset: number;
  readonly end: number;
}

/** Finds the directory by the record behind it (4.3.16; with 64 bits 4.3.14). */
function findDirectory(view: DataView, fail: () => FileFault): Directory {
  const last = view.byteLength - 22;
  // A comment of up to 64 KiB may follow.
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== endMark) continue;
    const count = view.getUint16(at + 10, true);
    const offset = view.getUint32(at + 16, true);
    const end = at;
    if (count !== 0xffff && offset !== 0xffffffff) return { count, offset, end };
    const at64 = at >= 20 ? Number(view.getBigUint64(at - 12, true)) : view.byteLength;
    if (at64 + 56 > view.byteLength || view.getUint32(at64, true) !== end64Mark)
      return { count, offset, end };
    return {
      end: at64,
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
