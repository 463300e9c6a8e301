import uPlot from "uplot";
import { element } from "../dom.ts";
import type { Curve } from "../step-series.ts";
import { currentTheme, type Theme, themeChanged } from "../theme.ts";
import { lossRange } from "./loss-axis.ts";

/** One line of a chart, in the order in which they are drawn. */
export interface LineStyle {
  /** Its name in the line of hover values; a line without one is drawn only. */
  readonly name?: string;
  /** It is there for comparison: its value is told only where the pointer is. */
  readonly compared?: boolean;
  /** A name in tokens.css. */
  readonly colour: string;
  /** Opacity, 0 to 1. */
  readonly alpha: number;
  readonly width: number;
  readonly dots?: boolean;
  readonly dash?: number[];
  /** The space from the line before down to this one is filled. */
  readonly bandAbove?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  /** A value as text: on the axis and as hover value. */
  readonly format: (value: number) => string;
  /** Largest value there can be, if there is one. */
  readonly most?: number;
  /** The range of the y axis is at least so large, lest its labels repeat. */
  readonly leastSpan?: number;
}

/** What a chart shows: x in steps or epochs, one curve per line. */
export interface ChartData {
  readonly lines: readonly LineStyle[];
  readonly curves: readonly Curve[];
  readonly unit: "step" | "epoch";
  readonly logarithmic: boolean;
}

/** Distances between two marks of an axis that counts: 1, 2, 5, 10 and so on. */
const wholeIncrements = Array.from(
  { length: 36 },
  (_, index) => [1, 2, 5][index % 3] * 10 ** Math.floor(index / 3),
);

const font = "11px system-ui, sans-serif";
/** Least width of an axis with values, and what of it lies beside them. */
const [leastAxis, axisGap] = [44, 10];

/** A chart that follows the width of its container and the colours of the system, and shows values under the pointer. */
export class LineChart {
  readonly #frame: HTMLElement;
  readonly #picture = element("div", { class: "plot", role: "img" });
  readonly #values = element("p", { class: "hover" });
  readonly #options: ChartOptions;
  #plot: uPlot | undefined;
  #data: ChartData = { lines: [], curves: [], unit: "step", logarithmic: false };

  constructor(container: HTMLElement, options: ChartOptions) {
    this.#options = options;
    const heading = element("h3", {}, options.title);
    this.#frame = element("div", { class: "chart" }, heading, this.#values, this.#picture);
    container.append(this.#frame);
    new ResizeObserver(() => {
      this.#plot?.setSize(this.#size);
    }).observe(this.#picture);
    // A chart that has shown nothing yet has nothing to draw anew.
    themeChanged.listen(() => this.#plot && this.#rebuild());
  }

  set visible(value: boolean) {
    this.#frame.hidden = !value;
  }

  show(data: ChartData): void {
    const form = ({ lines, unit, logarithmic }: ChartData) => JSON.stringify([lines, unit, logarithmic]);
    const rebuild = !this.#plot || form(data) !== form(this.#data);
    this.#data = data;
    if (rebuild) this.#rebuild();
    else this.#plot?.setData(aligned(data));
    this.#describe();
  }

  #rebuild(): void {
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#uplotOptions(currentTheme()), aligned(this.#data), this.#picture);
    this.#describe();
  }

  get #size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#picture;
    return { width: Math.max(clientWidth, 100), height: Math.max(clientHeight, 100) };
  }

  #uplotOptions(theme: Theme): uPlot.Options {
    const { most = Number.POSITIVE_INFINITY, leastSpan = 0.06, format } = this.#options;
    const { lines, logarithmic, unit } = this.#data;
    const axis = {
      stroke: theme.quiet,
      font,
      ticks: { show: false },
      grid: { stroke: theme.rule, width: 1 },
    };
    return {
      ...this.#size,
      legend: { show: false },
      padding: [8, 18, 0, 0],
      cursor: { drag: { x: false, y: false }, sync: { key: "run" }, points: { show: false }, y: false },
      scales: {
        x: { time: false, range: (_, from, to) => [Math.min(from ?? 0, 0), Math.max(to ?? 0, 1)] },
        y: {
          distr: logarithmic ? 3 : 1,
          range: (_, from, to) => (logarithmic ? lossRange(from, to) : range(from, to, most, leastSpan)),
        },
      },
      axes: [
        {
          ...axis,
          ...(unit === "step" && { incrs: wholeIncrements }),
          grid: { show: false },
          size: 28,
          values: (_, ticks) => ticks.map((tick) => xLabel(tick)),
        },
        {
          ...axis,
          size: ({ ctx }, labels) => axisWidth(ctx, labels),
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : format(tick))),
        },
      ],
      series: [{ label: unit }, ...lines.map((line) => seriesOf(line, theme))],
      bands: lines.flatMap(({ bandAbove, colour }, line) =>
        bandAbove
          ? [{ series: [line, line + 1] as [number, number], fill: translucent(theme.colour(colour)) }]
          : [],
      ),
      hooks: { setCursor: [() => this.#describe()] },
    };
  }

