import { UserError } from "../../errors.ts";
import type { Split } from "../dataset.ts";
import { FileFault, largestFile } from "../file-fault.ts";
import { decodeGray } from "../png.ts";
import { randomStream } from "../random.ts";
import { type Candidate, type Contents, type DataFile, hasExtension, someOf } from "./data-file.ts";
import { tellValidation } from "./file-sets.ts";
import { depthOf, type Half, halfOfFolder, isBelow, isOnlyHalf } from "./roles.ts";

/** Labels are bytes. */
const mostClasses = 256;
/** The most pixels of a picture: a network of that many inputs is beyond what anybody trains here. */
const mostPixels = 2 ** 20;

interface Picture {
  readonly file: DataFile;
  readonly className: string;
}

/** The pictures of a place, by where they lie below it. */
interface Pictures {
  /** Those in folders of classes in the folder of a half. */
  readonly halves: Map<Half, Picture[]>;
  /** Those in folders of classes that are of no half. */
  readonly unparted: Picture[];
  /** Those in the folder of a half itself, of no class. */
  readonly bare: Picture[];
}

/** Data sets of PNG pictures in a folder for each class: `train/0/1.png`, or one level that is not parted. */
export function imageFolders(files: readonly DataFile[]): Candidate[] {
  const places = new Map<string, Pictures>();
  for (const file of files) {
    if (!hasExtension(file.path, "png")) continue;
    const folders = file.path.split("/").slice(0, -1);
    const className = folders.pop();
    if (className === undefined) continue;
    const half = halfOfFolder(folders.at(-1) ?? "");
    const path = (half ? folders.slice(0, -1) : folders).join("/");
    const place = places.get(path) ?? { halves: new Map(), unparted: [], bare: [] };
    places.set(path, place);
    picturesIn(place, half, className).push({ file, className });
  }
  return [...places].map(([path, place]) => candidateAt(path, place, files));
}

function picturesIn(
  { halves, unparted, bare }: Pictures,
  half: Half | undefined,
  className: string,
): Picture[] {
  if (!half) return halfOfFolder(className) ? bare : unparted;
  const pictures = halves.get(half) ?? [];
  halves.set(half, pictures);
  return pictures;
}

/**
 * Beside classes, a folder without classes of its own is another class if its name says more than a half's, as `testing tools`
 * does, and also `train` beside several: `bus`, `car`, `train`. What is called nothing but `test` or `val` has pictures of no class.
 */
function withOddClasses(pictures: Pictures): Pictures & { readonly odd: readonly Picture[] } {
  const { halves, unparted, bare } = pictures;
  const classes = halves.size > 0 ? 0 : new Set(unparted.map(({ className }) => className)).size;
  const isClass = ({ className }: Picture) =>
    isOnlyHalf(className) ? classes > 1 && halfOfFolder(className) === "train" : classes > 0;
  const odd = bare.filter(isClass);
  const left = bare.filter((picture) => !isClass(picture));
  return { halves, unparted: [...unparted, ...odd], bare: left, odd };
}

function candidateAt(place: string, pictures: Pictures, files: readonly DataFile[]): Candidate {
  const { halves, unparted, bare, odd } = withOddClasses(pictures);
  const isParted = halves.has("train");
  const bareTrain = bare.find(({ className }) => halfOfFolder(className) === "train");
  const train = isParted ? halves.get("train") : bareTrain || unparted.length === 0 ? undefined : unparted;
  const test = halves.get("test") ?? halves.get("validation");
  const validation = halves.has("test") ? (halves.get("validation") ?? []) : [];
  const missing = bareTrain
    ? `There are no folders of classes in ${bareTrain.file.path.slice(0, bareTrain.file.path.lastIndexOf("/"))}.`
    : "There is no folder train beside the folder test.";
  return {
    format: "folders of PNG pictures",
    place,
    files: [...[...halves.values()].flat(), ...unparted, ...bare].map(({ file }) => file),
    ...(!train && { missing }),
    read: (notice) => {
      const paths = files.map(({ path }) => path).filter((path) => isBelow(path, place));
      const others = paths.filter((path) => otherPictures.test(path));
      if (others.length > 0) notice(`Left out, since only PNG pictures are read: ${someOf(others)}.`);
      const oddNames = [...new Set(odd.map(({ className }) => className))];
      if (oddNames.length > 0) notice(`Taken for a class, as folders beside it are: ${someOf(oddNames)}.`);
      tellOutside(paths, [...(train ?? []), ...(test ?? []), ...validation], notice);
      tellValidation(
        validation.map(({ file }) => file),
        test?.[0].file,
        notice,
      );
      return readPictures(train as Picture[], test);
    },
  };
}

