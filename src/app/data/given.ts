import { largestFile, tooLarge } from "../../data/file-fault.ts";
import type { DataFile } from "../../data/formats/data-file.ts";
import { isHidden } from "../../data/formats/roles.ts";
import { pickFiles } from "../pick.ts";
import { readFile, unreadable } from "./read-file.ts";

/** A user's own data: the files, of which nothing is read yet. What structured cloning can copy. */
export interface GivenData {
  /** What to call it, for people: the folder, or the file. */
  readonly name: string;
  /** How it was given, and would be asked for again. */
  readonly as: "folder" | "files";
  readonly files: readonly GivenFile[];
}

/** A file and where it lies below what was given, its parts joined by `/`. */
export interface GivenFile {
  readonly path: string;
  readonly file: File;
}

/** Asks for files, or for a folder; resolves with nothing if none are chosen. */
export async function chooseData(as: GivenData["as"]): Promise<GivenData | undefined> {
  const files = await pickFiles(as === "folder" ? { webkitdirectory: "" } : { multiple: "" });
  return gathered(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** What was dropped: all files, and those in folders. To be called while the event is dispatched. */
export async function droppedFiles({ items }: DataTransfer): Promise<GivenData | undefined> {
  // Once the event is over, there are no items any more.
  const dropped = [...items].filter(({ kind }) => kind === "file");
  const roots = dropped.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files: GivenFile[] = [];
  for (const root of roots) {
    if (root instanceof File) files.push({ path: root.name, file: root });
    else if (root) await collect(root, files);
  }
  // Nothing in a folder is refused as any other data is that cannot be read.
  return gathered(files) ?? (roots[0] ? { name: roots[0].name, as: "folder", files } : undefined);
}

async function collect(entry: FileSystemEntry, files: GivenFile[]): Promise<void> {
  if (isHidden(entry.name)) return;
  const failed = (cause: unknown) => unreadable(entry.fullPath.replace(/^\//, ""), cause);
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    ).catch(failed);
    files.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const next = () =>
    new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)).catch(failed);
  // Browsers hand out a hundred at a time.
  for (let entries = await next(); entries.length > 0; entries = await next())
    for (const each of entries) await collect(each, files);
}

/** Files as one thing with a name: a folder that holds them all is what was given. */
function gathered(files: readonly GivenFile[]): GivenData | undefined {
  if (files.length === 0) return undefined;
  const [{ path }] = files;
  const [first, ...rest] = path.split("/");
  if (rest.length > 0 && files.every((file) => file.path.startsWith(`${first}/`))) {
    const below = files.map(({ path, file }) => ({ path: path.slice(first.length + 1), file }));
    return { name: first, as: "folder", files: below.filter(({ path }) => !isHidden(path)) };
  }
  const name = files.length > 1 ? "your files" : path.replace(/\..*$/, "");
  return { name, as: "files", files };
}

/** The files as the readers of formats take them. `read` is called as each is read. */
export function dataFiles({ files }: GivenData, read: () => void): DataFile[] {
  return files.map(({ path, file }) => ({
    path,
    name: path,
    bytes: async () => {
      if (file.size > largestFile) throw tooLarge(path, largestFile, "Use a smaller one.");
      const contents = await readFile(file, path);
      read();
      return contents;
    },
  }));
}
