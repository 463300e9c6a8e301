import { baseName } from "../paths.ts";
import { type DataFile, someOf } from "./data-file.ts";
import { bareName, type Place, placeOf } from "./roles.ts";

/** Files whose names make them a data set. */
export interface FileSet<Part> {
  /** The folder that holds them, or their folders. */
  readonly folder: string;
  /** What their names call it, if anything. */
  readonly name: string;
  /** The file that is read for each part of the data set. */
  readonly parts: Map<Part, DataFile>;
  /** The files that are left out for it, under the names of the same parts. */
  readonly leftOut: Map<Part, DataFile[]>;
}

/**
 * The sets that files make. Of several for one part that is read which was chosen, or else takes least work: unpacked, and
 * with the shortest name.
 * @param partOf which part of its set a file is, if any
 * @param chosen the path of a file that the user named
 */
export function fileSets<Part>(
  files: readonly DataFile[],
  partOf: (path: string, place: Place) => Part | undefined,
  chosen: string | undefined,
): FileSet<Part>[] {
  const sets = new Map<string, FileSet<Part>>();
  const effort = (path: string) => (path === chosen ? 0 : path.length + (/\.gz$/i.test(path) ? 10_000 : 0));
  const byEffort = [...files].sort((a, b) => effort(a.path) - effort(b.path) || (a.path < b.path ? -1 : 1));
  for (const file of byEffort) {
    const place = placeOf(file.path);
    const part = place && partOf(file.path, place);
    if (!place || part === undefined) continue;
    const { folder, name } = place;
    const set = sets.get(place.set) ?? { folder, name, parts: new Map(), leftOut: new Map() };
    sets.set(place.set, set);
    if (!set.parts.has(part)) set.parts.set(part, file);
    else if (!set.leftOut.get(part)?.push(file)) set.leftOut.set(part, [file]);
  }
  return [...sets.values()];
}

/** What follows a fault of the test data where there is validation data. */
export const validationInstead = "The validation data is there to test with.";

/** Tells of validation files that are left out, since there are test files: they are read in the place of these alone. */
export function tellValidation(
  files: readonly DataFile[],
  test: DataFile | undefined,
  notice: (line: string) => void,
): void {
  if (test && files.length > 0)
    notice(`Left out, since ${test.path} is there to test with: ${someOf(files.map(({ path }) => path))}.`);
}

/** Tells of the files that are left out, but for packed copies of those that are read. */
export function tellLeftOut<Part>({ parts, leftOut }: FileSet<Part>, notice: (line: string) => void): void {
  const nameOf = (file: DataFile) => bareName(baseName(file.path));
  for (const [part, files] of leftOut) {
    const read = parts.get(part) as DataFile;
    const others = files.filter((file) => nameOf(file) !== nameOf(read)).map(({ path }) => path);
    if (others.length > 0) notice(`Left out, since ${read.path} is read: ${someOf(others)}.`);
  }
}
