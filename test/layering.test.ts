import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

/** Folders of src in the order of the data's way; a folder imports only from those before it, or from itself. */
const order = ["errors.ts", "data", "model", "reference", "gpu", "kernels", "training"];
/** What stands beside each other at the end of that way, and what else each may import from. */
const ends: Readonly<Record<string, readonly string[]>> = { node: [], cli: ["node"], app: [] };
/** The only folders that may use what only Node has. */
const onNode = ["node", "cli"];

const source = join(import.meta.dirname, "../src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => /\.ts$/.test(file));

/** What a file imports: paths below src for our own, names for packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), "utf8");
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(
    ([, specifier]) => specifier,
  );
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? relative(source, join(source, dirname(file), specifier)) : specifier,
  );
}

const folderOf = (path: string) => path.split("/")[0];

test("the scan finds the sources", () => expect(files.length).toBeGreaterThan(40));

describe.each(files.filter((file) => file.includes("/") || file === "errors.ts"))("src/%s", (file) => {
  const folder = folderOf(file);
  const imports = importsOf(file);

  test("imports only leftwards", () => {
    const allowed =
      folder in ends ? [...order, ...ends[folder], folder] : order.slice(0, order.indexOf(folder) + 1);
    const own = imports.filter((path) => !path.startsWith("..") && files.includes(path));
    expect(own.filter((path) => !allowed.includes(folderOf(path)))).toEqual([]);
  });

  if (!onNode.includes(folder)) {
    test("uses nothing of Node", () => {
      expect(imports.filter((name) => name.startsWith("node:") || name === "webgpu")).toEqual([]);
    });
  }
});
