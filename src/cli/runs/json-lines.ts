import { closeSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { cannotWrite, writeWhole } from "../../node/files.ts";

/** A file of JSON, an object a line, which is added to while something goes on. */
export class JsonLines {
  /** All lines; how many of them are in the file, and their bytes. */
  readonly #lines: string[];
  #written = { lines: 0, bytes: 0 };

  /** @param records those that it begins with, which `restore` writes */
  constructor(records: readonly object[] = []) {
    this.#lines = records.map(lineOf);
  }

  /**
   * Adds lines to the file, at once: what was measured survives whatever happens next. Those that cannot be written are written
   * with the next.
   */
  append(path: string, ...records: readonly object[]): void {
    this.#lines.push(...records.map(lineOf));
    const { lines, bytes } = this.#written;
    const text = Buffer.from(this.#lines.slice(lines).join(""));
    try {
      // Over what a write that failed may have left in part.
      writeAt(path, text, bytes);
      this.#written = { lines: this.#lines.length, bytes: bytes + text.length };
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Puts a record in the place of the last one; `restore` writes it. */
  replaceLast(record: object): void {
    this.#lines[this.#lines.length - 1] = lineOf(record);
  }

  /** Writes the file anew, whatever is there. */
  async restore(path: string): Promise<void> {
    const text = Buffer.from(this.#lines.join(""));
    await writeWhole(path, text);
    this.#written = { lines: this.#lines.length, bytes: text.length };
  }

  /** Resolves when all lines are on the disk, also those that could not be written before: something else may count on them then. */
  async sync(path: string): Promise<void> {
    if (this.#written.lines < this.#lines.length) this.append(path);
    const file = await open(path, "r+");
    await file.sync().finally(() => file.close());
  }
}

function lineOf(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

/** Writes into a file that is there, from a byte on. */
function writeAt(path: string, bytes: Uint8Array, from: number): void {
  const file = openSync(path, "r+");
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, from + at);
  } finally {
    closeSync(file);
  }
}
