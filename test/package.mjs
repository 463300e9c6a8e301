import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/*
 * Checks the package as npm would publish it, built anew: what publint finds wrong with its manifest and files, and where
 * its types do not resolve as its code does ("are the types wrong?"). It has ES modules alone: that `require` is told so
 * is no fault.
 */

const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  npm("run", "build:cli");
  npm("run", "build:lib");
  npm("pack", "--pack-destination", folder);
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const tarball = readFileSync(join(folder, `${manifest.name}-${manifest.version}.tgz`));
  const bytes = new Uint8Array(tarball);
  const found = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  const { problems } = await checkPackage(createPackageFromTarballData(bytes));
  const lines = [
    ...found.messages.map((message) => `publint: ${formatMessage(message, manifest)}`),
    ...problems.filter(isFault).map((problem) => `types: ${JSON.stringify(problem)}`),
  ];
  for (const line of lines) console.error(line);
  process.exitCode = lines.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

function isFault({ kind, resolutionKind }) {
  return resolutionKind !== "node10" && kind !== "CJSResolvesToESM";
}

function npm(...args) {
  const { status, stdout, stderr } = spawnSync("npm", args, {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(`npm ${args.join(" ")} failed:\n${stdout}${stderr}`);
  process.exit(1);
}
