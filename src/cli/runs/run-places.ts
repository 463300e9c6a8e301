import { mkdir, readdir, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { makeFolder } from "../../node/files.ts";
import { systemReason } from "../../node/system-errors.ts";

/** Where runs go unless `--out` names a folder. */
export const runsFolder = "runs";

/** A folder, and the topmost one of those that had to be made for it. */
export interface MadeFolder {
  readonly path: string;
  readonly made: string | undefined;
}

const advice = "Name a new folder, or an empty one.";

/** The folder that `--out` names, which may have been there. */
export async function makeWanted(path: string): Promise<MadeFolder> {
  try {
    return { path, made: await makeFolder(path) };
  } catch (error) {
    throw new UserError(`--out ${path}: the folder cannot be made (${systemReason(error)}). ${advice}`);
  }
}

/** Throws a UserError if there is anything in the folder. */
export async function checkEmpty(path: string): Promise<void> {
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
export function taken(path: string): UserError {
  return new UserError(`--out ${path}: another run has begun in this folder. ${advice}`);
}

/** Removes `path` and the folders above it up to `made`, as far as they are empty. */
export async function removeEmpty(path: string, made: string | undefined): Promise<void> {
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
export async function makeNamed(name: string): Promise<MadeFolder> {
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
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-")}`;
}
