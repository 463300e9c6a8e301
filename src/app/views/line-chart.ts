import uPlot from "uplot";
import { element } from "../dom.ts";
import type { Curve } from "../step-series.ts";
import { currentTheme, type Theme, themeChanged } from "../theme.ts";

/** One line of a chart, in the order in which they are drawn. */
export interface LineStyle {
  /** Its name in the line of hover values; a line without one is drawn only. */
  readonly name?: string;
  readonly colour: "train" | "test" | "quiet";
  /** Opacity, 0 to 1. */
  readonly alpha: number;
  readonly width: number;
  readonly dots?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly lines: readonly LineStyle[];
  /** A value as text: on the axis and as hover value. */
  readonly format: (value: number) => string;
  /** Largest value there can be, if there is one. */
  readonly most?: number;
  /** The range of the y axis is at least so large, lest its labels repeat. */
  readonly leastSpan?: number;
}

/** What a chart shows: x in steps or epochs, one curve per line. */
export interface ChartData {
  readonly curves: readonly Curve[];
  readonly unit: "step" | "epoch";
  readonly logarithmic: boolean;
  /** What lines are called at the moment, where that is not the name of their style. */
  readonly names?: Readonly<Record<string, string>>;
}

const font = "11px system-ui, sans-serif";

/** A chart that follows the width of its container and the colours of the system, and shows values under the pointer. */
export class LineChart {
  readonly #frame: HTMLElement;
  readonly #picture = element("div", { class: "plot", role: "img" });
  readonly #values = element("p", { class: "hover" });
  readonly #options: ChartOptions;
  #plot: uPlot | undefined;
  #data: ChartData = { curves: [], unit: "step", logarithmic: false };

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
    const rebuild =
      !this.#plot || data.logarithmic !== this.#data.logarithmic || data.unit !== this.#data.unit;
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
    const { lines, most = Number.POSITIVE_INFINITY, leastSpan = 0.06, format } = this.#options;
    const { logarithmic, unit } = this.#data;
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
          ...(!logarithmic && { range: (_, from, to) => range(from, to, most, leastSpan) }),
        },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 28, values: (_, ticks) => ticks.map((tick) => xLabel(tick)) },
        {
          ...axis,
          size: 44,
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : format(tick))),
        },
      ],
      series: [{ label: unit }, ...lines.map((line) => seriesOf(line, theme))],
      hooks: { setCursor: [(plot) => this.#hover(plot)] },
    };
  }

  /** Values of all named lines at the pointer, or the last ones. */
  #hover(plot: uPlot): void {
    const at = plot.cursor.idx ?? plot.data[0].length - 1;
    this.#describe(at);
  }

  #describe(at?: number): void {
    const plot = this.#plot;
    if (!plot) return;
    const { lines, format, title } = this.#options;
    const xs = plot.data[0];
    const index = Math.min(at ?? plot.cursor.idx ?? xs.length - 1, xs.length - 1);
    const parts = lines.flatMap(({ name, colour }, line) => {
      const value = name === undefined ? undefined : nearest(plot.data[line + 1], index);
      return value === undefined
        ? []
        : [{ colour, text: `${this.#data.names?.[name!] ?? name} ${format(value)}` }];
    });
    const place = xs.length === 0 ? "" : `${this.#data.unit} ${xLabel(xs[index])}`;
    this.#values.replaceChildren(
      ...parts.map(({ colour, text }) => element("span", { class: `key ${colour}` }, text)),
      element("span", { class: "place" }, place),
    );
    const words = parts.map(({ text }) => text).join(", ");
    this.#picture.setAttribute(
      "aria-label",
      `${title}: ${words ? `${words} at ${place}` : "nothing measured yet"}`,
    );
  }
}

function seriesOf({ colour, alpha, width, dots }: LineStyle, theme: Theme): uPlot.Series {
  const stroke = theme[colour];
  return { stroke, alpha, width, spanGaps: true, points: { show: dots ?? false, size: 5, fill: stroke } };
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
