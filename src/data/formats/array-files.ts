import { UserError } from "../../errors.ts";
import type { Split } from "../dataset.ts";
import { type IdxImages, type IdxLabels, makeSplit, parseImages, parseLabels } from "../idx.ts";
import { baseName } from "../paths.ts";
import { imagesOf, labelsOf } from "./array-parts.ts";
import { type Candidate, type Contents, type DataFile, hasExtension, unpacked } from "./data-file.ts";
import { fileSets, tellLeftOut, tellValidation, validationInstead } from "./file-sets.ts";
import { parseNpy } from "./npy.ts";
import { depthOf, type Half, placeOf, type What, whatIn } from "./roles.ts";
import { zipFiles } from "./zip.ts";

/*
 * Images and labels in arrays of their own: IDX files, arrays of numpy, and archives of these, which are one file with
 * all arrays (Keras) or one for each. Names tell which is which.
 */

type Notice = (line: string) => void;
/** The file for each part: `train images`. */
type Parts = ReadonlyMap<string, DataFile>;

const partOf = (half: Half, what: What): string => `${half} ${what}`;

/** Whether a file may be one array, or an archive of arrays, by the end of its name. */
function mayHoldArrays(path: string): boolean {
  const name = baseName(path).toLowerCase();
  const bare = name.replace(/(\.(gz|bin))+$/, "");
  return !bare.includes(".") || /\.(npy|npz)$|[.\-_](idx\d?|ubyte|idx\d-[a-z]+)$/.test(bare);
}

/** Data sets of a file for each array. */
export function arrayFiles(files: readonly DataFile[], chosen?: string): Candidate[] {
  const arrays = files.filter(({ path }) => mayHoldArrays(path));
  const sets = fileSets(
    arrays,
    (path, { half }) => {
      const what = whatIn(baseName(path).toLowerCase());
      return what && partOf(half, what);
    },
    chosen,
  );
  return sets.map((set) => ({
    format: "image and label files",
    place: set.folder,
    ...(set.name && { name: set.name }),
    files: [...set.parts.values()],
    ...missingOf(set.parts),
    read: (notice) => {
      tellLeftOut(set, notice);
      return readParts(set.parts, notice);
    },
  }));
}

/** Archives with all arrays of a data set, as Keras's `mnist.npz`. */
export function arrayArchives(files: readonly DataFile[]): Candidate[] {
  const archives = files.filter(({ path }) => hasExtension(path, "npz") && !isPart(path));
  return archives.map((file) => ({
    format: "an .npz archive",
    place: file.path,
    files: [file],
    // Others may be a network's weights.
    guessed: !/mnist/i.test(baseName(file.path)),
    read: async (notice) => {
      const entries = zipFiles(await unpacked(file), file.name);
      const [candidate] = arrayFiles(entries).sort((a, b) => depthOf(a.place) - depthOf(b.place));
      if (candidate && !candidate.missing) return candidate.read(notice);
      const found = entries
        .map(({ path }) => path)
        .slice(0, 10)
        .join(", ");
      throw new UserError(
        `${file.name} holds ${found || "nothing"}. Expected x_train, y_train, x_test and y_test, as Keras names them.`,
      );
    },
  }));
}

function isPart(path: string): boolean {
  const name = baseName(path).toLowerCase();
  return whatIn(name) !== undefined && placeOf(path) !== undefined;
}

/** What a set lacks to be trained on, if anything; what it lacks to be tested on is told of with that. */
function missingOf(parts: Parts): { missing?: string } {
  const lacking = lackingOf(parts, "train");
  if (lacking.length === 0) return {};
  const also = (["test", "validation"] as const).filter((half) => filesOf(parts, half).length === 1);
  return { missing: faultText(parts, [...lacking, ...also.flatMap((half) => lackingOf(parts, half))]) };
}

/** The parts of a half that are not there. */
function lackingOf(parts: Parts, half: Half): string[] {
  return [partOf(half, "images"), partOf(half, "labels")].filter((part) => !parts.has(part));
}

function faultText(parts: Parts, lacking: readonly string[]): string {
  const there = [...parts.values()].map(({ path }) => baseName(path));
  return `There are no ${lacking.join(" and no ").replaceAll("train ", "training ")} beside ${there.join(", ")}.`;
}

/** The files of a half: of its images, of its labels. */
function filesOf(parts: Parts, half: Half): DataFile[] {
  return (["images", "labels"] as const).flatMap((what) => parts.get(partOf(half, what)) ?? []);
}

/** What the files hold. Test images without labels are none, as in tables: validation data takes their place, if there is any. */
async function readParts(parts: Parts, notice: Notice): Promise<Contents> {
  const readHalf = async (half: Half): Promise<{ split: Split; name: string }> => {
    const [imageFile, labelFile] = filesOf(parts, half);
    const images = await readImages(imageFile, notice);
    return { split: makeSplit(images, await readLabels(labelFile, notice)), name: imageFile.name };
  };
  const train = await readHalf("train");
  const contents = { train: train.split, trainName: train.name };
  const given = (["test", "validation"] as const).filter((half) => filesOf(parts, half).length > 0);
  const whole = given.find((half) => lackingOf(parts, half).length === 0);
  const lacking = given.flatMap((half) => lackingOf(parts, half));
  if (whole === undefined)
    return { ...contents, ...(lacking.length > 0 && { testFault: faultText(parts, lacking) }) };
  const test = await readHalf(whole);
  if (whole === "test") tellValidation(filesOf(parts, "validation"), parts.get("test images"), notice);
  else if (given[0] === "test") notice(`${faultText(parts, lackingOf(parts, "test"))} ${validationInstead}`);
  return { ...contents, test: test.split, testName: test.name };
}

async function readImages(file: DataFile, notice: Notice): Promise<IdxImages> {
  const { path, bytes, name } = await arrayIn(file);
  if (hasExtension(path, "npy")) return imagesOf(parseNpy(bytes, name), notice);
  const images = parseImages(bytes, name);
  if (images.remark) notice(images.remark);
  return images;
}

async function readLabels(file: DataFile, notice: Notice): Promise<IdxLabels> {
  const { path, bytes, name } = await arrayIn(file);
  if (hasExtension(path, "npy")) return labelsOf(parseNpy(bytes, name));
  const labels = parseLabels(bytes, name);
  if (labels.remark) notice(labels.remark);
  return labels;
}

/** The bytes of a file of one array; of an archive of one array, those of the array. */
async function arrayIn(file: DataFile): Promise<{ path: string; name: string; bytes: Uint8Array }> {
  const bytes = await unpacked(file);
  if (!hasExtension(file.path, "npz")) return { path: file.path, name: file.name, bytes };
  const entries = zipFiles(bytes, file.name);
  const [entry] = entries;
  if (entries.length === 1) return { path: entry.path, name: entry.name, bytes: await entry.bytes() };
  const found = entries
    .map(({ path }) => path)
    .slice(0, 10)
    .join(", ");
  throw new UserError(`${file.name} holds ${found || "nothing"}. Expected one array.`);
}
