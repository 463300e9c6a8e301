import { baseName } from "../../../data/paths.ts";
import { shaderFiles } from "../../../kernels/lib/library.ts";
import { element } from "../../dom.ts";
import type { FormulaInForce } from "./formula-in-force.ts";
import { highlighted, type Language } from "./highlight.ts";

/* Loaded only when somebody wants to see code: its colours and the text of the reference. */

const references = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>(
      [
        "../../../reference/*.ts",
        // No formula names these.
        "!**/{augment,batch-metrics,compare,dropout,elastic,formulas,inspect,network,random,shapes,warp,normal}.ts",
      ],
      { query: "?raw", import: "default", eager: true },
    ),
  ).map(([path, text]) => [baseName(path), text]),
);

/** The shader and the reference of a formula, and the tests that hold them to each other. */
export function codeOf({ formula: { title, reference, test }, shaders }: FormulaInForce): HTMLElement {
  const panes = shaders.map(({ file, entry }) =>
    pane(`shaders/${file}`, entry, shaderFiles[baseName(file)], "wgsl"),
  );
  return element(
    "section",
    { class: "code-pair" },
    element("h4", {}, title),
    panes[0],
    pane(`src/reference/${reference.file}`, reference.name, references[reference.file], "typescript"),
    ...panes.slice(1),
    element(
      "p",
      { class: "hint" },
      "The reference is tested by ",
      element("code", {}, `test/${test}`),
      ", the shader against the reference by ",
      element("code", {}, "test/kernels"),
      ".",
    ),
  );
}

/** A file, highlighted, that begins where `name` is. */
function pane(path: string, name: string, text: string, language: Language): HTMLElement {
  const code = element("code", {}, ...highlighted(text, language));
  const scroll = element("pre", { tabindex: "0", "aria-label": path }, code);
  requestAnimationFrame(() => {
    const line = lineOf(text, name);
    const lines = text.split("\n").length;
    scroll.scrollTop = (line / lines) * code.offsetHeight;
  });
  return element("figure", { class: "code-pane" }, element("figcaption", {}, `${path}: ${name}`), scroll);
}

/** The line in which the comment above the function begins, from 0. */
function lineOf(text: string, name: string): number {
  const lines = text.split("\n");
  let line = Math.max(
    0,
    lines.findIndex((each) => new RegExp(`(fn|function|const) ${name}\\b`).test(each)),
  );
  while (line > 0 && /^( \*|\/\*|\/\/|@)/.test(lines[line - 1])) line--;
  return line;
}
