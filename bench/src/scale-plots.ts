import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Point, Series } from "./scale.ts";

const width = 420;
const height = 300;

/** A series as an SVG picture: steps per second on the left, GFLOP/s on the right. */
export function seriesPicture(series: Series, adapter: string): string {
  const { document } = parseHTML("<html><body></body></html>");
  const panels = [
    panel(document, series, "steps per second", (point) => point.stepsPerSecond.median),
    panel(document, series, "GFLOP/s", (point) => point.gigaflops),
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

function panel(
  document: Document,
  { quantity, points }: Series,
  label: string,
  measure: (point: Point) => number,
): Element {
  const lines = new Set(points.map(({ line }) => line));
  // A logarithmic axis has no place for a network without hidden layer.
  const scale = points.some(({ value }) => value === 0) ? "linear" : "log";
  const ticks = [...new Set(points.map(({ value }) => value))];
  const last = points.filter((point) => points.findLast(({ line }) => line === point.line) === point);
  return Plot.plot({
    document,
    width,
    height,
    marginLeft: 55,
    marginRight: 60,
    grid: true,
    x: { type: scale, label: `${quantity} →`, ticks },
    y: { type: "log", label: `↑ ${label}`, ticks: 5, tickFormat: (value: number) => shortNumber(value) },
    color: { domain: [...lines], range: ["#1f6feb", "#d1570a"] },
    marks: [
      // By `text`: a logarithmic axis leaves labels out when it is given a format.
      Plot.axisX(ticks, { text: shortNumber }),
      Plot.line(points, { x: "value", y: measure, stroke: "line", strokeWidth: 2 }),
      Plot.dot(points, { x: "value", y: measure, fill: "line", r: 3 }),
      ...(lines.size > 1
        ? [
            Plot.text(last, {
              x: "value",
              y: measure,
              text: "line",
              fill: "line",
              dx: 8,
              textAnchor: "start",
            }),
          ]
        : []),
    ],
  });
}

/** 15000 -> 15k, 512 -> 512. */
function shortNumber(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(2))}k` : String(Number(value.toPrecision(3)));
}
