import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { isAbsolute, join, relative, sep } from "node:path";
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

/** This program's file: which tells how it was installed. */
const thisProgram = fileURLToPath(import.meta.url);

/** How a program was installed, and the folder whose `node_modules` has it. */
interface Installation {
  readonly by: "npx" | "nobody" | "project" | "all users";
  readonly root: string;
}

function installationOf(program: string): Installation {
  const parts = program.split(/[\\/]node_modules[\\/]/);
  const [root] = parts;
  if (!/^mnist-webgpu[\\/]/.test(parts.at(-1)!)) return { by: "nobody", root };
  if (/[\\/]_npx[\\/]/.test(root)) return { by: "npx", root };
  return { by: existsSync(join(root, "package.json")) ? "project" : "all users", root };
}

/**
 * The command that installs a package where `installedPackage` finds it.
 * @param program the file of this program
 */
export function installCommand(spec: string, program = thisProgram): string {
  const { by } = installationOf(program);
  if (by === "npx") return `npx --package=${spec} --package=mnist-webgpu mnist-webgpu ...`;
  return `npm install ${by === "all users" ? "-g " : ""}${spec}`;
}

/** What the words that start a program follow from. */
export interface Start {
  /** The file of the program. */
  readonly program: string;
  /** The folder that it was started in. */
  readonly folder: string;
  readonly variables: Readonly<NodeJS.ProcessEnv>;
}

/**
 * The words with which a shell starts a command of this program, in the way in which it was started itself; flags may follow.
 * Only a program that was installed for all users is found by its name alone.
 */
export function startWords(
  command: string,
  { program, folder, variables }: Start = {
    program: thisProgram,
    folder: process.cwd(),
    variables: process.env,
  },
): string[] {
  const { by, root } = installationOf(program);
  // Each command has a script of its name, which runs the script `cli`.
  if (by === "nobody" && isScript("cli", variables)) return ["npm", "run", command, "--"];
  if (by === "npx") return ["npx", ...npxWords(root), command];
  if (by === "all users") return ["mnist-webgpu", command];
  if (by === "project" && isWithin(folder, root)) return ["npx", "mnist-webgpu", command];
  const file = isWithin(program, folder) ? relative(folder, program) : program;
  return ["node", file.replaceAll(sep, "/"), command];
}

/** Whether npm runs script `name` of this package. */
function isScript(name: string, { npm_lifecycle_event: script, npm_package_name: of }: Start["variables"]) {
  return script === name && of === "mnist-webgpu";
}

/** What npx was told to fetch, which it notes in the folder that it fetches into, and to start. */
function npxWords(root: string): string[] {
  const packages = npxPackages(root);
  return packages.length > 1
    ? [...packages.map((spec) => `--package=${spec}`), "mnist-webgpu"]
    : [packages[0] ?? "mnist-webgpu"];
}

function npxPackages(root: string): readonly string[] {
  try {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as NpxManifest;
    return manifest._npx?.packages ?? [];
  } catch {
    return [];
  }
}

interface NpxManifest {
  readonly _npx?: { readonly packages?: readonly string[] };
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way.split(sep)[0] !== ".." && !isAbsolute(way);
}

/** The version of the npm package in `folder`. */
export async function packageVersion(folder: string): Promise<string> {
  const manifest = await readFile(join(folder, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
