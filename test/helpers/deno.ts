import { execFile, spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { findGpu } from "../../src/node/adapter.ts";
import { swiftshaderPackage, withSwiftshader } from "../../src/node/swiftshader.ts";

/** The release that was tried. npm carries it, 42 MB, a package for each system: fetched when these tests are run. */
const version = "2.9.6";
const libc = process.platform === "linux" ? "-glibc" : "";
const packageName = `@deno/${process.platform}-${process.arch}${libc}`;

/** Runs programs in Deno, with the library as it is built. */
export class DenoPrograms {
  #deno = "";
  #environment: NodeJS.ProcessEnv = {};

  /** @throws an error that says what is missing, if Deno cannot be had */
  async start(): Promise<void> {
    this.#deno = fetchDeno();
    this.#environment = await driverEnvironment();
    await build({ mode: "lib", logLevel: "error" });
  }

  /** What test/deno/program.mjs answers. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a program that is not typed.
  async run(...task: string[]): Promise<any> {
    const library = pathToFileURL("dist/index.js").href;
    const flags = ["--unstable-webgpu", "--node-modules-dir=manual", "--allow-all", "--quiet"];
    const { stdout } = await promisify(execFile)(
      this.#deno,
      ["run", ...flags, "test/deno/program.mjs", library, ...task],
      { env: this.#environment },
    );
    return JSON.parse(stdout);
  }
}

/** The path of Deno's program, which npm keeps in its cache. */
function fetchDeno(): string {
  const spec = `${packageName}@${version}`;
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["exec", "--yes", `--package=${spec}`, "--", "node", "--print", "process.env.PATH"],
    { encoding: "utf8", shell: process.platform === "win32" },
  );
  if (status !== 0) {
    throw new Error(
      `Deno could not be had: npm carries it as the package ${spec}, and cannot fetch that ` +
        `(${stderr.trim().split("\n")[0]}). It needs the npm registry once.`,
    );
  }
  const [programs] = stdout.trim().split(delimiter);
  return join(programs, "..", packageName, process.platform === "win32" ? "deno.exe" : "deno");
}

/**
 * The environment in which Deno finds a driver: the system's where that is a GPU's, or is named in VK_DRIVER_FILES; else the
 * SwiftShader that the other tests run on.
 */
async function driverEnvironment(): Promise<NodeJS.ProcessEnv> {
  const { software } = await findGpu();
  const carried = swiftshaderPackage();
  if (process.env.VK_DRIVER_FILES || !software || !carried) return process.env;
  return withSwiftshader(
    carried,
    async (work) => work(),
    async () => {
      const folder = dirname(process.env.VK_DRIVER_FILES!);
      return {
        ...process.env,
        LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
      };
    },
  );
}
