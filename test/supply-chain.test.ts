import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, preview } from "vite";
import { describe, expect, test } from "vitest";

/* What others' code may do here, and who may reach ours. */

const read = (path: string) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

/** Packages by their paths, without our own. */
const locked = (path: string): [string, LockedPackage][] =>
  Object.entries(read(path).packages as Record<string, LockedPackage>).filter(([name]) => name !== "");

describe.each(["", "bench/"])("packages of %spackage.json", (folder) => {
  test("are of one version each, whatever comes out", () => {
    const manifest = read(`${folder}package.json`);
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const wanted = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(wanted.length).toBeGreaterThan(3);
    for (const [name, version] of wanted) expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  test("are what they were when they were chosen, by their checksums", () => {
    for (const [path, { integrity }] of locked(`${folder}package-lock.json`))
      expect(integrity, path).toMatch(/^sha512-/);
  });
});

test("packages are under licences that ask for no more than a notice, or for changes of their own files", () => {
  const allowed = ["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "Zlib", "Unlicense"];
  const known = [...allowed, "BlueOak-1.0.0", "MPL-2.0"];
  for (const [path, { license }] of locked("package-lock.json")) {
    const names = (license ?? "none").replace(/[()]/g, "").split(/ (?:AND|OR) /);
    for (const name of names) expect(known, `${path}: ${license}`).toContain(name);
  }
});

test("no package runs a script when it is installed", () => {
  const settings = readFileSync(new URL("../.npmrc", import.meta.url), "utf8");
  expect(settings.split("\n")).toContain("ignore-scripts=true");
  // Those that have one: it takes away a mark of macOS's, looks for what is there prebuilt, tells of versions.
  const scripts = locked("package-lock.json").filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(scripts.map(([path]) => path)).toEqual([
    "node_modules/koffi",
    "node_modules/protobufjs",
    "node_modules/webgpu",
  ]);
});

test("the development server and the preview are for this computer alone", async () => {
  const quiet = { logLevel: "silent" } as const;
  const servers = [
    await createServer({
      ...quiet,
      server: { port: 0, ws: false },
      optimizeDeps: { noDiscovery: true },
    }).then((server) => server.listen()),
    await preview({ ...quiet, preview: { port: 0 } }),
  ];
  for (const server of servers) {
    const { address } = server.httpServer!.address() as AddressInfo;
    expect(["127.0.0.1", "::1"]).toContain(address);
    expect(server.resolvedUrls?.network).toEqual([]);
    await server.close();
  }
});
