import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Formula, formulas } from "../../src/reference/formulas.ts";

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

/** The table as a page of Markdown, with the shapes of the article's network. */
function formulasMarkdown(): string {
  const sizes = { batch: 64, inputs: 784, outputs: 10 };
  const sections = Object.values<Formula>(formulas).map((formula) =>
    [
      `## ${formula.title}`,
      "",
      `| | |`,
      `|---|---|`,
      `| in the article | \`${formula.article}\` |`,
      `| here | \`${formula.here}\` |`,
      `| shapes, 784 → 10 at batch size 64 | \`${formula.shapes(sizes)}\` |`,
      `| shader | [${formula.shader.file}](../shaders/${formula.shader.file}), \`${formula.shader.entry}\` |`,
      `| reference | [${formula.reference.file}](../src/reference/${formula.reference.file}), \`${formula.reference.name}\` |`,
      `| test | [${formula.test}](../test/${formula.test}) |`,
      `| fused | ${formula.fused} |`,
    ].join("\n"),
  );
  return [
    "# The article's formulas, and where they are computed",
    "",
    "Every formula of *MNIST Classification Using Neural Network (Step by Step) From Scratch*, in the order of a training step.",
    "The article has samples as columns; here they are rows. The shaders named are the portable ones, the ones to read first.",
    "Written from `src/reference/formulas.ts`; `npx vitest run test/reference/formulas.test.ts -u` writes it anew.",
    "",
    sections.join("\n\n"),
    "",
  ].join("\n");
}
