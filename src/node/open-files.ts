import { fstatSync, statSync } from "node:fs";

/** Whether what is written to `path` goes where this process's stdout goes, as with /dev/stdout. */
export function isStdout(path: string): boolean {
  try {
    const [named, own] = [statSync(path), fstatSync(process.stdout.fd)];
    return named.dev === own.dev && named.ino === own.ino;
  } catch {
    return false;
  }
}

/** The number of the open file that a path names, if it names one: 1 for /dev/stdout, or for a link to it. */
export function descriptorOf(path: string): number | undefined {
  if (isStdout(path)) return process.stdout.fd;
  if (path === "/dev/stderr") return process.stderr.fd;
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path) ?? [];
  return number === undefined ? undefined : Number(number);
}
