import { open } from "node:fs/promises";
import { UserError } from "../errors.ts";
import { checkWritable, isFile } from "./files.ts";

/**
 * As `checkWritable`, of a page: what is there already is replaced if it is one, too, since whoever names another file has
 * taken its name for that of the page.
 * @throws UserError if something else is there
 */
export async function checkPage(path: string): Promise<void> {
  if ((await isFile(path)) && !/^(ï»¿)?\s*(<|$)/.test((await beginningOf(path)).toString("latin1")))
    throw new UserError(`${path} is there, and is no page. Name another file, or remove it first.`);
  await checkWritable(path);
}

/** The first bytes of a file, none if it cannot be read. */
async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path).catch(() => undefined);
  if (!file) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
