import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import {
  access,
  constants,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { descriptorOf } from "./open-files.ts";
import { isMissing, systemReason } from "./system-errors.ts";

/**
 * Writes a file so that its name never stands for a part of it: it is written beside its place, brought to the disk,
 * and then renamed. A link is followed, a file that is replaced leaves its permissions to the new one, and what is no
 * file, as a pipe, is written into, as is what this process has open, by names like /dev/stdout.
 * @param place moves it there, replacing what is there
 * @throws UserError if that fails; what was there before is then still there
 */
export async function writeWhole(
  path: string,
  contents: string | Uint8Array,
  place: (part: string, path: string) => Promise<void> = rename,
): Promise<void> {
  try {
    const target = await targetOf(path);
    if (target.descriptor !== undefined) writeFileSync(target.descriptor, contents);
    else if (target.isStream) await writeFile(path, contents);
    else await replaceFile(target.path, contents, place, target.mode);
  } catch (error) {
    throw await notWritten(path, error);
  }
}

/**
 * As `writeWhole`, but a link is replaced itself, and what the system says of a failure is thrown as it is.
 * @param place moves it there, replacing what is there
 * @param mode the permissions that the file gets, if not those of every new one
 */
export async function replaceFile(
  path: string,
  contents: string | Uint8Array,
  place: (part: string, path: string) => Promise<void> = rename,
  mode?: number,
): Promise<void> {
  const part = partBeside(path);
  const file = await open(part, "wx", mode);
  try {
    try {
      await file.writeFile(contents);
      await file.sync();
      // What a process makes has fewer permissions than it asks for. Some file systems have none.
      if (mode !== undefined) await file.chmod(mode).catch(() => {});
    } finally {
      await file.close();
    }
    await place(part, path);
  } catch (error) {
    // That it cannot be removed either would say less than the first failure.
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Finds out whether `writeWhole` could write a file, before what goes into it is computed.
 * @throws UserError as `writeWhole` would
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const target = await targetOf(path);
    if (target.isStream) return await access(path, constants.W_OK);
    const part = partBeside(target.path);
    await (await open(part, "wx")).close();
    await rm(part);
  } catch (error) {
    throw await notWritten(path, error);
  }
}

/** Where what is written to a path goes. */
interface Target {
  /** That of the file itself, where a link was named. */
  readonly path: string;
  /** Whether it is no file that another could replace, but a pipe, a terminal or a device, or open in this process. */
  readonly isStream: boolean;
  /** The number of the file that this process has open: who opened it may write there before and after. */
  readonly descriptor?: number;
  /** The permissions of the file that is there. */
  readonly mode?: number;
}

/** Throws a UserError if there is a folder. */
async function targetOf(path: string): Promise<Target> {
  const entry = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (!entry) {
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? { path, isStream: false } : targetOf(resolve(dirname(path), link));
  }
  if (entry.isDirectory()) throw isFolder(path);
  if (!entry.isFile()) return { path, isStream: true };
  const descriptor = descriptorOf(path);
  if (descriptor !== undefined) return { path, isStream: true, descriptor };
  const isLink = (await lstat(path)).isSymbolicLink();
  return { path: isLink ? await realpath(path) : path, isStream: false, mode: entry.mode & 0o777 };
}

/** The same whichever of the ways to write a file found out first. */
async function notWritten(path: string, error: unknown): Promise<UserError> {
  if (error instanceof UserError) return error;
  return (await isDirectory(path)) ? isFolder(path) : cannotWrite(path, error);
}

function isFolder(path: string): UserError {
  return new UserError(`${path} cannot be written (it is a folder). Name a file.`);
}

/**
 * What a file is called until it is whole: short, since its own name may be as long as the system allows, and by chance,
 * since the processes of two containers that share a folder may have the same number.
 */
function partBeside(path: string): string {
  return join(dirname(path), `.mnist-webgpu-${randomBytes(8).toString("hex")}.part`);
}

/**
 * Removes what processes that were killed left beside the files that they were writing into `folder`.
 * @param age for how long it must have lain there, in milliseconds: until then it may be of a process that lives
 */
export async function removeParts(folder: string, age = 0): Promise<void> {
  await removeLeft(folder, /^\.mnist-webgpu-[0-9a-f]+\.part$/, age);
}

/** Removes what is called so in `folder`, files or folders, and has not been written to for `age` milliseconds. */
export async function removeLeft(folder: string, called: RegExp, age: number): Promise<void> {
  const removals = (await readdir(folder))
    .filter((name) => called.test(name))
    .map(async (name) => {
      const path = join(folder, name);
      if (age === 0 || Date.now() - (await stat(path)).mtimeMs > age)
        await rm(path, { recursive: true, force: true });
    });
  // One that cannot be removed, or is gone by now, keeps none of the others.
  await Promise.allSettled(removals);
}

/** What to tell the user when `path` cannot be written. */
export function cannotWrite(path: string, error: unknown): UserError {
  return new UserError(
    `${path} cannot be written (${systemReason(error)}). Make room, or name another place.`,
    { cause: error },
  );
}

/**
 * Writes what a command makes: to `out`, replacing what is there, or, if the user named no file, to `otherwise`, which
 * must be new. Returns the path.
 * @throws UserError if that fails, or if there is something at `otherwise`
 */
export async function writeNew(
  out: string | undefined,
  otherwise: string,
  contents: string | Uint8Array,
): Promise<string> {
  if (out !== undefined) {
    await writeWhole(out, contents);
    return out;
  }
  try {
    await replaceFile(otherwise, contents, placeNew);
  } catch (error) {
    throw await notWritten(otherwise, error);
  }
  return otherwise;
}

/** Moves a file to a name that must be free: of several that want it at once, one gets it. */
async function placeNew(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch {
    // Either the name is taken, or the file system has no hard links.
    if (!(await exists(path))) return rename(part, path);
    throw new UserError(`${path} is there already. Name the file to write with --out; it may be the same.`);
  }
  await rm(part);
}

/**
 * Makes a folder with those above it that are missing; returns the topmost one that it made, if any. Node's own way turns
 * for ever where the system says "no such folder" of one whose parent is there, as it does of `/proc/x`.
 * @param mode the permissions of what is made
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  const folder = resolve(path);
  const above = dirname(folder);
  try {
    await mkdir(folder, { mode });
    return folder;
  } catch (error) {
    if (await isDirectory(folder)) return undefined;
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === folder) throw error;
  }
  const made = await makeFolder(above, mode);
  await mkdir(folder, { mode }).catch(async (error: unknown) => {
    // Another process may have been faster.
    if (!(await isDirectory(folder))) throw error;
  });
  return made ?? folder;
}

/** Whether there is a folder at `path`. */
export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** Whether there is a file at `path`, as far as it can be seen. */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Whether there is something at `path`, readable or not. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error) => !isMissing(error),
  );
}
