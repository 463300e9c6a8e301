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

/** Unpacked: about three times what it takes. */
const mostBytes = 12 << 20;

const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  npm("run", "build:cli");
  npm("run", "build:lib");
  const [{ files, unpackedSize }] = JSON.parse(npm("pack", "--json", "--pack-destination", folder));
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const tarball = readFileSync(join(folder, `${manifest.name}-${manifest.version}.tgz`));
  const bytes = new Uint8Array(tarball);
  const found = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  const { problems } = await checkPackage(createPackageFromTarballData(bytes));
  const lines = [
    ...found.messages.map((message) => `publint: ${formatMessage(message, manifest)}`),
    ...files
      .filter(({ path }) => !isMeant(path))
      .map(({ path }) => `npm pack: ${path} is not meant to be in it`),
    ...(unpackedSize > mostBytes ? [`npm pack: ${unpackedSize} bytes, more than ${mostBytes}`] : []),
    ...problems.filter(isFault).map((problem) => `types: ${JSON.stringify(problem)}`),
  ];
  for (const line of lines) console.error(line);
  process.exitCode = lines.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}

/** Built programs with their notices, the page, types, shaders, and what npm wants beside them. */
function isMeant(path) {
  return /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|shaders\/[\w/]+\.wgsl|dist\/(cli\.js|index\.js|licenses\.md)|dist\/types\/[\w./-]+\.d\.ts|dist\/app\/(index\.html|licenses\.md|assets\/[\w.-]+\.(js|css|svg|wasm|safetensors)))$/.test(
    path,
  );
}

function isFault({ kind, resolutionKind }) {
  return resolutionKind !== "node10" && kind !== "CJSResolvesToESM";
}

function npm(...args) {
  const { status, stdout, stderr } = spawnSync("npm", args, {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return stdout;
  console.error(`npm ${args.join(" ")} failed:\n${stdout}${stderr}`);
  process.exit(1);
}
