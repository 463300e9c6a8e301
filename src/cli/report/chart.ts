import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { grouped } from "../format.ts";
import { accuracyText, lossText, rateText } from "./figures.ts";
import { Html, html } from "./html.ts";

/** Points of a curve at most: longer ones show every so many epochs. */
const mostPoints = 1000;
/** Up to this many points every one has a mark of its own. */
const mostMarks = 40;
/** In units of the drawing, which scales with the page; the text in it is 12 of them high. */
const width = 400;
const height = 240;

export interface Point {
  readonly epoch: number;
  /** NaN breaks the line. */
  readonly value: number;
}

/** A line of a chart. */
export interface Series {
  /** What descriptions and tooltips call it. */
  readonly name: string;
  /** Classes of its line and marks, which the style sheet colours. */
  readonly className: string;
  readonly points: readonly Point[];
  /** Whether it is there for comparison alone: without marks, and no part of descriptions. */
  readonly isQuiet?: boolean;
}

/** What a chart can show. */
interface Quantity {
  readonly name: string;
  /** A value in words, and at the axis if that is another text. */
  readonly text: (value: number) => string;
  readonly tick?: (value: number) => string;
}

const quantities = {
  loss: { name: "loss", text: lossText },
  accuracy: { name: "accuracy", text: accuracyText, tick: shareFormat },
  learningRate: { name: "the learning rate", text: rateText, tick: rateText },
} satisfies Record<string, Quantity>;

/** A quantity by epoch, as a drawing. */
export function chart(of: keyof typeof quantities, all: readonly Series[]): Html {
  const quantity: Quantity = quantities[of];
  const lines = all.map((line) => ({ ...line, points: thinned(line.points, mostPoints) }));
  const loud = lines.filter(({ isQuiet }) => !isQuiet);
  const finite = loud.flatMap(({ points }) => points.map(({ value }) => value)).filter(Number.isFinite);
  if (finite.length === 0) return html`<p class="note">There is no figure that is finite.</p>`;
  const epochs = all.flatMap(({ points }) => points.map(({ epoch }) => epoch));
  const [first, last] = [least(epochs), greatest(epochs)];
  return plot({
    ariaLabel: description(quantity, loud),
    width,
    height,
    marginTop: 10,
    marginRight: 14,
    marginBottom: 36,
    marginLeft: 46,
    x: { domain: [first, Math.max(first + 1, last)], label: "epoch" },
    y: {
      // Those that are there for comparison alone may leave the drawing.
      ...(loud.length < lines.length && { domain: [least(finite), greatest(finite)] }),
      ...(least(finite) === greatest(finite) && { domain: around(finite[0]) }),
      label: null,
      grid: true,
      nice: true,
      ticks: 5,
      ...(quantity.tick && { tickFormat: quantity.tick }),
    },
    marks: [
      Plot.axisX(integerTicks(first, last), {
        tickFormat: grouped,
        labelAnchor: "center",
        labelArrow: "none",
        tickSize: 4,
      }),
      ...lines.flatMap((line) => marks(line, quantity)),
    ],
  });
}

/** A drawing that needs no script and no style but the page's. @param options as Plot has them; `ariaLabel` says what it shows */
export function plot(options: Plot.PlotOptions & { readonly ariaLabel: string }): Html {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({ document, className: "plot", ...options });
  svg.setAttribute("role", "img");
  // An image is one thing to assistive technology: its parts go without names.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  // The page's style sheet is the only one that its security policy admits.
  svg.querySelector("style")?.remove();
  return new Html(svg.outerHTML);
}

/** A line, with a mark on each point where they are few. */
function marks({ name, className, points, isQuiet }: Series, { text }: Quantity) {
  const channels = { x: "epoch", y: "value" };
  const line = Plot.lineY(points, {
    ...channels,
    className: `line ${className}`,
    ...(isQuiet && { clip: true }),
  });
  if (isQuiet || points.length > mostMarks) return [line];
  const title = ({ epoch, value }: Point) => `${name}, epoch ${epoch}: ${text(value)}`;
  return [line, Plot.dot(points, { ...channels, r: 2.5, className: `dot ${className}`, title })];
}

/** At most about `most` of `items`, evenly spread, the last one included. */
export function thinned<T>(items: readonly T[], most: number): T[] {
  const stride = Math.ceil(items.length / most);
  return items.filter((_, index) => (items.length - 1 - index) % stride === 0);
}

/** Whole numbers for an axis from `first` to `last`: up to about eight, at round distances. */
export function integerTicks(first: number, last: number): number[] {
  const wanted = Math.max(1, (last - first) / 8);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10]
    .map((factor) => factor * power)
    .find((candidate) => candidate >= wanted) as number;
  const ticks = [];
  for (let tick = Math.ceil(first / step) * step; tick <= last; tick += step) ticks.push(tick);
  return ticks;
}

/** An axis around a single value. */
function around(value: number): [number, number] {
  const room = Math.abs(value) * 0.1 || 0.1;
  return [value - room, value + room];
}

function shareFormat(share: number): string {
  return `${Number((100 * share).toFixed(3))}%`;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

function description({ name: quantity, text }: Quantity, lines: readonly Series[]): string {
  const ends = lines.map(({ name, points }) => {
    if (points.length === 0) return "";
    const [from, to] = [points[0], points[points.length - 1]];
    return points.length === 1
      ? `, ${name} ${text(from.value)} at epoch ${from.epoch}`
      : `, ${name} from ${text(from.value)} at epoch ${from.epoch} to ${text(to.value)} at epoch ${to.epoch}`;
  });
  return `Curve of ${quantity}${ends.join("")}`;
}
