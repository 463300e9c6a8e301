import { createReadStream } from "node:fs";
import { mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { extract } from "tar";
import { UserError } from "../errors.ts";
import { cacheFolders, makePrivate } from "./cache-folders.ts";
import { removeLeft } from "./files.ts";

/** Unpacking takes seconds: what lies there for so long, in milliseconds, is of a process that was killed. */
const leftoverAge = 600_000;

/** What an npm package carries packed and a program needs unpacked. */
export interface Unpacked {
  /** What a message calls it. */
  readonly what: string;
  /** Name of the folder that is to hold it; with a version, so that another one does not find it. */
  readonly name: string;
  /** Files of it that are there, and not empty, if it is whole. */
  readonly files: readonly string[];
  /** Unpacks it into an empty folder. */
  readonly unpack: (folder: string) => Promise<void>;
}

/**
 * The folder with what was unpacked, by the first process that needed it. Programs load and run what lies there, so
 * that nobody else may be able to write to it.
 * @throws UserError if no cache folder can hold it
 */
export async function unpackedFolder({ what, name, files, unpack }: Unpacked): Promise<string> {
  const problems: string[] = [];
  for (const cache of cacheFolders()) {
    try {
      await makePrivate(cache);
      const folder = join(cache, name);
      if (!(await isComplete(folder, files))) await unpackAside(cache, folder, files, unpack);
      return folder;
    } catch (error) {
      problems.push(`${cache}: ${(error as Error).message}`);
    }
  }
  throw new UserError(
    `The ${what} could not be unpacked (${problems.join("; ")}). ` +
      "Set XDG_CACHE_HOME to a folder that only you can write to.",
  );
}

/** Unpacks a brotli-packed tar archive into `folder`: of its files only `wanted`, if that is given. */
export async function unpackTar(archive: string, folder: string, wanted?: readonly string[]): Promise<void> {
  await pipeline(
    createReadStream(archive),
    createBrotliDecompress(),
    extract({
      cwd: folder,
      filter: (path) => !wanted || wanted.includes(path.replace(/^\.\//, "")),
      strict: true,
      preserveOwner: false,
    }),
  );
}

/** A folder appears under its name only when it is whole; the sizes catch what a power cut left empty. */
async function isComplete(folder: string, files: readonly string[]): Promise<boolean> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(folder, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.every((size) => size > 0);
}

/** Unpacks aside and renames, so that processes starting at once do not see each other's halves. */
async function unpackAside(
  cache: string,
  folder: string,
  files: readonly string[],
  unpack: Unpacked["unpack"],
): Promise<void> {
  await removeLeft(cache, /^unpacking-/, leftoverAge).catch(() => {});
  const aside = await mkdtemp(join(cache, "unpacking-"));
  try {
    await unpack(aside);
    if (!(await isComplete(aside, files))) throw new Error(`what was unpacked is not ${files.join(", ")}`);
    await rename(aside, folder).catch(async () => {
      if (await isComplete(folder, files)) return; // Another process was faster.
      await rm(folder, { recursive: true, force: true });
      await rename(aside, folder);
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
