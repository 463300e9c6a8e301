import { type Dataset, firstImages, usedImages } from "../data/dataset.ts";
import type { DatasetIdentity } from "../model/checkpoint-file.ts";
import type { Config } from "../model/settings.ts";

/** The SHA-256 sum of `parts` one after the other, in hexadecimal: each host has its own way to make it. */
export type Sha256 = (parts: readonly Uint8Array<ArrayBuffer>[]) => string | Promise<string>;

/** What tells the data of a run from others: name, counts and a hash of all that training and evaluation read. */
export async function identify(
  dataset: Dataset,
  { limit }: Pick<Config, "limit">,
  sha256Of: Sha256,
): Promise<DatasetIdentity> {
  const { name, classes, test } = dataset;
  const train = firstImages(dataset.train, usedImages(limit, dataset.train.count));
  const head = new TextEncoder().encode(`${classes} ${train.rows}x${train.columns} ${train.count} `);
  const pixels = [train.images, train.labels, test.images, test.labels] as Uint8Array<ArrayBuffer>[];
  return { name, train: train.count, test: test.count, sha256: await sha256Of([head, ...pixels]) };
}

/** Whether two identities are those of the same data, whatever it is called: a folder may have been renamed. */
export function isSameData(a: DatasetIdentity, b: DatasetIdentity): boolean {
  return a.sha256 === b.sha256;
}
