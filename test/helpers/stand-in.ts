import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeImages, encodeLabels } from "../../src/data/idx.ts";
import type { Manifest, MnistFile } from "../../src/data/mnist-manifest.ts";

/** The contents of the four files of a very small data set that stands in for MNIST. */
export const standInFiles = {
  "train-images-idx3-ubyte": encodeImages({
    ...{ count: 4, rows: 2, columns: 3 },
    pixels: Uint8Array.from({ length: 24 }, (_, index) => index * 10),
  }),
  "train-labels-idx1-ubyte": encodeLabels(Uint8Array.of(2, 0, 1, 2)),
  "t10k-images-idx3-ubyte": encodeImages({
    ...{ count: 2, rows: 2, columns: 3 },
    pixels: Uint8Array.from({ length: 12 }, (_, index) => 255 - index),
  }),
  "t10k-labels-idx1-ubyte": encodeLabels(Uint8Array.of(1, 0)),
} as const;

export type FileName = keyof typeof standInFiles;

export const fileNames = Object.keys(standInFiles) as FileName[];

/** The stand-in's manifest; its sums are Node's own, not those of the code under test. */
export const standIn: Manifest = {
  trainImages: fileOf("train-images-idx3-ubyte"),
  trainLabels: fileOf("train-labels-idx1-ubyte"),
  testImages: fileOf("t10k-images-idx3-ubyte"),
  testLabels: fileOf("t10k-labels-idx1-ubyte"),
};

function fileOf(name: FileName): MnistFile {
  const bytes = standInFiles[name];
  return { name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** What a mirror sends for a file. */
export function packed(name: FileName): Buffer {
  return gzipSync(standInFiles[name]);
}

/** Writes the stand-in into `folder`, packed; `changes` replaces files, or with `null` leaves them out. */
export function writeStandIn(
  folder: string,
  changes: Readonly<Record<string, Uint8Array | null>> = {},
): string {
  mkdirSync(folder, { recursive: true });
  const files: Record<string, Uint8Array | null> = {};
  for (const name of fileNames) files[`${name}.gz`] = packed(name);
  for (const [name, bytes] of Object.entries({ ...files, ...changes })) {
    if (bytes !== null) writeFileSync(join(folder, name), bytes);
  }
  return folder;
}