  /** Values of all named lines at the pointer, or the last ones: the other lines may go on where they have ended. */
  #describe(): void {
    const plot = this.#plot;
    if (!plot) return;
    const { format, title } = this.#options;
    const { lines, unit } = this.#data;
    const xs = plot.data[0];
    const last = Math.max(
      -1,
      ...lines.map(({ name, compared }, line) => (name && !compared ? lastPlace(plot.data[line + 1]) : -1)),
    );
    const pointed = plot.cursor.idx;
    // The chart moves its cursor later than its data, which may have become fewer points.
    const index = Math.min(pointed ?? last, xs.length - 1);
    const parts = lines.flatMap(({ name, compared, colour }, line) => {
      const told = name && (compared ? typeof pointed === "number" : index <= last);
      const value = told ? nearest(plot.data[line + 1], index) : undefined;
      return value === undefined ? [] : [{ colour, text: `${name} ${format(value)}` }];
    });
    const place = index < 0 ? "" : `${unit} ${xLabel(xs[index])}`;
    this.#values.replaceChildren(
      // First, so that what is cut off where there is no room is never the place that is pointed at.
      element("span", { class: "place" }, place),
      ...parts.map(({ colour, text }) => element("span", { class: `key ${colour}` }, text)),
    );
    const words = parts.map(({ text }) => text).join(", ");
    this.#picture.setAttribute(
      "aria-label",
      `${title}: ${words ? `${words} at ${place}` : "nothing measured yet"}`,
    );
  }
}

function seriesOf({ colour, alpha, width, dots, dash }: LineStyle, theme: Theme): uPlot.Series {
  const stroke = theme.colour(colour);
  const points = { show: dots ?? false, size: 5, fill: stroke };
  return { stroke, alpha, width, spanGaps: true, points, ...(dash && { dash }) };
}

/** `#rrggbb` as the ground behind lines. */
function translucent(colour: string): string {
  return `${colour}33`;
}

/** CSS pixels that an axis with these labels takes: as many as the longest needs. */
function axisWidth(context: CanvasRenderingContext2D, labels: readonly string[] | null): number {
  // The chart knows the font that it set last.
  context.save();
  context.font = font;
  const widths = (labels ?? []).map((label) => context.measureText(label).width);
  context.restore();
  return Math.max(leastAxis, ...widths.map((width) => width + axisGap));
}

/** All curves on one x axis; a curve has null where it has no point. */
function aligned({ curves }: ChartData): uPlot.AlignedData {
  const tables = curves.map(({ steps, values }): uPlot.AlignedData => [[...steps], [...values]]);
  const modes = tables.map((): uPlot.JoinNullMode[] => [0, 0]);
  return tables.length === 0 ? [[]] : uPlot.join(tables, modes);
}

/** The range of the y axis: that of the values with some margin, and at least `leastSpan`. */
function range(from: number | null, to: number | null, most: number, leastSpan: number): [number, number] {
  if (from === null || to === null) return [0, 1];
  const margin = Math.max((to - from) * 0.06, (leastSpan - (to - from)) / 2);
  return [Math.max(0, from - margin), Math.min(most, to + margin)];
}

/** Where a line has its last value; -1 if it has none. */
function lastPlace(values: ArrayLike<number | null | undefined>): number {
  let place = values.length - 1;
  while (place >= 0 && (values[place] === null || values[place] === undefined)) place--;
  return place;
}

/** The value at `index` or, where a line has none, at the nearest place that has. */
function nearest(values: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let distance = 0; distance < values.length; distance++) {
    const found = values[index - distance] ?? values[index + distance];
    if (found !== null && found !== undefined) return found;
  }
  return undefined;
}

function xLabel(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}
