import { percentage } from "../../../data/percentage.ts";
import type { Inspection } from "../../../reference/inspect.ts";
import { byId, element, setVariable } from "../../dom.ts";
import type { Inside } from "../../inside.ts";
import { inputOf, ranking, sumOf, termsOf, type Unit } from "../../network/units.ts";
import type { Training } from "../../training.ts";
import { shownClass } from "../class-name.ts";
import { bytesOf, drawDigit } from "../digit-picture.ts";
import { drawSigned } from "../signed-picture.ts";
import { activationCurve } from "./activation-curve.ts";
import { numberText, termText, unitTitle } from "./shown-units.ts";

/** Terms that are listed on each side. */
const mostTerms = 5;

/** A unit taken apart: its sum with its numbers, its image, its activation, and who spoke for it and against. */
export class UnitView {
  readonly #training: Training;
  readonly #inside: Inside;
  readonly #container = byId("unit");
  readonly #body = element("div", { class: "unit-body" });
  readonly #close: HTMLButtonElement;
  /** What stays open until another one is opened. */
  #opened: Unit | undefined;
  #pointed: Unit | undefined;

  constructor(training: Training, inside: Inside) {
    this.#training = training;
    this.#inside = inside;
    this.#close = element("button", { type: "button", class: "close" }, "Close");
    this.#close.addEventListener("click", () => this.close());
    this.#container.append(this.#body);
    training.replaced.listen(() => {
      this.#opened = this.#pointed = undefined;
    });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
  }

  /** Shows a unit while it is pointed at, if none is open. */
  point(place: Unit | undefined): void {
    if (this.#pointed?.layer === place?.layer && this.#pointed?.unit === place?.unit) return;
    this.#pointed = place;
    this.show();
  }

  open(place: Unit): void {
    this.#opened = place;
    this.show();
  }

  close(): void {
    // Before nothing is pointed at: the focus points, too.
    if (document.activeElement === this.#close)
      byId("network").querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
    this.#opened = this.#pointed = undefined;
    this.show();
  }

  /** Brings what is shown up to date. */
  show(): void {
    const place = this.#opened ?? this.#pointed;
    const { answer } = this.#inside;
    for (const node of byId("network").querySelectorAll<HTMLElement>("[data-unit]")) {
      const { layer, unit } = node.dataset;
      const isOpen = Number(layer) === this.#opened?.layer && Number(unit) === this.#opened.unit;
      const control = node.matches("button") ? node : node.querySelector("button");
      control?.setAttribute("aria-pressed", String(isOpen));
    }
    if (!place || !answer) {
      this.#body.replaceChildren(
        element(
          "p",
          { class: "hint" },
          "Point at a unit or a class to see its sum; press it to keep it open.",
        ),
      );
      return;
    }
    const isClass = place.layer === answer.layers.length - 1;
    const title = isClass ? this.#classTitle(answer, place) : unitTitle(place);
    this.#body.replaceChildren(
      element(
        "div",
        { class: "unit-head" },
        element("h3", {}, title),
        ...(this.#opened ? [this.#close] : []),
      ),
      this.#sum(answer, place, isClass),
      ...(place.layer === 0 ? [this.#images(answer, place)] : [this.#terms(answer, place)]),
      ...(isClass ? this.#why(answer, place) : [this.#passesOn(answer, place)]),
    );
  }

  #classTitle(inspection: Inspection, { unit }: Unit): string {
    const name = this.#className(unit);
    return ranking(inspection)[0] === unit ? `Why ${name}?` : `How much of a ${name}?`;
  }

  #className(unit: number): string {
    return shownClass(this.#training.dataset, unit);
  }

  /** z = sum + b = ..., a = f(z), and the point on the curve. */
  #sum(inspection: Inspection, place: Unit, isClass: boolean): HTMLElement {
    const { spokeFor, spokeAgainst, bias, z, a } = sumOf(inspection, place);
    const { activation } = this.#training.config;
    const what = place.layer === 0 ? "w·x" : "w·a";
    const numbers = element(
      "p",
      { class: "formula" },
      `z = Σ ${what} + b = ${numberText(spokeFor + spokeAgainst)} ${termText(bias)} = `,
      element("b", {}, numberText(z)),
      element("br"),
      isClass ? "softmax: e^z as a share of all classes' = " : `a = ${activation}(z) = `,
      element("b", {}, isClass ? `${percentage(a, 1)}%` : numberText(a)),
    );
    const sides = element(
      "p",
      { class: "sides" },
      element("span", { class: "key positive" }, `spoke for it: ${termText(spokeFor)}`),
      element("span", { class: "key negative" }, `against it: ${numberText(spokeAgainst)}`),
    );
    const words = element("div", {}, numbers, sides);
    return element(
      "div",
      { class: "unit-sum" },
      words,
      ...(isClass ? [] : [activationCurve(activation, z, a)]),
    );
  }

  /** x, w and their product, pixel by pixel. */
  #images(inspection: Inspection, place: Unit): HTMLElement {
    const { columns, rows } = this.#training.dataset.train;
    const { weight, inputs } = inspection.parameters[0];
    const terms = termsOf(inspection, inspection.input, place);
    const figure = (caption: string, draw: (canvas: HTMLCanvasElement) => void) => {
      const canvas = element("canvas", { class: "digit", role: "img", "aria-label": caption });
      draw(canvas);
      return element("figure", {}, canvas, element("figcaption", {}, caption));
    };
    const own = weight.subarray(place.unit * inputs, (place.unit + 1) * inputs);
    return element(
      "div",
      { class: "unit-images" },
      figure("x: the image", (canvas) => drawDigit(canvas, bytesOf(inspection.input), { rows, columns })),
      element("span", { class: "operator", "aria-hidden": "true" }, "×"),
      figure("w: its weights", (canvas) => drawSigned(canvas, own, columns)),
      element("span", { class: "operator", "aria-hidden": "true" }, "="),
      figure("w·x: what each pixel says", (canvas) => drawSigned(canvas, terms, columns)),
    );
  }

  /** The units before it with the largest products. */
  #terms(inspection: Inspection, place: Unit): HTMLElement {
    const input = inputOf(inspection, place.layer);
    const { weight, inputs } = inspection.parameters[place.layer];
    const terms = termsOf(inspection, input, place);
    const row = (at: number) =>
      `unit ${at + 1}: ${numberText(input[at])} × ${numberText(weight[place.unit * inputs + at])}`;
    return termTable("a × w of the units before it", terms, row);
  }

