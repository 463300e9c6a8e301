import { spawnSync } from "node:child_process";

/**
 * What keeps a Python program that begins with `statements` from running here, in words; undefined if nothing does.
 * @param statements of Python, each of which fails with a message of its own
 */
export function missingInPython(statements: string): string | undefined {
  const { error, status, stderr } = spawnSync("python3", ["-c", statements], { encoding: "utf8" });
  if (error) return `python3 does not start (${(error as NodeJS.ErrnoException).code ?? error.message})`;
  if (status === 0) return undefined;
  const lastLine = stderr.trim().split("\n").at(-1);
  return `python3 says: ${lastLine}`;
}
