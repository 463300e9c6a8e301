import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Point, Series } from "./scale.ts";

const width = 420;
const height = 300;

/** From this ratio of the largest to the smallest figure on, an axis is logarithmic; below, it begins at zero. */
const widelySpread = 5;

/** A series as an SVG picture: steps per second on the left, GFLOP/s on the right. */
export function seriesPicture(series: Series, adapter: string): string {
  const { document } = parseHTML("<html><body></body></html>");
  const panels = [
    panel(document, series, "steps per second", () => 1),
    panel(document, series, "GFLOP/s", ({ gigaflops, stepsPerSecond }) => gigaflops / stepsPerSecond.median),
  ];
  const placed = panels.map((svg, index) => {
    // Its rules are for a page's layout, and would override the size of a nested picture.
    svg.querySelector("style")?.remove();
    svg.setAttribute("x", String(index * width));
    svg.setAttribute("y", "30");
    return svg.outerHTML;
  });
  const title = `${series.title} by ${series.quantity}, on ${adapter}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * width}" height="${height + 30}" role="img"`,
    ` viewBox="0 0 ${2 * width} ${height + 30}" font-family="system-ui, sans-serif" aria-label="${title}">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${width}" y="20" text-anchor="middle" font-size="13">${title}</text>`,
    ...placed,
    "</svg>\n",
  ].join("");
}

/** One plot: the median of the rounds, and the range of all of them. @param unit what a step per second counts as */
function panel(
  document: Document,
  { quantity, points }: Series,
  label: string,
  unit: (point: Point) => number,
): Element {
  const measure = (which: "median" | "min" | "max") => (point: Point) =>
    point.stepsPerSecond[which] * unit(point);
  const median = measure("median");
  const medians = points.map(median);
  const wide = Math.max(...medians) > widelySpread * Math.min(...medians);
  const lines = new Set(points.map(({ line }) => line));
  // A logarithmic axis has no place for a network without hidden layer.
  const scale = points.some(({ value }) => value === 0) ? "linear" : "log";
  const ticks = [...new Set(points.map(({ value }) => value))];
  // The lines' names, each beside its end: where the ends are close, above the upper and below the lower one.
  const names = [...lines]
    .map((line) => points.findLast((point) => point.line === line)!)
    .sort((a, b) => median(b) - median(a));
  return Plot.plot({
    document,
    width,
    height,
    marginLeft: 55,
    marginRight: 60,
    grid: true,
    x: { type: scale, label: `${quantity} →`, ticks },
    y: {
      ...(wide ? { type: "log" } : { type: "linear", zero: true }),
      label: `↑ ${label}`,
      ticks: 5,
      tickFormat: (value: number) => shortNumber(value),
    },
    color: { domain: [...lines], range: ["#1f6feb", "#d1570a"] },
    marks: [
      // By `text`: a logarithmic axis leaves labels out when it is given a format.
      Plot.axisX(ticks, { text: shortNumber }),
      Plot.ruleX(points, {
        x: "value",
        y1: measure("min"),
        y2: measure("max"),
        stroke: "line",
        strokeOpacity: 0.5,
      }),
      Plot.line(points, { x: "value", y: median, stroke: "line", strokeWidth: 2 }),
      Plot.dot(points, { x: "value", y: median, fill: "line", r: 3 }),
      ...(names.length > 1 ? names : []).map((end, place) =>
        Plot.text([end], {
          x: "value",
          y: median,
          text: "line",
          fill: "line",
          dx: 8,
          dy: place === 0 ? -5 : 5,
          textAnchor: "start",
        }),
      ),
    ],
  });
}

/** 15000 -> 15k, 512 -> 512. */
function shortNumber(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(2))}k` : String(Number(value.toPrecision(3)));
}
