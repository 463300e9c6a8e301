import { element } from "../../dom.ts";

/*
 * The colours of code: two languages, of which comments, words, numbers and strings are told apart. A library that knows more costs
 * the page a thirtieth of its size.
 */

const words = {
  typescript:
    "as async await break case class const continue default else export extends false for from function if implements import in " +
    "instanceof interface keyof let new null of private readonly return satisfies static switch this throw true type typeof " +
    "undefined while yield",
  wgsl:
    "alias break case const continue continuing default diagnostic discard else enable false fn for if let loop override requires " +
    "return struct switch true var while",
} as const;

export type Language = keyof typeof words;

/** What is coloured, by the names of its groups; `{name}` in a string of backticks is part of it. */
function grammarOf(language: Language): RegExp {
  return new RegExp(
    [
      String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
      String.raw`(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|${"`"}(?:\\.|[^${"`"}\\])*${"`"})`,
      String.raw`(?<attribute>@\w+|^[ \t]*#\w+)`,
      String.raw`(?<number>(?<![\w.])(?:0[xX][\da-fA-F._]+(?:[pP][+-]?\d+)?|\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?)[fhiun]?)`,
      String.raw`(?<keyword>(?<![\w.])(?:${words[language].replaceAll(" ", "|")})(?!\w))`,
    ].join("|"),
    "gm",
  );
}

/** A piece of a text, and what it is if it is to be told apart. */
interface Piece {
  readonly text: string;
  readonly kind?: string | undefined;
}

/** The pieces of `text`, one behind the other. */
export function kindsOf(text: string, language: Language): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, 0: found, groups = {} } of text.matchAll(grammarOf(language))) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    pieces.push({ text: text.slice(end, index) }, { text: found, kind });
    end = index + found.length;
  }
  return [...pieces, { text: text.slice(end) }];
}

/** `text` with an element around each piece that is told apart; text is never parsed as HTML. */
export function highlighted(text: string, language: Language): (Node | string)[] {
  return kindsOf(text, language).map((piece) =>
    piece.kind ? element("span", { class: `token ${piece.kind}` }, piece.text) : piece.text,
  );
}
