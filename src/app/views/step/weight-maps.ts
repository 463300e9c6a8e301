import { colourLimit } from "../../../model/colour-limit.ts";
import type { FloatArray } from "../../../model/parameters.ts";
import { element, setVariable, stillPicture } from "../../dom.ts";
import { drawSigned, signedPalette } from "../signed-picture.ts";

/** Pictures beside each other before a new line begins. */
const mostInLine = 10;

/** One kind of picture, one of them for each unit. */
export interface MapRow {
  readonly title: string;
  /** The numbers of each unit, one for each of its inputs. */
  readonly values: readonly FloatArray[];
  /** The size that has the full colour; by the numbers themselves unless given. */
  readonly limit?: number;
}

/** Pictures of the numbers that belong to the weights of some units: a row for each kind, a column for each unit. */
export function weightMaps(
  { what, names }: { readonly what: string; readonly names: readonly string[] },
  rows: readonly MapRow[],
  columns: number,
  chosen: { readonly index: number; readonly choose: (index: number) => void },
): HTMLElement {
  const inLine = Math.min(mostInLine, names.length);
  const palette = signedPalette();
  const line = (title: string, cells: readonly Node[]) =>
    element(
      "div",
      { class: "map-row" },
      setVariable(element("p", { class: "map-title" }, title), "--lines", Math.ceil(names.length / inLine)),
      ...cells,
    );
  const choices = names.map((name, index) => {
    const made = element(
      "button",
      { type: "button", class: "map-name", "aria-pressed": String(index === chosen.index) },
      element("span", { class: "visually-hidden" }, `${what} `),
      name,
    );
    made.addEventListener("click", () => chosen.choose(index));
    return made;
  });
  const maps = rows.map(({ title, values, limit = limitOf(values) }) =>
    line(
      title,
      values.map((numbers, index) => {
        const draw = (canvas: HTMLCanvasElement) => drawSigned(canvas, numbers, columns, limit, palette);
        return stillPicture(draw, { class: "map", alt: `${title}, ${what} ${names[index]}` });
      }),
    ),
  );
  return setVariable(element("div", { class: "maps" }, line(what, choices), ...maps), "--in-line", inLine);
}

/** One scale for all: three times the root mean square of their numbers. */
function limitOf(values: readonly FloatArray[]): number {
  return (
    Math.max(
      ...values.map((numbers) => (numbers.some((number) => number !== 0) ? colourLimit(numbers) : 0)),
    ) || 1
  );
}
