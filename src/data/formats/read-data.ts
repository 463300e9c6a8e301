import { UserError } from "../../errors.ts";
import type { Dataset } from "../dataset.ts";
import { makeDataset } from "../idx.ts";
import type { Manifest } from "../mnist-manifest.ts";
import { remarksOn } from "../remarks.ts";
import { arrayArchives, arrayFiles } from "./array-files.ts";
import { csvFiles } from "./csv-files.ts";
import {
  type Candidate,
  type Contents,
  type DataFile,
  type Format,
  hasExtension,
  unpacked,
} from "./data-file.ts";
import { isMnist } from "./genuine.ts";
import { holdOut, testShare } from "./hold-out.ts";
import { imageFolders } from "./image-folders.ts";
import { depthOf, isHidden } from "./roles.ts";
import { zipFiles } from "./zip.ts";

/** Where a user's data comes from. */
export interface DataSource {
  /** How the user named it, for messages: `--data DIR`. */
  readonly named: string;
  /** What to call the data set unless it is MNIST, or its files have a name: `digits`. */
  readonly name: string;
  /** Where the bytes come from, in words. */
  readonly origin: string;
  readonly files: readonly DataFile[];
  /** The path of a file that was named itself: the data set is the one that it belongs to. */
  readonly chosen?: string;
}

/** What is made of the data. */
export interface Preparation {
  /** Is told of what is odd, a line each. */
  notice(line: string): void;
  /** MNIST's own unless given. */
  readonly manifest?: Manifest;
}

/** The formats, those first that are taken where several are in one place. */
const formats: readonly Format[] = [arrayFiles, arrayArchives, csvFiles, imageFolders];

/** What can be read, for messages. */
export const acceptedData =
  "IDX files named as MNIST's (train-images-idx3-ubyte, ...), CSV files (train.csv: a label, then the pixels), " +
  "a folder of PNG pictures for each class, or an .npz archive with x_train, y_train, x_test and y_test";

/**
 * Reads the data set that a user's files make, whatever the format. It is called MNIST if its images and labels are
 * MNIST's. What is odd about it is remarked on, and it is read all the same.
 * @throws UserError saying what was found and what was expected, if there is no data set, more than one, or a part of one
 */
export async function readData(source: DataSource, preparation: Preparation): Promise<Dataset> {
  const { notice, manifest } = preparation;
  const { candidate, contents } = await readMeant(source, notice);
  const plain = makeDataset({
    ...{ name: candidate.name ?? source.name, origin: source.origin },
    ...withTest(contents, preparation),
    classNames: contents.classNames,
  });
  const dataset = { ...plain, name: await nameOf(plain, manifest) };
  for (const line of remarksOn(dataset)) notice(line);
  return dataset;
}

/** `MNIST` for MNIST alone. */
async function nameOf(dataset: Dataset, manifest: Manifest | undefined): Promise<string> {
  if (await isMnist(dataset, manifest)) return "MNIST";
  return dataset.name.toLowerCase() === "mnist" ? `${dataset.name} (not the original)` : dataset.name;
}

/** Both splits; test images that are not there, or of no use, are set apart from the training images. */
function withTest(contents: Contents, { notice }: Preparation): Pick<Dataset, "train" | "test"> {
  const { train, trainName, test, testName } = contents;
  let fault = contents.testFault ?? "There are no test images.";
  if (test) {
    if (test.rows === train.rows && test.columns === train.columns) return { train, test };
    fault =
      `${testName} holds images of ${test.rows}x${test.columns} pixels, ` +
      `${trainName} of ${train.rows}x${train.columns}.`;
  }
  const parts = holdOut(train, trainName);
  notice(
    `${fault} Instead, ${parts.test.count} of the ${train.count} training images are set apart for the test, ` +
      `one in ${testShare}.`,
  );
  return parts;
}

/**
 * Reads the data set that is meant: the one that a named file belongs to, or the one nearest to the folder. What is only a
 * guess is tried where there is no other, and one that fails gives way to the next.
 */
async function readMeant(
  source: DataSource,
  notice: Preparation["notice"],
): Promise<{ candidate: Candidate; contents: Contents }> {
  const files = await withArchive(source);
  const isUnpacked = files !== source.files;
  const chosen = isUnpacked ? undefined : source.chosen;
  const found = candidatesAmong(files, chosen);
  const whole = found.filter(({ missing }) => missing === undefined);
  const sure = whole.filter(({ guessed }) => !guessed);
  let faults = "";
  for (let left = sure.length > 0 ? sure : whole; left.length > 0; ) {
    const candidate = nearest(left, source.named, isUnpacked);
    try {
      return { candidate, contents: await candidate.read(notice) };
    } catch (error) {
      if (!candidate.guessed || chosen !== undefined || !(error instanceof UserError)) throw error;
      faults += ` ${error.message}`;
      left = left.filter((other) => other !== candidate);
    }
  }
  const missing = found.find((candidate) => candidate.missing)?.missing;
  const seen = chosen === undefined ? files.map(({ path }) => path) : [chosen];
  throw new UserError(`${source.named}: ${missing ?? foundText(seen) + faults} Expected ${acceptedData}.`);
}

/** The candidate that lies least deep. */
function nearest(candidates: readonly Candidate[], named: string, isUnpacked: boolean): Candidate {
  const depth = candidates.reduce((least, { place }) => Math.min(least, depthOf(place)), Infinity);
  const near = candidates.filter(({ place }) => depthOf(place) === depth);
  const [first] = near;
  const rivals = near.filter(({ format }) => format === first.format);
  if (rivals.length === 1) return first;
  // A picture, or a file in `train/`, does not tell the others of its set; in one folder, names tell sets apart.
  const isFile = first.files[0].path === first.place;
  const haveFolders = !isFile && new Set(rivals.map(({ place }) => place)).size === rivals.length;
  const names = rivals.slice(0, 8).map(({ place, name }) => (haveFolders ? place : (name ?? place)));
  const what = `${haveFolders ? "the folder" : "a file"} of the one that you mean`;
  const advice = isUnpacked ? "Unpack the archive, then name" : "Name";
  throw new UserError(`${named} holds several data sets: ${names.join(", ")}. ${advice} ${what}.`);
}

function candidatesAmong(files: readonly DataFile[], chosen: string | undefined): Candidate[] {
  const all = formats.flatMap((format) => format(files, chosen));
  return chosen === undefined
    ? all
    : all.filter((candidate) => candidate.files.some(({ path }) => path === chosen));
}

/** The files; if they are nothing but a zip archive that was named, or the only one in a folder without data, its own. */
async function withArchive({ files, chosen }: DataSource): Promise<readonly DataFile[]> {
  const archives = files.filter(({ path }) => hasExtension(path, "zip"));
  const archive = chosen === undefined ? archives[0] : archives.find(({ path }) => path === chosen);
  if (
    !archive ||
    (chosen === undefined && (archives.length > 1 || candidatesAmong(files, chosen).length > 0))
  )
    return files;
  return zipFiles(await unpacked(archive), archive.name).filter(({ path }) => !isHidden(path));
}

/** Names that an error lists. */
const mostNames = 6;

function foundText(paths: readonly string[]): string {
  if (paths.length === 0) return "there is nothing in it.";
  const sorted = [...paths].sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1));
  const more = paths.length > mostNames ? ` and ${paths.length - mostNames} more` : "";
  return `found ${sorted.slice(0, mostNames).join(", ")}${more}: no data set.`;
}
