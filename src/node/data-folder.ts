import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import type { DataFile } from "../data/formats/data-file.ts";
import { acceptedData, type Preparation, readData } from "../data/formats/read-data.ts";
import { isHidden, isOwnFolder, placeOf } from "../data/formats/roles.ts";
import { UserError } from "../errors.ts";
import { isDirectory, readBytes } from "./files.ts";
import { systemReason } from "./system-errors.ts";

/** How many folders deep files are looked for: `MNIST/raw/train-images-idx3-ubyte/train-images-idx3-ubyte` is four. */
const mostDepth = 5;
/** The most files that are looked at; the largest data sets of pictures of digits have 800,000. */
const mostFiles = 2_000_000;

/**
 * Reads the data set in a folder or file that the user named, in any of the formats of `readData`.
 * @param named how the user named it, for messages: `--data DIR` or `MNIST_DIR=DIR`
 * @throws UserError if there is no such data set, or it is not whole
 */
export async function readPlace(path: string, named: string, preparation: Preparation): Promise<Dataset> {
  const { files, chosen, name } = await filesAt(path, named);
  return readData({ named, name, origin: path, files, ...(chosen !== undefined && { chosen }) }, preparation);
}

/** The files among which the data set is, and what to call it. */
async function filesAt(path: string, named: string) {
  const entry = await stat(path).catch((error: unknown) => {
    throw new UserError(`${named}: it cannot be read (${systemReason(error)}). Expected ${acceptedData}.`);
  });
  const own = basename(resolve(path)) || path;
  if (entry.isDirectory()) return { files: await filesBelow(path, named), chosen: undefined, name: own };
  const above = dirname(path);
  // Some programs unpack a file into a folder of its own name.
  const inOwnFolder = isOwnFolder(basename(resolve(above)), own);
  const root = inOwnFolder ? dirname(resolve(above)) : above;
  const files = await filesBelow(root, named, inOwnFolder ? 2 : 1);
  return {
    files,
    chosen: inOwnFolder ? `${basename(resolve(above))}/${own}` : own,
    // `train.csv` is called as its folder.
    name: placeOf(own) ? basename(resolve(root)) || own : own.replace(/\..*$/, ""),
  };
}

/** All files below a folder, as far down as data sets lie, whatever they are. */
async function filesBelow(root: string, named: string, depth = mostDepth): Promise<DataFile[]> {
  const files: DataFile[] = [];
  const look = async (folder: string, prefix: string, left: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      // Folders further down that may not be read are left out.
      if (prefix !== "") return [];
      throw new UserError(
        `${named}: ${folder} cannot be read (${systemReason(error)}). Expected ${acceptedData}.`,
      );
    });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const own = `${prefix}${entry.name}`;
      if (isHidden(entry.name)) continue;
      const isFolder = entry.isSymbolicLink() ? await isDirectory(path) : entry.isDirectory();
      if (isFolder && left > 1) await look(path, `${own}/`, left - 1);
      if (isFolder) continue;
      if (files.length >= mostFiles)
        throw new UserError(`${named}: it holds more than ${mostFiles} files. Name a folder further down.`);
      files.push({ path: own, name: path, bytes: () => readBytes(path) });
    }
  };
  await look(root, "", depth);
  return files;
}
