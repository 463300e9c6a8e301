import { FileFault } from "../../data/file-fault.ts";

/**
 * The bytes of a file that somebody chose: it may have been changed, moved or locked since.
 * @param name what errors call it
 * @throws FileFault if it cannot be read
 */
export async function readFile(file: File, name = file.name): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer().catch((cause: unknown) => unreadable(name, cause)));
}

/** @param cause why the browser gave nothing of a file or folder */
export function unreadable(name: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  throw new FileFault(name, `cannot be read (${reason})`, "Open it again.", { cause });
}
