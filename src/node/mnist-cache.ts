import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { FileFault } from "../data/file-fault.ts";
import { isGzip } from "../data/gzip.ts";
import { type NamedBytes, readMnist, unpackVerified } from "../data/mnist.ts";
import type { MnistFile } from "../data/mnist-manifest.ts";
import type { NamedSet } from "../data/named-sets.ts";
import type { SetName } from "../data/set-names.ts";
import { makePrivate } from "./cache-folders.ts";
import {
  createArchiveDownloader,
  createDownloader,
  type Download,
  type DownloadOptions,
} from "./download.ts";
import { exists, makeFolder, removeParts, replaceFile } from "./files.ts";
import { readBytes } from "./read-bytes.ts";
import { systemReason } from "./system-errors.ts";

/** A folder that files of the data set are read from, if they are there. */
export interface Place {
  readonly folder: string;
  /** What outputs say of where they came from. */
  readonly origin: string;
}

/** Where the files may be, and where they come from otherwise. */
export interface Sources extends DownloadOptions {
  /** Folders that are read, in this order, and never written to. */
  readonly places: readonly Place[];
  /** Folders of this program's own that may keep downloads, best first; they are read after the others. */
  readonly caches: readonly string[];
  readonly set: NamedSet;
  /** What it is asked for by: its folder in a cache has this name too. */
  readonly name: SetName;
  /** Prints a line for the user. */
  notice(line: string): void;
}

/**
 * A data set from the first places that have its files; what none of them has as it should be is downloaded. Every file is
 * verified, wherever it lies, so that they may come from several places. A downloaded one takes its name only when it
 * is complete: any number of processes may do this at once and each may be killed at any moment.
 * @throws DownloadError if a file is in no place and is not to be had from a mirror
 */
export async function readFiles(sources: Sources): Promise<Dataset> {
  const { set, notice } = sources;
  const keepers = sources.caches.map((cache) => ({ cache, folder: join(cache, sources.name) }));
  for (const { folder } of keepers) await removeParts(folder, leftoverAge).catch(() => {});
  const places = [...sources.places, ...keepers.map(({ folder }) => ({ folder, origin: folder }))];
  const origins = new Set<string>();
  const fetchFile = downloads(sources, keepers);

  const read = async (file: MnistFile): Promise<NamedBytes> => {
    const { good, faulty } = await findCopy(places, file);
    const isKept = ({ folder }: Copy) => keepers.some((keeper) => keeper.folder === folder);
    for (const copy of faulty) {
      if (good?.folder === copy.folder) continue;
      const instead = good || !isKept(copy) ? "it is not used" : "downloading it again";
      notice(`${copy.path} ${copy.fault}: ${instead}.`);
    }
    const found = good ?? (await fetchFile(file, faulty.filter(isKept)));
    origins.add(found.origin);
    return found;
  };
  const dataset = await readMnist(read, { ...set, name: set.title, origin: "" });
  return { ...dataset, origin: [...origins].join(" and ") };
}

/** A cache, and the folder in it that keeps the files. */
interface Keeper {
  readonly cache: string;
  readonly folder: string;
}

interface FoundFile extends NamedBytes {
  readonly origin: string;
}

/** A function that downloads a file and keeps it in the first cache that takes it, in place of copies that are faulty. */
function downloads(sources: Sources, keepers: readonly Keeper[]) {
  const { archive } = sources.set;
  const download = archive ? createArchiveDownloader(sources, archive) : createDownloader(sources);
  let usable = keepers;
  const problems: string[] = [];

  const keepFile = async (name: string, { packed }: Download): Promise<string | undefined> => {
    while (usable.length > 0) {
      const [{ cache, folder }] = usable;
      try {
        await makePrivate(cache);
        await makeFolder(folder);
        await replaceFile(join(folder, name), packed);
        return folder;
      } catch (error) {
        problems.push(`${folder} (${systemReason(error)})`);
        usable = usable.slice(1);
        if (usable.length === 0)
          sources.notice(`Cannot keep downloads in ${problems.join(" or ")}: used from memory this time.`);
      }
    }
    return undefined;
  };

  return async (file: MnistFile, faulty: readonly Copy[]): Promise<FoundFile> => {
    const found = await download(file);
    const name = isGzip(found.packed) ? `${file.name}.gz` : file.name;
    const folder = await keepFile(name, found);
    const path = join(folder ?? found.host, name);
    // The new copy has replaced a faulty one of its own name; one of another name would be found again.
    if (folder !== undefined) {
      for (const copy of faulty) if (copy.path !== path) await rm(copy.path, { force: true }).catch(() => {});
    }
    return { name: path, bytes: found.contents, origin: folder ?? `downloaded from ${found.host}` };
  };
}

interface Copy extends Place {
  readonly path: string;
}

/** The first copy of `file` that is the right one, as it is stored and unpacked, and those before it that are not. */
export async function findCopy(places: readonly Place[], file: MnistFile) {
  const faulty: (Copy & { readonly fault: string })[] = [];
  for (const place of places) {
    for (const path of await copiesOf(place.folder, file)) {
      try {
        const stored = await readBytes(path);
        const bytes = await unpackVerified(file, stored, path);
        return { good: { ...place, name: path, stored, bytes }, faulty };
      } catch (error) {
        if (!(error instanceof FileFault)) throw error;
        faulty.push({ ...place, path, fault: error.fault });
      }
    }
  }
  return { faulty };
}

/** The paths at which a folder holds `file`, unpacked (which is faster to read) before packed. */
async function copiesOf(folder: string, file: MnistFile): Promise<string[]> {
  const places = [join(folder, file.name), join(folder, `${file.name}.gz`)];
  const present = await Promise.all(places.map(exists));
  return places.filter((_, index) => present[index]);
}

/** Writing takes seconds at most: what has lain longer belongs to a process that was killed. */
const leftoverAge = 600_000;
