import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { UserError } from "../../../src/errors.ts";
import nullcall from "./nullcall.c?raw";

/** How to come by what is needed, for every message about something that is missing. */
const install =
  "Install Mesa 25 or newer with its driver for AMD's GPUs (Debian, Ubuntu: apt-get install mesa-vulkan-drivers, on Debian 12 " +
  "from bookworm-backports; Fedora: mesa-vulkan-drivers; Arch: vulkan-radeon), or name the manifest of another one, " +
  "radeon_icd*.json, with --icd or in VK_DRIVER_FILES. No AMD GPU is needed.";

/**
 * The environment in which Dawn finds RADV, AMD's Vulkan driver in Mesa, and RADV compiles for `family` without its hardware.
 * Owns a folder with the library that this takes, until `remove()`.
 */
export class PretendedHardware {
  readonly #icd: string;
  readonly #folder: string;

  /**
   * @param icd the manifest of the driver, where it is not the system's
   * @throws UserError that says what is missing and how to get it
   */
  constructor(icd?: string) {
    if (process.platform !== "linux" || process.arch !== "x64") {
      throw new UserError(
        `--compiler runs on Linux on x86-64 alone, where Mesa can pretend that a GPU is there; this is ${process.platform} ${process.arch}.`,
      );
    }
    this.#icd = icd ?? findManifest();
    if (!existsSync(this.#icd)) throw new UserError(`--icd: there is no file ${this.#icd}. ${install}`);
    this.#folder = mkdtempSync(join(tmpdir(), "mnist-webgpu-compiler-"));
    try {
      this.#buildLibrary();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  environment(family: string): NodeJS.ProcessEnv {
    const { library_path: library } = JSON.parse(readFileSync(this.#icd, "utf8")).ICD;
    const { LD_LIBRARY_PATH: path } = process.env;
    // A driver that lies beside the system's has the libraries that it needs beside it.
    const paths = [...(isAbsolute(library) ? [dirname(library)] : []), ...(path ? [path] : [])];
    return {
      ...process.env,
      VK_DRIVER_FILES: this.#icd,
      VK_ICD_FILENAMES: this.#icd,
      ...(paths.length > 0 && { LD_LIBRARY_PATH: paths.join(delimiter) }),
      LD_PRELOAD: this.#library,
      RADV_FORCE_FAMILY: family,
      RADV_DEBUG: "shaderstats,asm,nocache",
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #library(): string {
    return join(this.#folder, "nullcall.so");
  }

  #buildLibrary(): void {
    const source = join(this.#folder, "nullcall.c");
    writeFileSync(source, nullcall);
    const compiler = process.env.CC || "cc";
    const options = ["-O1", "-shared", "-fPIC", "-o", this.#library, source, "-ldl"];
    const { status, error, stderr } = spawnSync(compiler, options, { encoding: "utf8" });
    if (status === 0) return;
    throw new UserError(
      `--compiler needs a C compiler for forty lines that keep Mesa from crashing without hardware, and ${compiler} ` +
        `${error ? `does not start (${error.message})` : `says: ${stderr.trim()}`}. Install one (Debian, Ubuntu: apt-get install gcc), ` +
        "or name it in CC.",
    );
  }
}

/** The manifest of the system's driver. */
function findManifest(): string {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const named = [VK_DRIVER_FILES, VK_ICD_FILENAMES].flatMap((files) => files?.split(delimiter) ?? []);
  const { XDG_DATA_HOME, XDG_DATA_DIRS } = process.env;
  const data = [
    "/etc",
    XDG_DATA_HOME || join(homedir(), ".local/share"),
    ...(XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(delimiter),
  ];
  const files = ["radeon_icd.x86_64.json", "radeon_icd.json"];
  const candidates = data.flatMap((folder) => files.map((file) => join(folder, "vulkan/icd.d", file)));
  const found = [...named.filter((file) => /radeon|radv/i.test(file)), ...candidates].find(existsSync);
  if (found) return found;
  throw new UserError(`There is no Vulkan driver for AMD's GPUs here. ${install}`);
}

/** What is said where the driver is there, and Dawn does not take it or the driver does not know the chip. */
export function refused(family: string, said: string): UserError {
  const lines = said.trim().split("\n");
  const reason = lines.findLast((line) => !line.startsWith("Warning:"));
  return new UserError(
    `Mesa's driver does not open as ${family}${reason ? ` (${reason})` : ""}: it may be older than 25, or not know this chip. ${install}`,
  );
}
