import { UserError } from "../../errors.ts";
import type { Split } from "../dataset.ts";

/** A table of images: all its values, the labels apart from the pixels. */
export interface Table extends Omit<Split, "labels"> {
  /** `[count]`; undefined if the table has no column of labels. */
  readonly labels: Uint8Array | undefined;
}

/** What the first line tells of a table. */
interface Layout {
  readonly separator: number;
  readonly columns: number;
  /** Which column holds labels. */
  readonly label: number | undefined;
  /** Pixels in a row of an image. */
  readonly imageColumns: number;
  /** Where the first line ends if it is a header, and else where it begins. */
  readonly start: number;
  readonly hasHeader: boolean;
}

const newline = 10;
const carriageReturn = 13;
const [zero, nine, dot, space, quote] = [...'09. "'].map((text) => text.charCodeAt(0));
/** Real headers of images of 28x28 take 8 KiB. */
const longestLine = 4 << 20;
/** What has fewer is a table of something else. */
const fewestPixels = 4;
const separators = [..."\t;,"].map((text) => text.charCodeAt(0));

/**
 * Reads a table as Kaggle has them: a label, then the pixels, row by row, a line an image, with or without a header.
 * Bytes are read as they stand: general readers make texts of 47 million values, which takes a minute and gigabytes.
 * @param name what to call the file in messages
 * @throws UserError naming line and column of what is no whole number from 0 to 255, or missing, or too much
 */
export function parseCsv(bytes: Uint8Array, name: string): Table {
  const layout = layoutOf(bytes, name);
  if (!layout) return { count: 0, rows: 0, columns: 0, images: new Uint8Array(0), labels: undefined };
  const values = readValues(bytes, name, layout);
  const { columns, label, imageColumns } = layout;
  const count = values.length / columns;
  if (label === undefined)
    return { count, rows: columns / imageColumns, columns: imageColumns, images: values, labels: undefined };
  const size = columns - 1;
  const images = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  for (let line = 0; line < count; line++) {
    const start = line * columns;
    labels[line] = values[start + label];
    images.set(values.subarray(start, start + label), line * size);
    images.set(values.subarray(start + label + 1, start + columns), line * size + label);
  }
  return { count, rows: size / imageColumns, columns: imageColumns, images, labels };
}

/** What the first line tells; nothing if it is a header with nothing below it. */
function layoutOf(bytes: Uint8Array, name: string): Layout | undefined {
  // Excel begins UTF-8 with a mark.
  const begin = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const end = lineEnd(bytes, begin);
  if (end === begin)
    throw new UserError(`${name} begins with an empty line. Expected a label, then the pixels.`);
  if (end - begin > longestLine) throw new UserError(`${name} has no lines: it is no table.`);
  const line = bytes.subarray(begin, end);
  const separator = separators.find((byte) => line.includes(byte)) ?? separators[separators.length - 1];
  const text = new TextDecoder().decode(line);
  const cells = text.split(String.fromCharCode(separator)).map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, "$1")
      .trim(),
  );
  const isAlone = bytes.subarray(end).every((byte) => byte <= space);
  const hasHeader = areNames(cells) || (areNumbered(cells) && !isAlone);
  if (hasHeader && isAlone) return undefined;
  const columns = cells.length;
  const named = cells.findIndex((cell) => labelName.test(cell));
  const label = hasHeader && named >= 0 ? named : isSquare(columns) ? undefined : 0;
  const size = label === undefined ? columns : columns - 1;
  // Some headers say `1x1` to `28x28`.
  const [, rows, imageColumns] = /^(\d+)x(\d+)$/.exec(cells[columns - 1]) ?? [];
  const isTold = Number(rows) * Number(imageColumns) === size;
  if (!isTold && (size < fewestPixels || !isSquare(size))) throw noImages(name, columns);
  return {
    ...{ separator, columns, label, hasHeader },
    imageColumns: isTold ? Number(imageColumns) : Math.sqrt(size),
    start: hasHeader ? end : begin,
  };
}

