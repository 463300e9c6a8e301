import { mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { cannotWrite, makeFolder } from "../../node/files.ts";
import { holdFolder } from "../../node/hold.ts";
import { systemReason } from "../../node/system-errors.ts";
import { localDay, two } from "../format.ts";

/** Where runs go unless `--out` names a folder. */
export const runsFolder = "runs";

/** A folder that is asked for, which may exist if it is empty, or the name of one of now. */
export type WantedPlace = { readonly out: string } | { readonly name: string };

/**
 * Makes a folder, and in it a file that is still empty. Of several processes that want one folder at once, one has it. Leaves
 * nothing behind if it fails, and touches nothing that it has not made.
 * @param first the name of the file
 * @param rest writes what else belongs there from the beginning
 * @returns the folder's path
 * @throws UserError if the folder holds anything, is another process's, or cannot be written
 */
export async function claimFolder(
  place: WantedPlace,
  first: string,
  rest: (path: string) => Promise<void>,
): Promise<string> {
  const { path, made } = "out" in place ? await makeWanted(place.out) : await makeNamed(place.name);
  const file = join(path, first);
  const letGo = await holdFolder(path);
  if (!letGo) throw taken(path);
  let claimed = false;
  try {
    await checkEmpty(path);
    // Where folders cannot be locked, the process that creates this file first has the folder.
    await writeFile(file, "", { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EEXIST" ? taken(path) : cannotWrite(file, error);
    });
    claimed = true;
    await rest(path);
  } catch (error) {
    if (claimed) await rm(file, { force: true });
    await removeEmpty(path, made);
    // It may be asked for again, by this process too.
    await letGo();
    throw error;
  }
  return path;
}

/** A folder, and the topmost one of those that had to be made for it. */
interface MadeFolder {
  readonly path: string;
  readonly made: string | undefined;
}

const advice = "Name a new folder, or an empty one.";

/** The folder that `--out` names, which may have been there. */
async function makeWanted(path: string): Promise<MadeFolder> {
  try {
    return { path, made: await makeFolder(path) };
  } catch (error) {
    throw new UserError(`--out ${path}: the folder cannot be made (${systemReason(error)}). ${advice}`);
  }
}

/** Throws a UserError if there is anything in the folder. */
async function checkEmpty(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: unknown) => {
    throw new UserError(`--out ${path}: ${systemReason(error)}. ${advice}`);
  });
  if (entries.length === 0) return;
  const [first] = entries.sort();
  throw new UserError(
    `--out ${path}: the folder is not empty (it holds ${first}), and nothing in it is overwritten. ${advice}`,
  );
}

/** Says that another run was first. */
function taken(path: string): UserError {
  return new UserError(`--out ${path}: another run has begun in this folder. ${advice}`);
}

/** Removes `path` and the folders above it up to `made`, as far as they are empty. */
async function removeEmpty(path: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  const top = resolve(made);
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed || folder === top) return;
  }
}

/** `runs/2026-01-31T09-05-00-784-10-10`, with a number after it where there is one of that name. */
async function makeNamed(name: string): Promise<MadeFolder> {
  const wanted = join(runsFolder, `${timestamp(new Date())}-${name}`);
  try {
    const made = await makeFolder(runsFolder);
    for (let number = 1; ; number++) {
      const path = number === 1 ? wanted : `${wanted}-${number}`;
      const isNew = await mkdir(path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      );
      if (isNew) return { path, made: made ?? path };
    }
  } catch (error) {
    throw new UserError(
      `The run folder ${wanted} cannot be made (${systemReason(error)}). Name another place with --out.`,
    );
  }
}

/** Local time, fit for file names and in the order of time. */
function timestamp(date: Date): string {
  return `${localDay(date)}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-")}`;
}
