import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of an installed npm package, seen from this program; undefined where it is not installed, as development
 * dependencies are not where somebody else installed this one.
 * @param file one that it has, whether it exports it or not: `require.resolve` would refuse what it does not
 */
export function installedPackage(name: string, file: string): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, file)));
}

/**
 * The command that installs a package where `installedPackage` finds it.
 * @param program the file of this program, which tells how it was installed itself
 */
export function installCommand(spec: string, program = fileURLToPath(import.meta.url)): string {
  const [root, ...inside] = program.split(/[\\/]node_modules[\\/]/);
  if (/[\\/]_npx[\\/]/.test(root)) return `npx --package=${spec} --package=mnist-webgpu mnist-webgpu ...`;
  const isGlobal = inside.length > 0 && !existsSync(join(root, "package.json"));
  return `npm install ${isGlobal ? "-g " : ""}${spec}`;
}

/** The version of the npm package in `folder`. */
export async function packageVersion(folder: string): Promise<string> {
  const manifest = await readFile(join(folder, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
