import { constants } from "node:buffer";
import { open, readFile, stat } from "node:fs/promises";
import { FileFault, largestFile, tooLarge } from "../data/file-fault.ts";
import { systemReason } from "./system-errors.ts";

/** The most bytes that can be read of what this program writes itself: what an array holds, 4 GiB in Node 20. */
export const mostReadable = constants.MAX_LENGTH;

/** Bytes that are read at once: the system, and Node's own `readFile`, refuse 2 GiB. */
const atOnce = 2 ** 30;

/**
 * The bytes of a file.
 * @param most of how many bytes it may have
 * @throws FileFault if it cannot be read, or is too large to be read into memory
 */
export async function readBytes(path: string, most = largestFile): Promise<Uint8Array> {
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) throw new FileFault(path, "is a folder", "Name a file.");
    // Reading a pipe or a device may never end.
    if (!entry.isFile()) throw new FileFault(path, "is not a file", "Write it to a file, and name that.");
    if (entry.size > most) throw tooLarge(path, most, "Use a smaller one.");
    return await readWhole(path);
  } catch (error) {
    if (error instanceof FileFault) throw error;
    throw new FileFault(
      path,
      `cannot be read (${systemReason(error)})`,
      "Check the path and its permissions.",
    );
  }
}

/**
 * As Node's `readFile`, also where that refuses a file for its size.
 * @param part bytes to read at once of what has more
 * @throws whatever the system says
 */
export async function readWhole(path: string, part = atOnce): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size <= part) return readFile(path);
  const bytes = new Uint8Array(size);
  const file = await open(path);
  try {
    let end = 0;
    for (let read = part; read > 0 && end < size; end += read)
      read = (await file.read(bytes, end, Math.min(part, size - end), end)).bytesRead;
    return bytes.subarray(0, end);
  } finally {
    await file.close();
  }
}
