import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Formula, formulas, formulasMarkdown } from "../../src/reference/formulas.ts";

const root = join(import.meta.dirname, "../..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");

describe.each(Object.entries<Formula>(formulas))(
  "formula %s",
  (_, { shader, reference, test: file, shapes }) => {
    test("names a function of a shader, one of the reference, and a test", () => {
      expect(read("shaders", shader.file)).toMatch(new RegExp(`fn ${shader.entry}\\(`));
      expect(read("src/reference", reference.file)).toMatch(
        new RegExp(`export (function|const) ${reference.name}\\b`),
      );
      expect(existsSync(join(root, "test", file))).toBe(true);
    });
    test("gives shapes of the network at hand", () => {
      expect(shapes({ batch: 3, inputs: 5, outputs: 7 })).toMatch(/\[(3|5|7)/);
    });
  },
);

test("docs/formulas.md is what the table says", async () => {
  await expect(formulasMarkdown()).toMatchFileSnapshot(join(root, "docs/formulas.md"));
});