/** Tells of the pictures among `paths` that are of no class, or lie too deep to be. */
function tellOutside(
  paths: readonly string[],
  pictures: readonly Picture[],
  notice: (line: string) => void,
): void {
  const inClasses = new Set(pictures.map(({ file }) => file.path));
  const deepest = pictures.reduce((depth, { file }) => Math.max(depth, depthOf(file.path)), 0);
  const outside = paths.filter((path) => hasExtension(path, "png") && !inClasses.has(path));
  const beside = outside.filter((path) => depthOf(path) <= deepest);
  if (beside.length > 0)
    notice(`Left out, since they are in no class of the training or test pictures: ${someOf(beside)}.`);
  const deeper = outside.filter((path) => depthOf(path) > deepest);
  if (deeper.length > 0)
    notice(`Left out, since they lie deeper than the pictures of the classes: ${someOf(deeper)}.`);
}

/** Names of pictures that somebody may miss. */
const otherPictures = /\.(jpe?g|gif|bmp|webp|tiff?|avif|heic)$/i;

async function readPictures(
  train: readonly Picture[],
  test: readonly Picture[] | undefined,
): Promise<Contents> {
  const names = [...new Set([...train, ...(test ?? [])].map(({ className }) => className))];
  names.sort(new Intl.Collator("en", { numeric: true }).compare);
  if (names.length > mostClasses) {
    throw new UserError(
      `There are ${names.length} folders with pictures, ${names.slice(0, 5).join(", ")} and so on. Expected one for ` +
        `each class, and at most ${mostClasses}.`,
    );
  }
  const labels = new Map(names.map((name, label) => [name, label]));
  const isNumbered = names.every((name, label) => name === String(label));
  return {
    train: await readSplit(train, labels),
    trainName: train[0].file.name,
    ...(test && { test: await readSplit(test, labels), testName: test[0].file.name }),
    ...(!isNumbered && { classNames: names }),
  };
}

/**
 * Reads pictures, in an order that mixes the classes: always the same one, so that the first so many, or the last, are
 * of all of them.
 */
async function readSplit(pictures: readonly Picture[], labels: ReadonlyMap<string, number>): Promise<Split> {
  const mixed = [...pictures].sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  const random = randomStream(0, "split");
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  const first = await readPicture(mixed[0].file);
  const { rows, columns } = first;
  const size = rows * columns;
  if (mixed.length * size > largestFile) {
    throw new UserError(
      `${mixed.length} pictures of ${columns}x${rows} pixels are more than fit into memory here. Make them smaller.`,
    );
  }
  const images = new Uint8Array(mixed.length * size);
  // Several at a time: most of the time goes into waiting for the disk.
  let next = 0;
  const readSome = async () => {
    for (let index = next++; index < mixed.length; index = next++) {
      const { file } = mixed[index];
      const picture = await readPicture(file);
      if (picture.rows !== rows || picture.columns !== columns) {
        throw new UserError(
          `${file.name} has ${picture.columns}x${picture.rows} pixels, ${mixed[0].file.name} has ${columns}x${rows}. ` +
            "Expected pictures of one size.",
        );
      }
      images.set(picture.pixels, index * size);
    }
  };
  await Promise.all(Array.from({ length: 16 }, readSome));
  return {
    ...{ images, rows, columns, count: mixed.length },
    labels: Uint8Array.from(mixed, ({ className }) => labels.get(className) as number),
  };
}

async function readPicture(file: DataFile) {
  const bytes = await file.bytes();
  if (bytes.length > 4 * mostPixels)
    throw new FileFault(file.name, `holds ${bytes.length} bytes`, `At most ${4 * mostPixels} are expected.`);
  return decodeGray(bytes, file.name, mostPixels);
}
