import { comparisonStyle } from "../comparison-style.ts";
import { shades } from "../style.ts";

const merits = Array.from(
  { length: shades },
  (_, index) => `.merit-${index + 1} { --merit: ${Math.round(100 * ((index + 1) / shades) ** 1.5)}%; }`,
).join("\n");

/** The style sheet of a sweep's report: that of a comparison, and its own. */
export const sweepStyle = `${comparisonStyle}
.command { margin: 0.6rem 0 0; padding: 0.6rem 0.8rem; border: 1px solid var(--rule); background: var(--surface); }
.command code { font-size: var(--small); white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
tr.best td, tr.best th { font-weight: 700; }
.comparison tbody th.number { text-align: right; }
.range { width: 10rem; height: 0.75rem; vertical-align: middle; }
.range line { stroke: var(--rule); stroke-width: 2; }
.range circle { fill: var(--accent); fill-opacity: 0.55; }
.range .mean { stroke: var(--ink); stroke-width: 1.5; }
.wide { min-width: 38rem; }
@media screen {
  .whole .plot { width: auto; min-width: 100%; }
}
.axis { stroke: var(--quiet); }
.plot .coordinate { fill: none; stroke: color-mix(in srgb, var(--accent) var(--merit), var(--rule)); stroke-width: 1.25; }
.plot .coordinate.chosen { stroke: var(--accent); stroke-width: 3; }
.plot .network { fill: color-mix(in srgb, var(--accent) var(--merit), var(--rule)); stroke: var(--paper); }
.plot .tick { fill: var(--ink); stroke: var(--paper); stroke-width: 6px; paint-order: stroke; }
${merits}
.heat { width: auto; }
.heat td, .heat th { min-width: 3.2em; }
.heat td[class*="shade-"] { --hue: var(--accent); }
.plot .line.other { stroke: color-mix(in srgb, var(--quiet) 45%, var(--paper)); stroke-width: 1; }
.pairs figure { max-width: 36rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.5rem; margin-bottom: 0.75rem; padding: 0; list-style: none; font-size: var(--small); }
`;