  /** For a class: what made the difference to the one that came closest, unit by unit. */
  #why(inspection: Inspection, { layer, unit }: Unit): HTMLElement[] {
    if (layer === 0) return [];
    const [first, second] = ranking(inspection);
    const other = unit === first ? second : first;
    const input = inputOf(inspection, layer);
    const own = termsOf(inspection, input, { layer, unit });
    const others = termsOf(inspection, input, { layer, unit: other });
    const lead = own.map((term, at) => term - others[at]);
    const title = `Why ${this.#className(unit)} rather than ${this.#className(other)}: a × difference of weights`;
    return [termTable(title, lead, (at) => `unit ${at + 1}`)];
  }

  /** For a hidden unit: what it says to the layer after it. */
  #passesOn(inspection: Inspection, { layer, unit }: Unit): HTMLElement {
    const next = inspection.parameters[layer + 1];
    const a = inspection.layers[layer].A[unit];
    const passed = Float64Array.from(
      { length: next.outputs },
      (_, to) => a * next.weight[to * next.inputs + unit],
    );
    const toClasses = layer + 2 === inspection.layers.length;
    const row = (to: number) => (toClasses ? `class ${this.#className(to)}` : `unit ${to + 1}`);
    return termTable(
      toClasses ? "What it says to the classes" : "What it says to the next layer",
      passed,
      row,
    );
  }
}

/** The largest positive and negative terms as bars. */
function termTable(caption: string, terms: Float64Array, nameOf: (at: number) => string): HTMLElement {
  const bySize = [...terms.keys()].sort((a, b) => terms[b] - terms[a]);
  const speaking = [
    ...bySize.slice(0, mostTerms).filter((at) => terms[at] > 0),
    ...bySize.slice(-mostTerms).filter((at) => terms[at] < 0),
  ];
  const most = Math.max(...speaking.map((at) => Math.abs(terms[at])), 1e-9);
  const rows = speaking.map((at) => {
    const side = terms[at] < 0 ? "negative" : "positive";
    const fill = setVariable(
      element("div", { class: `fill ${side}` }),
      "--share",
      Math.abs(terms[at]) / most,
    );
    return element(
      "tr",
      {},
      element("th", { scope: "row", title: nameOf(at) }, nameOf(at)),
      element("td", { class: "track" }, element("div", { class: "rail" }, fill)),
      element("td", { class: "amount" }, termText(terms[at])),
    );
  });
  return element("table", { class: "terms" }, element("caption", {}, caption), element("tbody", {}, ...rows));
}
