import { getSystemErrorMap } from "node:util";

/** Codes of Node's own that no operating system has a text for. */
const ownReasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "host name not found",
  UND_ERR_SOCKET: "connection lost",
  ERR_FS_EISDIR: "it is a folder",
};

/**
 * Why a file or network operation failed, in a few words: `permission denied`, `no space left on device`. Errors that
 * wrap another, as `fetch`'s do, are looked into; one without a code gives its message.
 */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) {
    const known = [...getSystemErrorMap().values()].find(([name]) => name === code);
    return ownReasons[code] ?? known?.[1] ?? `${error.message} (${code})`;
  }
  return error.cause === undefined ? error.message || error.name : systemReason(error.cause);
}

/** Whether a file operation failed because there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
