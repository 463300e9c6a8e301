/** HTML that is put into a page as it is. */
export class Html {
  /** @param text markup in which everything that came from outside is escaped */
  constructor(readonly text: string) {}
}

/** What a template may hold: markup stays, text is escaped, what is absent leaves nothing. */
export type Part = Html | string | number | undefined | readonly Part[];

/** Markup from a template literal; every string in it is escaped for text and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, index) => text + markup(parts[index - 1]) + string));
}

function markup(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(markup).join("");
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
