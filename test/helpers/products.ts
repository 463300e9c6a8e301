import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";

/**
 * The folder that `vite build --mode` makes: built by the first test file that asks for it, and shared by all.
 * @param mode `bare` for the app, `cli` for the command line
 */
export async function builtOnce(mode: "bare" | "cli"): Promise<string> {
  const folder = join(inject("products"), mode);
  if (existsSync(folder)) return folder;
  const own = `${folder}-${process.pid}`;
  // Loading it takes as long as many a test does: one file in forty needs it.
  const { build } = await import("vite");
  await build({ mode, logLevel: "error", build: { outDir: own, emptyOutDir: true } });
  try {
    await rename(own, folder);
  } catch (error) {
    // Another file's process was first.
    if (!existsSync(folder)) throw error;
    await rm(own, { recursive: true });
  }
  return folder;
}
