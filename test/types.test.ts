import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };

const run = promisify(execFile);

/** Compilers by version: the newest, and the last one written in JavaScript, which the package's check brings. */
const compilerOf = (from: string) => {
  const path = createRequire(from).resolve("typescript/package.json");
  return { path: join(dirname(path), "bin", "tsc"), version: createRequire(from)(path).version as string };
};
const compilers = [
  compilerOf(import.meta.filename),
  compilerOf(createRequire(import.meta.filename).resolve("@arethetypeswrong/core")),
];

/** A project that has the package installed, and nothing but what that depends on. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "types-"));
  const installed = join(project, "node_modules", manifest.name);
  await mkdir(installed, { recursive: true });
  const types = ["-p", "tsconfig.build.json", "--outDir", join(installed, "dist", "types")];
  await run(process.execPath, [compilers[0]!.path, ...types]);
  await writeFile(join(installed, "package.json"), JSON.stringify(manifest));
  await mkdir(join(project, "node_modules", "@webgpu"));
  for (const name of Object.keys(manifest.dependencies)) {
    await symlink(resolve("node_modules", name), join(project, "node_modules", name));
  }
  const readme = await readFile("README.md", "utf8");
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(examples.length).toBeGreaterThan(1);
  await writeFile(join(project, "snippet.ts"), examples.join("\n"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
});
afterAll(() => rm(project, { recursive: true, force: true }));

it("the two compilers are those that people have", () => {
  expect(compilers.map(({ version }) => version.replace(/\.\d+$/, ""))).toEqual(["7.0", "5.9"]);
});

it.each(
  compilers.flatMap(({ version, path }) => {
    // A module finds a package of modules by node16 as by nodenext: the compiler that is ten times as fast tries both.
    const resolutions = ["bundler", "nodenext", ...(version.startsWith("5") ? [] : ["node16"])];
    return resolutions.map((resolution) => ({ version, path, resolution }));
  }),
)(
  "TypeScript $version compiles the README's examples, resolution $resolution",
  async ({ path, resolution }) => {
    const module = resolution === "bundler" ? "esnext" : resolution;
    // With the library of the language alone, as projects for Node have it.
    const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2023"];
    // The compiler's own library is checked by those who made it.
    const flags = [
      ...options,
      "--skipDefaultLibCheck",
      "--module",
      module,
      "--moduleResolution",
      resolution,
      "snippet.ts",
    ];
    const compiled = run(process.execPath, [path, ...flags], { cwd: project });
    expect(await compiled.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({
      stdout: "",
    });
  },
);
