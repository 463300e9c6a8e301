import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { FileFault, isGzip } from "../data/gzip.ts";
import { type Manifest, type MnistFile, type NamedBytes, readMnist, unpackVerified } from "../data/mnist.ts";
import { createDownloader, type DownloadOptions } from "./download.ts";
import { exists, readBytes } from "./files.ts";
import { systemReason } from "./system-errors.ts";

/** The folder that downloads are kept in. */
export interface Cache extends DownloadOptions {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Prints a line for the user. */
  notice(line: string): void;
}

/**
 * MNIST from the folder of downloads; what is not there, or not as it should be, is downloaded. Nothing unverified is
 * used or written, and a file takes its name only when it is complete, so that any number of processes may do this at
 * once and each may be killed at any moment.
 * @throws DownloadError if a file is neither in the folder nor to be had from a mirror
 */
export async function readCache(cache: Cache): Promise<Dataset> {
  const download = createDownloader(cache);
  let mayWrite = true;

  const fetchFile = async (file: MnistFile, faulty: readonly FaultyCopy[]): Promise<NamedBytes> => {
    for (const { path, fault } of faulty) cache.notice(`${path} ${fault}: downloading it again.`);
    const { packed, contents } = await download(file);
    const path = join(cache.folder, isGzip(packed) ? `${file.name}.gz` : file.name);
    if (mayWrite) {
      try {
        await keep(path, packed);
        // The new copy has replaced a faulty one of its own name; one of the other name would be found again.
        for (const copy of faulty) if (copy.path !== path) await rm(copy.path, { force: true });
      } catch (error) {
        mayWrite = false;
        cache.notice(
          `Cannot keep downloads in ${cache.folder} (${systemReason(error)}): used from memory this time.`,
        );
      }
    }
    return { name: path, bytes: contents };
  };

  await removeLeftovers(cache);
  const read = async (file: MnistFile) => {
    const { good, faulty } = await readCopies(cache.folder, file);
    return good ?? (await fetchFile(file, faulty));
  };
  return readMnist(read, { origin: cache.folder, manifest: cache.manifest });
}

interface FaultyCopy {
  readonly path: string;
  readonly fault: string;
}

/** The first copy of `file` that is MNIST's, and those before it that are not. */
async function readCopies(folder: string, file: MnistFile) {
  const faulty: FaultyCopy[] = [];
  for (const path of await copiesOf(folder, file)) {
    try {
      const good: NamedBytes = { name: path, bytes: await unpackVerified(file, await readBytes(path), path) };
      return { good, faulty };
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      faulty.push({ path, fault: error.fault });
    }
  }
  return { faulty };
}

/** The paths at which a folder holds `file`, unpacked (which is faster to read) before packed. */
export async function copiesOf(folder: string, file: MnistFile): Promise<string[]> {
  const places = [join(folder, file.name), join(folder, `${file.name}.gz`)];
  const present = await Promise.all(places.map(exists));
  return places.filter((_, index) => present[index]);
}

/** How a file is called while it is being written: beside its place, so that renaming it is one atomic step. */
const leftover = /^\..+-ubyte(\.gz)?\.\d+-[0-9a-f]+\.part$/;

/** Writes a file so that its name never stands for a part of it, not even after a crash. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const part = join(folder, `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}.part`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(part, bytes, { flag: "wx", flush: true });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writing takes seconds at most: what has lain longer belongs to a process that was killed. */
const leftoverAge = 600_000;

/** Removes what killed processes left behind, as far as that is possible. */
async function removeLeftovers({ folder }: Cache): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((candidate) => leftover.test(candidate))) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > leftoverAge) await rm(path, { force: true }).catch(() => {});
  }
}