const labelName = /^(labels?|class|target|digit|y)$/i;
const numberOrNothing = /^[-+]?\d*(\.\d*)?(e[-+]?\d+)?$/i;

/** Whether one of the cells is the name of the labels, or none is a number. */
function areNames(cells: readonly string[]): boolean {
  return cells.some((cell) => labelName.test(cell)) || !cells.some((cell) => numberOrNothing.test(cell));
}

/** Whether the cells number the columns: from 0, as pandas does, or from 1. */
function areNumbered(cells: readonly string[]): boolean {
  return [0, 1].some((first) => cells.every((cell, column) => cell === String(first + column)));
}

function noImages(name: string, columns: number): UserError {
  return new UserError(
    `${name} has ${columns} column${columns === 1 ? "" : "s"}. Expected a label, then the pixels of a square image: ` +
      "785 for 28x28.",
  );
}

function isSquare(count: number): boolean {
  return Number.isInteger(Math.sqrt(count));
}

/** Where the line that begins at `start` ends; of one that is too long, where that shows. */
function lineEnd(bytes: Uint8Array, start: number): number {
  const part = bytes.subarray(start, start + longestLine + 1);
  const breaks = [part.indexOf(newline), part.indexOf(carriageReturn)].filter((at) => at >= 0);
  return start + Math.min(part.length, ...breaks);
}

/** All values, `[lines, columns]`. */
function readValues(
  bytes: Uint8Array,
  name: string,
  { separator, columns, start, hasHeader }: Layout,
): Uint8Array {
  // Each value takes two bytes, with what ends it.
  const values = new Uint8Array(
    Math.min(countLines(bytes, start) * columns, (bytes.length - start + 1) >> 1),
  );
  let count = 0;
  let line = hasHeader ? 2 : 1;
  let value = -1;
  let filled = 0;
  // What comes behind the value's digits: nothing yet, a point, or a space that ends it.
  let behind = 0;
  const fail = (what: string) =>
    new UserError(
      `${name}, line ${line}, column ${filled + 1}: ${what}. Expected whole numbers from 0 to 255.`,
    );
  // After a header, the break that ends it.
  let at = hasHeader ? skipBreak(bytes, start) : start;
  for (; at <= bytes.length; at++) {
    const byte = at < bytes.length ? bytes[at] : newline;
    if (byte >= zero && byte <= nine) {
      if (behind === 0) value = value < 0 ? byte - zero : value * 10 + byte - zero;
      else if (behind !== dot) throw fail("there is more than one number");
      else if (byte !== zero) throw fail("the number has a fraction");
      if (value > 255) throw fail("the number is larger than 255");
    } else if (byte === separator || byte === newline || byte === carriageReturn) {
      const endsLine = byte !== separator;
      if (endsLine && filled === 0 && value < 0) {
        if (byte !== newline || bytes[at - 1] !== carriageReturn) line++;
        continue;
      }
      if (value < 0) throw fail("there is nothing");
      if (filled === columns) throw new UserError(wrongLength(name, line, "more", columns));
      values[count++] = value;
      filled++;
      value = -1;
      behind = 0;
      if (!endsLine) continue;
      if (filled < columns) throw new UserError(wrongLength(name, line, String(filled), columns));
      filled = 0;
      line++;
    } else if (byte === space || byte === quote) behind = value < 0 ? 0 : space;
    else if (byte === dot && value >= 0 && behind === 0) behind = dot;
    else throw fail(`${JSON.stringify(String.fromCharCode(byte))} is no digit`);
  }
  return values.subarray(0, count);
}

function wrongLength(name: string, line: number, found: string, columns: number): string {
  return `${name}, line ${line}: it has ${found} values, expected ${columns} as in the first line.`;
}

function skipBreak(bytes: Uint8Array, at: number): number {
  return at + (bytes[at] === carriageReturn && bytes[at + 1] === newline ? 2 : 1);
}

/** No fewer lines than there are. */
function countLines(bytes: Uint8Array, start: number): number {
  let lines = 1;
  for (let at = start; at < bytes.length; at++)
    if (bytes[at] === newline || bytes[at] === carriageReturn) lines++;
  return lines;
}
