import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { type DataFile, someOf } from "../data/formats/data-file.ts";
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
  const { files, chosen, name } = await filesAt(path, named, preparation.notice);
  return readData({ named, name, origin: path, files, ...(chosen !== undefined && { chosen }) }, preparation);
}

/** The files among which the data set is, and what to call it. */
async function filesAt(path: string, named: string, notice: Preparation["notice"]) {
  const entry = await stat(path).catch((error: unknown) => {
    throw new UserError(`${named}: it cannot be read (${systemReason(error)}). Expected ${acceptedData}.`);
  });
  const own = basename(resolve(path)) || path;
  if (entry.isDirectory())
    return { files: await filesBelow(path, { named, notice }), chosen: undefined, name: own };
  if (!entry.isFile())
    throw new UserError(`${named}: it is neither a file nor a folder. Expected ${acceptedData}.`);
  const above = dirname(path);
  // Some programs unpack a file into a folder of its own name.
  const inOwnFolder = isOwnFolder(basename(resolve(above)), own);
  const root = inOwnFolder ? dirname(resolve(above)) : above;
  const chosen = inOwnFolder ? `${basename(resolve(above))}/${own}` : own;
  return {
    files: await filesBelow(root, { named, notice, chosen, depth: inOwnFolder ? 2 : 1 }),
    chosen,
    // `train.csv` is called as its folder.
    name: placeOf(own) ? basename(resolve(root)) || own : own.replace(/(?<=.)\..*$/, ""),
  };
}

interface Search {
  readonly named: string;
  /** Is told of folders that cannot be read. */
  readonly notice: Preparation["notice"];
  /** The path below the root of a file that is there whatever its name. */
  readonly chosen?: string;
  readonly depth?: number;
}

/** All files below a folder, as far down as data sets lie, whatever they are. */
async function filesBelow(root: string, search: Search): Promise<DataFile[]> {
  const { named, notice, chosen, depth = mostDepth } = search;
  const files: DataFile[] = [];
  const unread: string[] = [];
  const look = async (folder: string, prefix: string, left: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      const reason = systemReason(error);
      if (prefix === "")
        throw new UserError(`${named}: ${folder} cannot be read (${reason}). Expected ${acceptedData}.`);
      unread.push(`${folder} (${reason})`);
      return [];
    });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const own = `${prefix}${entry.name}`;
      if (isHidden(entry.name) && own !== chosen) continue;
      const isFolder = entry.isSymbolicLink() ? await isDirectory(path) : entry.isDirectory();
      if (isFolder && left > 1) await look(path, `${own}/`, left - 1);
      if (isFolder) continue;
      if (files.length >= mostFiles)
        throw new UserError(`${named}: it holds more than ${mostFiles} files. Name a folder further down.`);
      files.push({ path: own, name: path, bytes: () => readBytes(path) });
    }
  };
  await look(root, "", depth);
  if (unread.length > 0) notice(`Left out, since it cannot be read: ${someOf(unread)}.`);
  return files;
}
