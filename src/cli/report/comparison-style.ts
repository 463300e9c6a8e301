import { style } from "./style.ts";

/** Colours of the runs' curves, `[on light, on dark]` paper: told apart by most people who see some colours alike. */
const colours = [
  ["#2a6fb0", "#74b0ea"],
  ["#b4500c", "#f29a58"],
  ["#2b7a4b", "#7ccf9d"],
  ["#8a3b96", "#d9a0e3"],
  ["#7a6a00", "#d8c850"],
  ["#a3261d", "#ff9a8f"],
  ["#0f7684", "#63c8d6"],
  ["#55524d", "#bdb8b0"],
];
/** Dashes of the runs beyond those, in units of the drawing. */
const dashes = ["none", "6 3", "2 3", "9 3 2 3"];

/** Classes of the curve of run `index`: as many as there are colours and dashes look different. */
export function classesOf(index: number): string {
  const dash = Math.floor(index / colours.length) % dashes.length;
  return `run-${index % colours.length} dash-${dash}`;
}

const variables = (shade: 0 | 1) =>
  colours.map((pair, index) => `--run-${index}: ${pair[shade]};`).join("\n  ");

/** The style sheet of a comparison: that of a report, and its own. */
export const comparisonStyle = `${style}
:root {
  ${variables(0)}
}

@media (prefers-color-scheme: dark) {
  :root {
  ${variables(1)}
  }
}

${colours
  .map(
    (_, index) =>
      `.line.run-${index} { stroke: var(--run-${index}); }\n.dot.run-${index} { fill: var(--run-${index}); }`,
  )
  .join("\n")}
${dashes.map((dash, index) => `.line.dash-${index} { stroke-dasharray: ${dash}; }`).join("\n")}
.swatch { width: 1.9em; height: 0.7em; margin-right: 0.5em; vertical-align: baseline; }
.swatch line { stroke-width: 2.5; }
.line { fill: none; }
.comparison tbody th, .comparison td { white-space: nowrap; }
.comparison thead th { vertical-align: bottom; }
.pair { row-gap: 1.25rem; }
.comparison td.number, .comparison th.number { text-align: right; }
.comparison tbody th { font-weight: 400; }
.comparison .best { font-weight: 700; }
.comparison .diverged { color: var(--danger); }
`;
