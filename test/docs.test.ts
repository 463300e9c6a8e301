import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

/*
 * What is written for people names files, commands and code that exist.
 */

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const documents = [
  ...readdirSync(root).filter((file) => file.endsWith(".md")),
  ...readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
  "bench/README.md",
  "data/README.md",
];
/** The log of changes names what there was. */
const current = documents.filter((file) => file !== "CHANGELOG.md");

const folders = ["src", "shaders", "test", "bench/src"];
/** Every file of them, and those at the top. */
const sources = [
  ...readdirSync(root),
  ...folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  ),
];

/** Code as it stands in a document, whatever its indentation there. */
const withoutIndentation = (code: string) =>
  code
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");

const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts);

describe.each(current)("%s", (file) => {
  const text = read(file);

  test("links to files that exist", () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target.split("#")[0]);
    const local = targets.filter((target) => target !== "" && !/^https?:/.test(target));
    expect(local.filter((target) => !existsSync(join(root, dirname(file), target)))).toEqual([]);
  });

  test("names files of this project that exist", () => {
    const named = [...text.matchAll(/`((?:src|shaders|test|docs)\/[\w./-]+)`/g)].map(([, path]) => path);
    const places = (path: string) => [join(root, path), join(root, dirname(file), path)];
    expect(named.filter((path) => !places(path).some(existsSync))).toEqual([]);
  });

  test("names sources that exist, in whatever folder", () => {
    const named = [...text.matchAll(/`((?:[\w-]+\/)*[\w.-]+\.(?:ts|wgsl|mjs|css))`/g)].map(
      ([, path]) => path,
    );
    expect(named.filter((path) => !sources.some((source) => `/${source}`.endsWith(`/${path}`)))).toEqual([]);
  });

  test("names scripts that exist", () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script]) => script);
    expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
  });

  test("quotes code as it is", () => {
    const quotes = text.matchAll(/<!-- from (\S+) -->\s*```\w*\n(.*?)```/gs);
    for (const [, source, code] of quotes) {
      expect(withoutIndentation(read(source)), source).toContain(withoutIndentation(code));
    }
  });
});

test("the glossary is in the order of the alphabet, a file for every word", () => {
  const rows = read("docs/glossary.md")
    .match(/^\| .* \|$/gm)!
    .slice(1);
  const words = rows.map((row) => row.split("|")[1].trim().toLowerCase());
  expect(words).toEqual([...words].sort());
  for (const row of rows) expect(row).toMatch(/\]\(\.\.\/.*\) \|$/);
});

test("scripts among the examples are such", async () => {
  const job = read("docs/sweeps/kubernetes.yaml");
  const [, inside] = /- \|\n(.*?)\n {10}resources:/s.exec(job)!;
  for (const script of [read("docs/sweeps/slurm.sh"), inside!]) {
    expect(script).toContain("mnist-webgpu sweep");
    expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  }
});
