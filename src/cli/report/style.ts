import { negative, positive } from "./images.ts";

/** How many shades a cell of the confusion matrix can have: `shade-1` to `shade-10`. */
export const shades = 10;

/** Share of the full colour in the darkest shade, in percent: text stays readable on it. */
const darkest = 42;

const shadeRules = Array.from({ length: shades }, (_, index) => {
  const share = Math.round(darkest * ((index + 1) / shades) ** 0.8);
  return `.shade-${index + 1} { --share: ${share}%; }\n`;
}).join("");

/**
 * The report's style sheet. It is a string and not a file of its own so that tests see it too: Vitest leaves nothing
 * of imported style sheets.
 */
export const style = /* css */ `
:root {
  color-scheme: light dark;
  --paper: #f7f5f1;
  --surface: #fffefb;
  --ink: #1d1c1a;
  --quiet: #635e57;
  --rule: #e0dbd2;
  --accent: #1f5f99;
  --train: #7b4bb3;
  --test: #0b7a66;
  --right: #0b7a66;
  --wrong: #a3261d;
  --danger: #a3261d;
  --gap: 2.25rem;
  --small: 0.8125rem;
}

@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141517;
    --surface: #1b1c1f;
    --ink: #ece9e3;
    --quiet: #a6a199;
    --rule: #2e3034;
    --accent: #8bbcec;
    --train: #c3a1ee;
    --test: #4fc4ab;
    --right: #4fc4ab;
    --wrong: #ff9a8f;
    --danger: #ff9a8f;
  }
  .digit { filter: invert(1); }
}

* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1rem / 1.45 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 76rem; margin: 0 auto; padding: clamp(1rem, 4vw, 2.5rem) clamp(1rem, 4vw, 2.5rem) 4rem; }
h1, h2, p, dl, dd, ul, figure { margin: 0; padding: 0; }
h1 {
  font-size: clamp(1.5rem, 4vw, 2rem);
  font-weight: 600;
  letter-spacing: -0.015em;
  line-height: 1.2;
  overflow-wrap: anywhere;
}
h2 { font-size: 1.0625rem; font-weight: 600; }
section { min-width: 0; margin-top: var(--gap); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.name, .ending, .note, .caption, figcaption, dt, .usual { color: var(--quiet); }
.name { overflow-wrap: anywhere; }
.ending { margin-top: 0.35rem; max-width: 46rem; }
.ending.diverged, .ending.interrupted { color: var(--danger); }
.note, figcaption, dt, summary, .usual { font-size: var(--small); }
.note { margin: 0.2rem 0 0.75rem; max-width: 60rem; }
.facts dd { overflow-wrap: anywhere; }
.headline { display: flex; flex-wrap: wrap; gap: 0.75rem 2.5rem; margin-top: 1.25rem; }
.headline dd { font-size: 1.375rem; line-height: 1.3; }
.headline div:first-child dd { font-weight: 600; }
.pair {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
  column-gap: var(--gap);
}

@media (min-width: 56rem) {
  .first-wide { grid-template-columns: 3fr 2fr; }
}

figure { min-width: 0; }

/* Keys of the pictures */
.key { margin-right: 0.9em; white-space: nowrap; }
.key::before {
  content: "";
  display: inline-block;
  width: 0.7em;
  height: 0.7em;
  margin-right: 0.4em;
  border-radius: 2px;
  background: currentColor;
}
.key.train::before { background: var(--train); }
.key.test::before { background: var(--test); }
.key.misread::before { background: var(--wrong); }
.key.positive::before { background: rgb(${positive.join(" ")}); }
.key.negative::before { background: rgb(${negative.join(" ")}); }

/* Curves */
.plot { display: block; width: 100%; height: auto; font-size: 12px; overflow: visible; }
.plot text { fill: var(--quiet); white-space: pre; }
.plot .line { fill: none; stroke-width: 1.75; }
.plot .line.train { stroke: var(--train); }
.plot .line.test { stroke: var(--test); }
.plot .dot { stroke: none; }
.plot .dot.train { fill: var(--train); }
.plot .dot.test { fill: var(--test); }

/* Tables */
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: var(--small); }
th { font-weight: 600; text-align: left; }
.figures td, .figures th, .settings td, .settings th {
  padding: 0.3rem 1.25rem 0.3rem 0;
  border-bottom: 1px solid var(--rule);
  vertical-align: top;
}
.settings td:nth-child(2) { min-width: 6rem; overflow-wrap: anywhere; }
.settings td:last-child { min-width: 16rem; color: var(--quiet); }
summary { width: fit-content; cursor: pointer; color: var(--accent); }
details[open] summary { margin-bottom: 0.5rem; }
.facts {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr));
  gap: 0.75rem 1.5rem;
  margin-top: 0.6rem;
}

/* Confusion matrix */
.matrix { width: 100%; margin: 0.6rem 0; text-align: right; }
.matrix td, .matrix th { min-width: 2em; padding: 0.28rem 0.3rem; border: 1px solid var(--paper); text-align: right; }
.matrix .corner { color: var(--quiet); text-align: left; white-space: nowrap; }
.matrix .none { color: var(--quiet); }
.matrix .accuracy { padding-left: 0.6rem; white-space: nowrap; }
@media (max-width: 30rem) {
  .matrix { font-size: 0.6875rem; }
  .matrix td, .matrix th, .matrix .accuracy { padding: 0.25rem 0.12rem; white-space: normal; }
  .matrix .corner { white-space: normal; }
}

.matrix .right { --hue: var(--right); }
.matrix .wrong { --hue: var(--wrong); }
.matrix td[class*="shade-"] { background: color-mix(in srgb, var(--hue) var(--share), var(--surface)); }

${shadeRules}
/* One image */
.check {
  display: grid;
  grid-template-columns: 2fr 3fr;
  gap: 1.25rem;
  align-items: start;
  margin: 0.6rem 0;
}
.probabilities { width: 100%; }
.probabilities tbody td, .probabilities tbody th { padding: 0.16rem 0; }
.probabilities td:last-child { width: 4.2em; text-align: right; }
.probabilities .bar { width: 100%; padding: 0 0.6rem; }
.probabilities svg { display: block; width: 100%; height: 0.8rem; background: var(--rule); }
.probabilities rect { fill: var(--quiet); }
.probabilities .given rect { fill: var(--accent); }
.probabilities .given td, .probabilities .given th { font-weight: 700; }

/* Pictures */
.tiles {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(4.25rem, 1fr));
  gap: 0.75rem 0.6rem;
  list-style: none;
}
.tiles.few { grid-template-columns: repeat(auto-fit, minmax(4.25rem, 1fr)); }
.few li { max-width: 9rem; }
.caption { display: block; overflow-wrap: anywhere; font-size: 0.75rem; line-height: 1.35; }
.misread .caption { color: var(--wrong); }
img { display: block; width: 100%; height: auto; image-rendering: pixelated; }
.tiles li, .check figure { min-width: 0; }
.tiles img, .check img { margin-bottom: 0.2rem; }

/* The switch between two pictures of each digit */
#as-augmented { margin: 0 0.5em 0 0; vertical-align: middle; accent-color: var(--accent); }
#as-augmented + label { font-size: var(--small); vertical-align: middle; }
#as-augmented ~ .tiles { margin-top: 0.75rem; }
#as-augmented:checked ~ .tiles .plain, #as-augmented:not(:checked) ~ .tiles .changed { display: none; }

/* Never on the digits themselves: it would be inverted with their ink. */
.weights, .check figure { background: var(--surface); }

/* For screen readers alone. */
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

@media print {
  .scroll { overflow: visible; }
}
`;
