import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { printable, takesEscapes, writeLine } from "../../src/node/terminal.ts";

describe("printable", () => {
  it.each([
    ["colours", "\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"],
    ["a bell, a backspace and a return", "a\x07b\bc\r", "a\\u0007b\\u0008c\\u000d"],
    ["ends of lines", "one\ntwo\u0085three\u2028four", "one\\u000atwo\\u0085three\\u2028four"],
    ["controls of one byte", "\x7f\u009b2J", "\\u007f\\u009b2J"],
    ["overrides and isolates", "\u202egnp.\u2066x\u200f", "\\u202egnp.\\u2066x\\u200f"],
    ["what is written in the world", "Zürich 七 עברית 👩‍🔬 C:\\new", "Zürich 七 עברית 👩‍🔬 C:\\new"],
  ])("%s", (_, text, expected) => {
    expect(printable(text)).toBe(expected);
    expect(printable(printable(text))).toBe(expected);
    // JSON stays what it was.
    expect(JSON.parse(printable(JSON.stringify({ text })))).toEqual({ text });
  });
});

describe("lines for the terminal", () => {
  it("are one each", () => {
    const stream = new PassThrough();
    writeLine(stream, "a\nb");
    expect(String(stream.read())).toBe("a\\u000ab\n");
  });

  it("are written in no other way", () => {
    const files = ["src/cli", "src/node"].flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name)),
    );
    const writing = /\b(stdout|stderr)\.write\(|\bconsole\.|\bstream\.write\(/;
    const found = files.filter((file) => file.endsWith(".ts") && writing.test(readFileSync(file, "utf8")));
    expect(found).toEqual([join("src", "node", "terminal.ts")]);
  });
});

describe("escapes go", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["to a terminal", true, { TERM: "xterm-256color" }, true],
    ["to one without a name", true, { TERM: undefined }, true],
    ["where NO_COLOR is empty", true, { NO_COLOR: "" }, true],
    ["not to a dumb one", true, { TERM: "dumb" }, false],
    ["not where nobody wants them", true, { NO_COLOR: "1" }, false],
    ["not to a file or a pipe", undefined, {}, false],
  ])("%s", (_, isTTY, variables, expected) => {
    for (const name of ["TERM", "NO_COLOR"]) vi.stubEnv(name, undefined);
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect(Boolean(takesEscapes({ isTTY } as NodeJS.WriteStream))).toBe(expected);
  });
});
