import { percentage } from "../../../data/percentage.ts";
import { element, setVariable } from "../../dom.ts";

/** A column of numbers, each with its bar. */
export interface BarColumn {
  readonly title: string;
  /** One number a row. */
  readonly values: ArrayLike<number>;
  /** To both sides of zero, in the hues of signs; or from zero on, in that of what units put out. */
  readonly kind: "signed" | "share";
  /** The size that fills a bar; the largest of the column unless given. */
  readonly most?: number;
  readonly text?: (value: number) => string;
}

export interface BarTable {
  readonly caption: string;
  /** What a row is of. */
  readonly what: string;
  readonly names: readonly (string | Node)[];
  readonly columns: readonly BarColumn[];
  /** The row to look at. */
  readonly marked?: number;
}

/** Numbers as bars beside each other, a row for each unit or class. Every digit of a number is in its `data` element. */
export function numberBars({ caption, what, names, columns, marked }: BarTable): HTMLTableElement {
  const most = columns.map(
    ({ values, most }) => most ?? Math.max(...Array.from(values, (value) => Math.abs(value)), 1e-12),
  );
  const rows = names.map((name, row) =>
    element(
      "tr",
      row === marked ? { class: "marked" } : {},
      element("th", { scope: "row", ...(typeof name === "string" && { title: name }) }, name),
      ...columns.map((column, at) => barCell(column, column.values[row], most[at])),
    ),
  );
  const heads = columns.map(({ title }) => element("th", { scope: "col" }, title));
  return element(
    "table",
    { class: "number-bars" },
    element("caption", { class: "visually-hidden" }, caption),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, what), ...heads)),
    element("tbody", {}, ...rows),
  );
}

function barCell({ kind, text = shortText }: BarColumn, value: number, most: number): HTMLElement {
  const side = kind === "share" ? "share" : value < 0 ? "negative" : "positive";
  const share = Math.min(1, Math.abs(value) / most);
  const fill = setVariable(element("div", { class: `fill ${side}` }), "--share", share);
  return element(
    "td",
    {},
    element(
      "div",
      { class: "bar-cell" },
      exact(value, text(value)),
      element("div", { class: `rail ${kind}`, "aria-hidden": "true" }, fill),
    ),
  );
}

/** A number with all of its digits, shown as `shown`. */
export function exact(value: number, shown = shortText(value)): HTMLElement {
  return element("data", { value: String(value) }, shown);
}

/** Three digits that matter, and a minus sign that is one. */
function shortText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text = size < 0.001 || size >= 10_000 ? value.toExponential(1) : value.toFixed(size >= 100 ? 1 : 3);
  return text.replaceAll("-", "−");
}

export function percentText(share: number): string {
  return `${percentage(share, 1)}%`;
}
