import * as Plot from "@observablehq/plot";
import { percentage } from "../../../data/percentage.ts";
import { type SettingName, settings } from "../../../model/settings.ts";
import { plot } from "../chart.ts";
import { accuracyText } from "../figures.ts";
import { type Html, html } from "../html.ts";
import { shades } from "../style.ts";
import {
  accuraciesOf,
  ends,
  groupBy,
  isLogarithmic,
  type MeritScale,
  meanOf,
  numberOf,
  type SweepEntry,
  valueText,
} from "./entries.ts";

/** Settings of which all pairs are shown: those with the most values. */
const mostSettings = 3;
/** With more values than these a setting has no row for each. */
const mostValues = 16;
/** In units of the drawing, whose text is 12 of them high. */
const [width, height] = [400, 280];

/** A setting with the values that networks have, in their order. */
interface Side {
  readonly name: SettingName;
  readonly label: string;
  readonly values: readonly string[];
}

/** Accuracy by two settings, for each pair of them: a heat map, or, of numbers with more values than that has room for, dots. */
export function pairsSection(
  entries: readonly SweepEntry[],
  names: readonly SettingName[],
  scale: MeritScale,
): Html | undefined {
  const sides = names
    .map((name) => ({ name, label: settings[name].label, values: valuesOf(entries, name) }))
    .filter(({ name, values }) => values.length <= mostValues || isNumber(entries, name))
    .sort((a, b) => b.values.length - a.values.length)
    .slice(0, mostSettings);
  const pairs = sides.flatMap((columns, index) => sides.slice(index + 1).map((rows) => ({ columns, rows })));
  const figures = pairs.flatMap(({ columns, rows }) => {
    if (columns.values.length <= mostValues) return heatMap(entries, columns, rows, scale);
    return isNumber(entries, rows.name) ? scatter(entries, columns, rows, scale) : [];
  });
  if (figures.length === 0) return undefined;
  const [low, high] = ends(accuraciesOf(entries));
  return html`<section>
<h2>Accuracy by two settings</h2>
<p class="note">On the validation images, from ${accuracyText(low)} to ${accuracyText(high)}: the stronger the
colour, the fewer are misread. A cell is the mean of all networks that have both values, a dot is a network; those that were stopped early count
with what they had come to.</p>
<div class="pair pairs">${figures}</div>
</section>`;
}

function isNumber(entries: readonly SweepEntry[], name: SettingName): boolean {
  return entries.every(({ config }) => numberOf(name, config) !== undefined);
}

function valuesOf(entries: readonly SweepEntry[], name: SettingName): string[] {
  const groups = groupBy(entries, ({ config }) => valueText(name, config));
  const sorted = groups
    .map(([{ config }]) => ({ text: valueText(name, config), number: numberOf(name, config) }))
    .sort((a, b) => (a.number ?? -1) - (b.number ?? -1) || (a.text < b.text ? -1 : 1));
  return sorted.map(({ text }) => text);
}

function heatMap(entries: readonly SweepEntry[], columns: Side, rows: Side, scale: MeritScale): Html {
  const title = `${rows.label} by ${columns.label.toLowerCase()}`;
  const has = ({ config }: SweepEntry, { name }: Side, value: string) => valueText(name, config) === value;
  const cell = (row: string, column: string) => {
    const both = entries.filter((entry) => has(entry, rows, row) && has(entry, columns, column));
    const accuracies = accuraciesOf(both);
    if (accuracies.length === 0) return html`<td class="none">–</td>`;
    const mean = meanOf(accuracies);
    return html`<td class="shade-${scale.shade(mean)}">${percentage(mean, 1)}</td>`;
  };
  return html`<figure><figcaption>${title}, in %</figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="matrix heat">
<caption class="visually-hidden">Mean validation accuracy in percent, ${rows.label} in rows, ${columns.label} in columns</caption>
<thead><tr><td class="corner">${rows.label} \\ ${columns.label}</td>${columns.values.map(
    (value) => html`<th scope="col">${value}</th>`,
  )}</tr></thead>
<tbody>${rows.values.map(
    (row) => html`<tr><th scope="row">${row}</th>${columns.values.map((column) => cell(row, column))}</tr>`,
  )}</tbody></table></div></figure>`;
}

/** A dot for each network, at the values of two settings. */
function scatter(entries: readonly SweepEntry[], across: Side, up: Side, scale: MeritScale): Html {
  const dots = entries.flatMap(({ network, config, score }) => {
    if (!score) return [];
    const [x, y] = [across, up].map(({ name }) => numberOf(name, config));
    const title = `network ${network}: ${across.label.toLowerCase()} ${x}, ${up.label.toLowerCase()} ${y}, ${accuracyText(score.accuracy)}`;
    return { x, y, title, shade: scale.shade(score.accuracy) };
  });
  const axis = ({ name, label }: Side) => {
    const [low, high] = ends(entries.map(({ config }) => numberOf(name, config) ?? 0));
    const isLog = isLogarithmic(low, high);
    return {
      label: label.toLowerCase(),
      // Grid lines at every digit of a logarithmic axis would be a hatching.
      ...(isLog ? { type: "log" as const, ticks: 3, tickFormat: String } : { grid: true, ticks: 5 }),
    };
  };
  const drawing = plot({
    ariaLabel: `${dots.length} networks by ${across.label.toLowerCase()} and ${up.label.toLowerCase()}`,
    ...{ width, height, marginLeft: 50, marginBottom: 36, inset: 6 },
    x: axis(across),
    y: axis(up),
    marks: Array.from({ length: shades }, (_, index) =>
      Plot.dot(
        dots.filter(({ shade }) => shade === index + 1),
        { ...{ x: "x", y: "y", r: 4.5, title: "title" }, className: `network merit-${index + 1}` },
      ),
    ),
  });
  return html`<figure><figcaption>${up.label} by ${across.label.toLowerCase()}</figcaption>${drawing}</figure>`;
}
