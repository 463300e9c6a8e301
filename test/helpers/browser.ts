import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { type Browser, chromium } from "@playwright/test";
import { packageVersion } from "../../src/node/packages.ts";
import { swiftshaderPackage } from "../../src/node/swiftshader.ts";
import { unpackedFolder, unpackTar } from "../../src/node/unpacked.ts";

/** Runs WebGPU on the CPU, the same everywhere, and keeps quiet on a closed network. */
const flags = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

const systemNames = ["chromium", "chromium-browser", "google-chrome"];

interface FoundBrowser {
  readonly executablePath: string;
  readonly env?: Record<string, string>;
}

/** Launches the browser of `CHROME_PATH`, else the system's, else the one that an npm package carries. @param more flags beside the usual ones */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const { CHROME_PATH } = process.env;
  const found = CHROME_PATH ? { executablePath: CHROME_PATH } : (systemBrowser() ?? (await carriedBrowser()));
  return chromium.launch({ ...found, args: [...flags, ...more] });
}

function systemBrowser(): FoundBrowser | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = systemNames.flatMap((name) => folders.map((folder) => join(folder, name)));
  const executablePath = candidates.find((path) => existsSync(path));
  return executablePath === undefined ? undefined : { executablePath };
}

/** The npm package's own way to run it unpacks into a folder that anybody may have made: ours is private. */
async function carriedBrowser(): Promise<FoundBrowser> {
  const packageFolder = swiftshaderPackage();
  if (!packageFolder) {
    throw new Error("There is no browser for the app's tests: install Chromium, or set CHROME_PATH to one.");
  }
  const archive = (name: string) => join(packageFolder, "bin", name);
  const folder = await unpackedFolder({
    what: "browser",
    name: `chromium-${await packageVersion(packageFolder)}`,
    files: ["chromium", "libvk_swiftshader.so", "libvulkan.so.1", "lib/libnss3.so", "fonts.conf"],
    async unpack(folder) {
      await pipeline(
        createReadStream(archive("chromium.br")),
        createBrotliDecompress(),
        createWriteStream(join(folder, "chromium"), { mode: 0o755 }),
      );
      for (const name of ["swiftshader", "al2023", "fonts"])
        await unpackTar(archive(`${name}.tar.br`), folder);
      await writeFile(join(folder, "fonts.conf"), fontsConfiguration);
    },
  });
  return {
    executablePath: join(folder, "chromium"),
    env: {
      ...(process.env as Record<string, string>),
      LD_LIBRARY_PATH: [join(folder, "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  };
}

/** The fonts beside the browser, and the system's if it has any: without a single one the browser dies. */
const fontsConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
