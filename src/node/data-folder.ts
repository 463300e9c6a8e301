import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { type DataFile, someOf } from "../data/formats/data-file.ts";
import { acceptedData, type Preparation, readData } from "../data/formats/read-data.ts";
import { isHidden, isOwnFolder, placeOf } from "../data/formats/roles.ts";
import { UserError } from "../errors.ts";
import { isDirectory } from "./files.ts";
import { readBytes } from "./read-bytes.ts";
import { systemReason } from "./system-errors.ts";

/** The most files and folders that are looked at; the largest data sets of pictures of digits have 800,000. */
const mostEntries = 2_000_000;

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
  const listed = await nameInFolder(path);
  const chosen = inOwnFolder ? `${await nameInFolder(above)}/${listed}` : listed;
  return {
    files: await filesBelow(root, { named, notice, chosen, depth: inOwnFolder ? 2 : 1 }),
    chosen,
    // `train.csv` is called as its folder.
    name: placeOf(own) ? basename(resolve(root)) || own : own.replace(/(?<=.)\..*$/, ""),
  };
}

/** What a folder calls a file in it: to some file systems capital letters, and other ways to write an accent, are the same. */
export async function nameInFolder(path: string): Promise<string> {
  const whole = resolve(path);
  const own = basename(whole);
  const names = await readdir(dirname(whole)).catch(() => [own]);
  const plain = (name: string) => name.normalize("NFC").toLowerCase();
  return names.includes(own) ? own : (names.find((name) => plain(name) === plain(own)) ?? own);
}

interface Search {
  readonly named: string;
  /** Is told of folders that cannot be read. */
  readonly notice: Preparation["notice"];
  /** The path below the root of a file that is there whatever its name. */
  readonly chosen?: string;
  /** How many folders deep files are looked for, if not in all. */
  readonly depth?: number;
}

/** A folder that is looked into. */
interface Folder {
  readonly path: string;
  /** Where it lies below the root, and what parts that from a file's name. */
  readonly prefix: string;
  /** What it is called without links, and the same of those that lead to it from the root. */
  readonly real: string;
  readonly above: readonly string[];
}

/** All files below a folder, whatever they are. A link to a folder that it lies in is not followed. */
async function filesBelow(root: string, search: Search): Promise<DataFile[]> {
  const { named, notice, chosen, depth = Infinity } = search;
  const files: DataFile[] = [];
  const unread: string[] = [];
  let seen = 0;
  const look = async ({ path: folder, prefix, real, above }: Folder): Promise<void> => {
    if (above.includes(real)) return;
    const within = [...above, real];
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
      if (++seen > mostEntries)
        throw new UserError(
          `${named}: it holds more than ${mostEntries} files and folders. Name a folder further down.`,
        );
      const isLink = entry.isSymbolicLink();
      if (!(isLink ? await isDirectory(path) : entry.isDirectory()))
        files.push({ path: own, name: path, bytes: () => readBytes(path) });
      else if (within.length < depth)
        await look({
          ...{ path, prefix: `${own}/`, above: within },
          real: isLink ? await realName(path) : join(real, entry.name),
        });
    }
  };
  await look({ path: root, prefix: "", real: await realName(root), above: [] });
  if (unread.length > 0) notice(`Left out, since it cannot be read: ${someOf(unread)}.`);
  return files;
}

/** What a path is called without links; where the system cannot tell, as of one that is too long, itself. */
async function realName(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
