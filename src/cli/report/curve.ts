import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { grouped } from "../format.ts";
import { Html, html } from "./html.ts";

/** Up to this many points every one has a mark of its own. */
const mostMarks = 40;
/** In units of the drawing, which scales with the page; the text in it is 12 of them high. */
const width = 400;
const height = 240;

/** One value by epoch; NaN breaks the line. */
export interface Point {
  readonly epoch: number;
  readonly value: number;
}

/** A line of a drawing. */
export interface Line {
  /** As marks and the description name it. */
  readonly name: string;
  readonly colour: "train" | "test";
  readonly points: readonly Point[];
}

/** A drawing of lines over epochs. */
export interface CurveData {
  /** What is drawn: loss. */
  readonly what: string;
  readonly lines: readonly Line[];
  /** A value in words, and at the axis if that is another text. */
  readonly text: (value: number) => string;
  readonly tick?: (value: number) => string;
}

/** The drawing as SVG, with its ends in words for those who do not see it. */
export function curve({ what, lines, text, tick }: CurveData): Html {
  const points = lines.flatMap((line) => line.points);
  const finite = points.map(({ value }) => value).filter(Number.isFinite);
  if (finite.length === 0) return html`<p class="note">No figure of this run is finite.</p>`;
  const epochs = points.map(({ epoch }) => epoch);
  const [first, last] = [leastOf(epochs), greatestOf(epochs)];
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document,
    className: "plot",
    ariaLabel: `Curve of ${what}${lines.map((line) => ends(line, text)).join("")}`,
    width,
    height,
    marginTop: 10,
    marginRight: 14,
    marginBottom: 36,
    marginLeft: 46,
    x: { domain: [first, Math.max(first + 1, last)], label: "epoch" },
    y: {
      ...(leastOf(finite) === greatestOf(finite) && { domain: around(finite[0]) }),
      label: null,
      grid: true,
      nice: true,
      ticks: 5,
      ...(tick && { tickFormat: tick }),
    },
    marks: [
      Plot.axisX(integerTicks(first, last), {
        tickFormat: grouped,
        labelAnchor: "center",
        labelArrow: "none",
        tickSize: 4,
      }),
      ...lines.flatMap((line) => marksOf(line, text)),
    ],
  });
  svg.setAttribute("role", "img");
  // An image is one thing to assistive technology: its parts go without names.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  // The page's style sheet is the only one that its security policy admits.
  svg.querySelector("style")?.remove();
  return new Html(svg.outerHTML);
}

/** A line, with a mark on each point where they are few. */
function marksOf({ name, colour, points }: Line, text: (value: number) => string) {
  const channels = { x: "epoch", y: "value" };
  const few = points.length <= mostMarks;
  return [
    Plot.lineY(points, { ...channels, className: `line ${colour}` }),
    ...(few
      ? [
          Plot.dot(points, {
            ...channels,
            r: 2.5,
            className: `dot ${colour}`,
            title: ({ epoch, value }: Point) => `${name}, epoch ${epoch}: ${text(value)}`,
          }),
        ]
      : []),
  ];
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

/** Where a line begins and ends, in words. */
function ends({ name, points }: Line, text: (value: number) => string): string {
  if (points.length === 0) return "";
  const [from, to] = [points[0], points[points.length - 1]];
  return points.length === 1
    ? `, ${name} ${text(from.value)} at epoch ${from.epoch}`
    : `, ${name} from ${text(from.value)} at epoch ${from.epoch} to ${text(to.value)} at epoch ${to.epoch}`;
}

const leastOf = (values: readonly number[]) => values.reduce((least, value) => Math.min(least, value));
const greatestOf = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value));
