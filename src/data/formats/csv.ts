import { UserError } from "../../errors.ts";
import type { Split } from "../dataset.ts";
import { areNames, areNumbered, isOfLabels, labelName, oddAmong } from "./csv-names.ts";

/** A table of images: all its values, the labels apart from the pixels. */
export interface Table extends Omit<Split, "labels"> {
  /** `[count]`; undefined if the table has no column of labels. */
  readonly labels: Uint8Array | undefined;
  /** What the header calls the column that is none of pixels: that of the labels, or one that identifies the images. */
  readonly odd?: string | undefined;
  /** Whether the labels are in the last column, as only the values of a table without names tell. */
  readonly isReversed?: boolean | undefined;
}

/** What a table tells of one that goes with it. */
export type TableBeside = Pick<Table, "odd" | "isReversed">;

/** What the first line tells of a table. */
interface Layout {
  readonly separator: number;
  readonly columns: number;
  /** Which column holds no pixels, and what the header calls it. */
  readonly odd: number | undefined;
  readonly oddName?: string;
  /** Whether it holds labels. */
  readonly isLabelled: boolean;
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
 * @param beside what the table that it goes with tells
 * @throws UserError naming line and column of what is no whole number from 0 to 255, or missing, or too much
 */
export function parseCsv(bytes: Uint8Array, name: string, beside: TableBeside = {}): Table {
  const layout = layoutOf(bytes, name, beside.odd);
  if (!layout) return { count: 0, rows: 0, columns: 0, images: new Uint8Array(0), labels: undefined };
  const values = readValues(bytes, name, layout);
  const { columns, oddName, isLabelled, imageColumns } = layout;
  const count = values.length / columns;
  const isReversed =
    layout.odd === 0 && oddName === undefined && (beside.isReversed ?? endsInLabels(values, columns));
  const odd = isReversed ? columns - 1 : layout.odd;
  if (odd === undefined)
    return { count, rows: columns / imageColumns, columns: imageColumns, images: values, labels: undefined };
  const size = columns - 1;
  const images = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  for (let line = 0; line < count; line++) {
    const start = line * columns;
    labels[line] = values[start + odd];
    images.set(values.subarray(start, start + odd), line * size);
    images.set(values.subarray(start + odd + 1, start + columns), line * size + odd);
  }
  const shape = { count, rows: size / imageColumns, columns: imageColumns };
  return {
    ...shape,
    images,
    labels: isLabelled ? labels : undefined,
    ...(oddName !== undefined && { odd: oddName }),
    ...(isReversed && { isReversed }),
  };
}

/** Whether the last values of lines can be labels and the first cannot: classes from 0 or 1 on, each of some images. */
function endsInLabels(values: Uint8Array, columns: number): boolean {
  const areLabels = (column: number) => {
    const used = new Set<number>();
    for (let at = column; at < values.length; at += columns) used.add(values[at]);
    const [least, most] = [Math.min(...used), Math.max(...used)];
    const isDense = most - least === used.size - 1 && least <= 1;
    return used.size > 1 && isDense && values.length / columns >= 4 * used.size;
  };
  return !areLabels(0) && areLabels(columns - 1);
}

/** What the first line tells; nothing if it is a header with nothing below it. */
function layoutOf(bytes: Uint8Array, name: string, labelsCalled: string | undefined): Layout | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new UserError(`${name} is in UTF-16. Save it as UTF-8.`);
  // Excel begins UTF-8 with a mark.
  const begin = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const end = lineEnd(bytes, begin);
  if (end === begin) {
    const what = begin === bytes.length ? "is empty" : "begins with an empty line";
    throw new UserError(`${name} ${what}. Expected a label, then the pixels.`);
  }
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
  const isNumbered = areNumbered(cells) && !isAlone;
  const hasHeader = isNumbered || areNames(cells);
  if (hasHeader && isAlone) return undefined;
  const columns = cells.length;
  const names = hasHeader && !isNumbered ? cells : undefined;
  const named = names ? names.findIndex((cell) => labelName.test(cell)) : -1;
  const odd = named >= 0 ? named : isSquare(columns) ? undefined : names ? oddAmong(names) : 0;
  const oddName = odd === undefined ? undefined : names?.[odd];
  const size = odd === undefined ? columns : columns - 1;
  // Some headers say `1x1` to `28x28`.
  const last = odd === columns - 1 ? columns - 2 : columns - 1;
  const [, rows, imageColumns] = /^(\d+)x(\d+)$/.exec(cells[last]) ?? [];
  const isTold = Number(rows) * Number(imageColumns) === size;
  if (!isTold && (size < fewestPixels || !isSquare(size))) throw noImages(name, columns);
  return {
    ...{ separator, columns, odd, hasHeader },
    isLabelled: odd !== undefined && (oddName === undefined || isOfLabels(oddName, labelsCalled)),
    ...(oddName !== undefined && { oddName }),
    imageColumns: isTold ? Number(imageColumns) : Math.sqrt(size),
    start: hasHeader ? end : begin,
  };
}

function noImages(name: string, columns: number): UserError {
  return new UserError(
    `${name} has ${columns} column${columns === 1 ? "" : "s"}. Expected a label, then the pixels of a square image: ` +
      "785 for 28x28, and nothing else.",
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
  { separator, columns, odd, isLabelled, start, hasHeader }: Layout,
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
  // What says which image it is need be no number.
  const skipped = isLabelled ? undefined : odd;
  const fail = (what: string) =>
    new UserError(
      `${name}, line ${line}, column ${filled + 1}: ${what}. Expected whole numbers from 0 to 255.`,
    );
  // After a header, the break that ends it.
  let at = hasHeader ? skipBreak(bytes, start) : start;
  for (; at <= bytes.length; at++) {
    const byte = at < bytes.length ? bytes[at] : newline;
    if (filled === skipped && byte !== newline && byte !== carriageReturn) {
      value = 0;
      if (byte !== separator) continue;
    }
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
