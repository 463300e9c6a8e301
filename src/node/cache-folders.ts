import { lstat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { posix, win32 } from "node:path";
import { makeFolder } from "./files.ts";
import { homeFolder } from "./home-folder.ts";

/** What decides where a user's cache folder is. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The home folder; empty or relative where there is none. */
  readonly home: string;
  /** The folder for temporary files, which may be everybody's. */
  readonly temporary: string;
  /** The user's number; undefined on Windows. */
  readonly user: number | undefined;
}

/**
 * Where this program may keep files between its runs, best first: the user's cache folder, else one of this user's in
 * the temporary folder. The first is `$XDG_CACHE_HOME` if that is set, else `~/.cache` (XDG Base Directory
 * Specification, which has relative paths ignored), `~/Library/Caches` on macOS and `%LOCALAPPDATA%` on Windows.
 */
export function cacheFolders(surroundings: Surroundings = ours()): string[] {
  const { platform, environment, home, temporary, user } = surroundings;
  const { join, isAbsolute } = platform === "win32" ? win32 : posix;
  const atHome = (...parts: string[]) => (isAbsolute(home) ? join(home, ...parts) : "");
  const own = (folder: string | undefined, otherwise: string) =>
    folder && isAbsolute(folder) ? folder : otherwise;
  const { XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  const cache =
    platform === "win32"
      ? own(LOCALAPPDATA, atHome("AppData", "Local"))
      : own(XDG_CACHE_HOME, platform === "darwin" ? atHome("Library", "Caches") : atHome(".cache"));
  const inTemporary = join(temporary, user === undefined ? "mnist-webgpu" : `mnist-webgpu-${user}`);
  return [...(cache ? [join(cache, "mnist-webgpu")] : []), inTemporary];
}

function ours(): Surroundings {
  const { platform, env: environment } = process;
  return { platform, environment, home: homeFolder(), temporary: tmpdir(), user: process.getuid?.() };
}

/**
 * Creates `folder` for this user alone; throws if it exists and others may write to it. Windows keeps both kinds of
 * folders from other users by itself.
 */
export async function makePrivate(folder: string): Promise<void> {
  await makeFolder(folder, 0o700);
  // lstat: a link that somebody left in a shared temporary folder is not a folder of ours.
  const found = await lstat(folder);
  const user = process.getuid?.();
  const isOurs = user === undefined || (found.uid === user && (found.mode & 0o022) === 0);
  if (!found.isDirectory() || !isOurs) throw new Error("it is not a folder that only you can write to");
}
