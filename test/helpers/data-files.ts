import { crc32, deflateRawSync } from "node:zlib";
import { encode } from "fast-png";
import type { DataFile } from "../../src/data/formats/data-file.ts";
import { encodeImages, encodeLabels } from "../../src/data/idx.ts";

/** Files in memory, by their paths. */
export function filesOf(contents: Readonly<Record<string, Uint8Array | string>>): DataFile[] {
  return Object.entries(contents).map(([path, bytes]) => ({
    path,
    name: `given/${path}`,
    bytes: async () => (typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes),
  }));
}

/** Images whose every byte tells image and place: `[count, rows, columns]`, with labels that go round. */
export function sample(count: number, { rows = 3, columns = 3, classes = 3, first = 0 } = {}) {
  const pixels = Uint8Array.from({ length: count * rows * columns }, (_, index) => (first + index * 7) % 256);
  const labels = Uint8Array.from({ length: count }, (_, index) => (first + index) % classes);
  return { count, rows, columns, pixels, labels };
}

export type Sample = ReturnType<typeof sample>;

/** The two files of a split in the IDX format. */
export function idxOf({ labels, ...images }: Sample): { images: Uint8Array; labels: Uint8Array } {
  return { images: encodeImages(images), labels: encodeLabels(labels) };
}

/** A split as a table. */
export function csvOf(
  { labels, pixels, count, rows, columns }: Sample,
  header = "",
  separator = ",",
): string {
  const size = rows * columns;
  const lines = Array.from({ length: count }, (_, index) =>
    [labels[index], ...pixels.subarray(index * size, (index + 1) * size)].join(separator),
  );
  return `${[...(header ? [header] : []), ...lines].join("\n")}\n`;
}

/** An array as numpy's `save` writes it. */
export function npyOf(
  type: string,
  shape: readonly number[],
  bytes: Uint8Array,
  fortran = "False",
): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': ${fortran}, 'shape': (${dimensions}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from("\x93NUMPY\x01\x00\0\0", "latin1");
  start.writeUInt16LE(header.length, 8);
  return new Uint8Array(Buffer.concat([start, Buffer.from(header, "latin1"), bytes]));
}

/** A zip archive; `stored` leaves its files as they are, `encoding` is that of their names. */
export function zipOf(
  contents: Readonly<Record<string, Uint8Array | string>>,
  { stored = false, comment = "", encoding = "utf8" as BufferEncoding } = {},
): Uint8Array {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(contents)) {
    const bytes = Buffer.from(text);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const name = Buffer.from(path, encoding);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(stored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, name, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), fields, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...locals, directory, end, Buffer.from(comment)]));
}

/** A gray PNG of one image of a split. */
export function pngOf({ pixels, rows, columns }: Sample, index: number): Uint8Array {
  const size = rows * columns;
  const data = pixels.slice(index * size, (index + 1) * size);
  return encode({ width: columns, height: rows, data, channels: 1, depth: 8 });
}
