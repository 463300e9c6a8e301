import { expect, test } from "vitest";
import { kindsOf } from "../../src/app/views/step/highlight.ts";

const tokens = (text: string, language: "wgsl" | "typescript") =>
  kindsOf(text, language).flatMap(({ kind, text: found }) => (kind ? [[kind, found]] : []));

test("WGSL: comments, directives, attributes, words and numbers are told apart", () => {
  const text =
    '#include "step.wgsl"\n@compute fn f(x: vec4u) -> f32 { return 0x1p-23 - 1u; }  // fn 3\nlet pair2 = a.if_;';
  expect(tokens(text, "wgsl")).toEqual([
    ["attribute", "#include"],
    ["string", '"step.wgsl"'],
    ["attribute", "@compute"],
    ["keyword", "fn"],
    ["keyword", "return"],
    ["number", "0x1p-23"],
    ["number", "1u"],
    ["comment", "// fn 3"],
    ["keyword", "let"],
  ]);
});

test("TypeScript: what lies in strings and comments is part of them, and names that hold words are none", () => {
  const text = "/** for `each` */ export const returned = `a {b} // no comment`; it.type(1e-5, 'it\\'s');";
  expect(tokens(text, "typescript")).toEqual([
    ["comment", "/** for `each` */"],
    ["keyword", "export"],
    ["keyword", "const"],
    ["string", "`a {b} // no comment`"],
    ["number", "1e-5"],
    ["string", "'it\\'s'"],
  ]);
});

test("nothing is lost", () => {
  const texts = import.meta.glob<string>(["../../src/reference/*.ts", "../../shaders/**/*.wgsl"], {
    query: "?raw",
    import: "default",
    eager: true,
  });
  for (const [path, text] of Object.entries(texts)) {
    const kinds = kindsOf(text, path.endsWith(".ts") ? "typescript" : "wgsl");
    expect(kinds.map((piece) => piece.text).join("")).toBe(text);
  }
});
