import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Lets go of what is held. */
export type LetGo = () => Promise<void>;

/**
 * Holds a folder for as long as this process lives or until it lets go, against everybody else who asks for the same.
 *
 * What is held is the name of a local socket, made of the folder's device and inode, and of the time when it was made:
 * inodes are used again. The system gives a name to one
 * process alone and takes it back when that ends, however it ends: unlike a lock file nothing is left behind by
 * `kill -9`, and no process can be taken for one that had its number before. Processes in another container, or on
 * another computer that shares the folder, are not seen.
 * @returns how to let go of it, if it is held now, as also where the system has no such names, or there is no such folder
 */
export async function holdFolder(path: string): Promise<LetGo | undefined> {
  const folder = await stat(path, { bigint: true }).catch(() => undefined);
  if (!folder) return async () => {};
  const identity = `${folder.dev} ${folder.ino} ${folder.birthtimeNs}`;
  // Names of sockets may have about 100 characters.
  const name = `mnist-webgpu-${createHash("sha256").update(identity).digest("hex").slice(0, 16)}`;
  // Abstract sockets (Linux) and pipes (Windows) are no files; elsewhere a killed process leaves its socket behind.
  if (process.platform === "linux") return listen(`\0${name}`);
  if (process.platform === "win32") return listen(`\\\\.\\pipe\\${name}`);
  const file = join(tmpdir(), `${name}.sock`);
  const held = await listen(file);
  if (held || (await answers(file))) return held;
  await rm(file, { force: true });
  return listen(file);
}

/** Listens at a name until the process ends, without keeping it from ending. Nothing if somebody does already. */
function listen(name: string): Promise<LetGo | undefined> {
  return new Promise((done) => {
    const server = createServer((visitor) => visitor.destroy());
    const letGo = () => new Promise<void>((gone) => server.close(() => gone()));
    server.on("error", ({ code }: NodeJS.ErrnoException) => done(code === "EADDRINUSE" ? undefined : letGo));
    server.listen(name, () => done(letGo));
    server.unref();
  });
}

/** Whether a process listens at the name of a socket's file. */
function answers(file: string): Promise<boolean> {
  return new Promise((done) => {
    const visitor = connect(file, () => {
      visitor.destroy();
      done(true);
    });
    visitor.on("error", () => done(false));
  });
}
