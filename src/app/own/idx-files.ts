import { imageAt } from "../../data/dataset.ts";
import { encodeImages, encodeLabels, makeSplit, parseImages, parseLabels } from "../../data/idx.ts";
import { UserError } from "../../errors.ts";
import { readFile } from "../data/read-file.ts";
import { saveFile } from "../save-file.ts";
import { type OwnDigit, ownSide } from "./own-digit.ts";
import type { OwnDigits } from "./own-digits.ts";

const names = { images: "my-digits-images.idx3-ubyte", labels: "my-digits-labels.idx1-ubyte" };

/** Has the browser save the digits as two IDX files, and returns their names. */
export function exportDigits({ split }: OwnDigits): string {
  const { images: pixels, labels, count, rows, columns } = split;
  saveFile(names.images, encodeImages({ pixels, count, rows, columns }));
  // Safari gives up a download for another one that begins at the same time.
  setTimeout(() => saveFile(names.labels, encodeLabels(labels)), 250);
  return `${names.images} and ${names.labels}`;
}

/**
 * The digits of two IDX files, in whatever order they were chosen.
 * @throws UserError if they are not images of 28x28 and the labels for them, 0 to 9
 */
export async function importDigits(files: readonly File[]): Promise<OwnDigit[]> {
  const all = await Promise.all(
    files.map(async (file) => ({ name: file.name, bytes: await readFile(file) })),
  );
  // The fourth byte of an IDX file counts its dimensions.
  const images = all.find(({ bytes }) => bytes[3] === 3);
  const labels = all.find(({ bytes }) => bytes[3] === 1);
  if (all.length !== 2 || !images || !labels) {
    throw new UserError(
      `Found ${all.map(({ name }) => name).join(", ")}. Choose two IDX files together: images (such as ${names.images}) ` +
        `and their labels (${names.labels}).`,
    );
  }
  const split = makeSplit(parseImages(images.bytes, images.name), parseLabels(labels.bytes, labels.name));
  if (split.rows !== ownSide || split.columns !== ownSide || split.labels.some((label) => label > 9)) {
    const largest = split.labels.reduce((most, label) => Math.max(most, label), 0);
    throw new UserError(
      `${images.name} holds images of ${split.rows}x${split.columns}, ${labels.name} labels up to ` +
        `${largest}. Expected digits of ${ownSide}x${ownSide}, labelled 0 to 9.`,
    );
  }
  return Array.from(split.labels, (label, index) => ({ image: imageAt(split, index).slice(), label }));
}
