import { viewOf } from "../bytes.ts";
import { crc32 } from "../crc32.ts";
import { FileFault, largestFile, tooLarge } from "../file-fault.ts";
import { DamageError, inflate } from "../inflate.ts";
import type { DataFile } from "./data-file.ts";
import { type Entry, readDirectory } from "./zip-directory.ts";

/*
 * A reader for zip archives (PKWARE, APPNOTE.TXT 6.3.10; section numbers below): fflate verifies no check sums, zip.js
 * is twenty times as large as what is needed.
 */

const localMark = 0x04034b50;

/**
 * The files of a zip archive, each unpacked when it is read.
 * @param name what to call the archive in messages
 * @throws FileFault if it is cut short or damaged
 */
export function zipFiles(bytes: Uint8Array, name: string): DataFile[] {
  const entries = readDirectory(bytes, name).filter(({ path }) => !path.endsWith("/"));
  return entries.map((entry) => {
    const file = `${name}: ${entry.path}`;
    return {
      path: entry.path,
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
