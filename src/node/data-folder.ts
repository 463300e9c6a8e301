import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { gunzip } from "../data/gzip.ts";
import { type Manifest, type MnistFile, readMnist, verify } from "../data/mnist.ts";
import { UserError } from "../errors.ts";
import { readBytes } from "./files.ts";
import { copiesOf } from "./mnist-cache.ts";
import { systemReason } from "./system-errors.ts";

/**
 * Reads the data set in a folder that the user named: four IDX files with the names that MNIST's have, packed or not.
 * It is called MNIST if its bytes are, and otherwise after the folder.
 * @param named how the user named it, for messages: `--data DIR` or `MNIST_DIR=DIR`
 * @throws UserError if a file is missing, damaged or no IDX file, or if the files do not fit together
 */
export async function readFolder(folder: string, named: string, manifest: Manifest): Promise<Dataset> {
  const paths = await findFiles(folder, named, Object.values(manifest) as MnistFile[]);
  let genuine = true;
  const read = async (file: MnistFile) => {
    const name = paths.get(file)!;
    const bytes = await gunzip(await readBytes(name), name);
    genuine &&= await verify(file, bytes);
    return { name, bytes };
  };
  const dataset = await readMnist(read, { origin: folder, manifest });
  return genuine ? dataset : { ...dataset, name: nameOf(folder) };
}

/** Where each file is. Throws a UserError that names every missing one. */
async function findFiles(
  folder: string,
  named: string,
  files: readonly MnistFile[],
): Promise<Map<MnistFile, string>> {
  await checkFolder(folder, named);
  const paths = new Map<MnistFile, string>();
  for (const file of files) {
    const [path] = await copiesOf(folder, file);
    if (path !== undefined) paths.set(file, path);
  }
  const missing = files.filter((file) => !paths.has(file)).map(({ name }) => name);
  if (missing.length > 0) {
    const list = missing.join(", ");
    throw new UserError(`${named}: there is no ${list}, nor the same with .gz. Put the missing files there.`);
  }
  return paths;
}

async function checkFolder(folder: string, named: string): Promise<void> {
  const advice = "Give the folder that holds the four files.";
  let isFolder: boolean;
  try {
    isFolder = (await stat(folder)).isDirectory();
  } catch (error) {
    throw new UserError(`${named}: the folder cannot be read (${systemReason(error)}). ${advice}`);
  }
  if (!isFolder) throw new UserError(`${named}: this is a file, not a folder. ${advice}`);
}

/** What to call a data set that is not MNIST, even if its folder is called so. */
function nameOf(folder: string): string {
  const name = basename(resolve(folder)) || folder;
  return name.toLowerCase() === "mnist" ? `${name} (not the original)` : name;
}
