import { type SettingName, settings } from "../../../model/settings.ts";
import { grouped } from "../../format.ts";
import { accuracyText, lossText } from "../figures.ts";
import { Html, html } from "../html.ts";
import { type Combination, ends, type SweepEntry, valueText } from "./entries.ts";

/** Rows of a table at most. */
const mostRows = 100;

/** Every network with its settings and figures, the best first. */
export function rankingSection(entries: readonly SweepEntry[], names: readonly SettingName[]): Html {
  const shown = entries.slice(0, mostRows);
  const isHalved = entries.some(({ end }) => end?.reason === "halved");
  return html`<section>
<h2>Ranking</h2>
<p class="note">By accuracy on the validation images, then by loss${isHalved ? "; those that were halved behind the others" : ""}.${leftOut(shown, entries, "networks")}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Ranking"><table class="figures comparison">
<thead><tr>${numberHead("Rank")}${numberHead("Network")}${names.map(
    (name) => html`<th scope="col">${settings[name].label}</th>`,
  )}${["Validation accuracy", "Validation loss", "Training accuracy", "Epochs"].map(numberHead)}<th scope="col">State</th></tr></thead>
<tbody>${shown.map((entry, index) => rankingRow(entry, index + 1, names))}</tbody></table></div>
</section>`;
}

function rankingRow(
  { network, config, score, epochs, end }: SweepEntry,
  rank: number,
  names: readonly SettingName[],
): Html {
  const training = epochs.at(-1);
  const state = end?.reason ?? "unfinished";
  return html`<tr class="${rank === 1 && score ? "best" : ""}"><td class="number">${score ? rank : "–"}</td>
<th scope="row" class="number">${network}</th>${names.map((name) => html`<td>${valueText(name, config)}</td>`)}
<td class="number">${score ? accuracyText(score.accuracy) : "–"}</td><td class="number">${score ? lossText(score.loss) : "–"}</td>
<td class="number">${training ? accuracyText(training.accuracy) : "–"}</td><td class="number">${grouped(epochs.length)}</td>
<td class="${state === "diverged" ? state : ""}">${state}${
    end && state !== "finished" ? ` at step ${grouped(end.steps)}` : undefined
  }</td></tr>`;
}

/** Mean and spread of each combination over its seeds, if any has several. */
export function spreadSection(
  combinations: readonly Combination[],
  names: readonly SettingName[],
): Html | undefined {
  const scored = combinations.filter(({ accuracies }) => accuracies.length > 0);
  if (names.includes("seed") || scored.every(({ accuracies }) => accuracies.length < 2)) return undefined;
  const shown = scored.slice(0, mostRows);
  const all = shown.flatMap(({ accuracies }) => accuracies);
  const [low, high] = ends(all);
  return html`<section>
<h2>Mean and spread over seeds</h2>
<p class="note">Validation accuracy. The bars go from ${accuracyText(low)} to ${accuracyText(high)}: a dot is a network,
a stroke the mean.${leftOut(shown, scored, "combinations")}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Mean and spread over seeds"><table class="figures comparison">
<thead><tr>${names.map((name) => html`<th scope="col">${settings[name].label}</th>`)}${[
    "Networks",
    "Mean",
  ].map(numberHead)}<th scope="col">Lowest to highest</th><th scope="col">Spread</th></tr></thead>
<tbody>${shown.map((combination) => spreadRow(combination, names, [low, high]))}</tbody></table></div>
</section>`;
}

type Ends = readonly [low: number, high: number];

function spreadRow(
  { entries, accuracies, mean }: Combination,
  names: readonly SettingName[],
  bounds: Ends,
): Html {
  const [{ config }] = entries;
  const [low, high] = ends(accuracies);
  return html`<tr>${names.map((name) => html`<td>${valueText(name, config)}</td>`)}
<td class="number">${accuracies.length}</td><td class="number">${accuracyText(mean)}</td>
<td>${accuracyText(low)} to ${accuracyText(high)}</td><td>${range(accuracies, mean, bounds)}</td></tr>`;
}

/** Width and height of a drawing of accuracies, and what its ends leave free for dots. */
const [rangeWidth, rangeHeight, margin] = [160, 12, 4];

/** Accuracies on a line. */
function range(accuracies: readonly number[], mean: number, [low, high]: Ends): Html {
  const at = (accuracy: number) =>
    (margin + ((rangeWidth - 2 * margin) * (accuracy - low)) / (high - low || 1)).toFixed(1);
  const middle = rangeHeight / 2;
  const dots = accuracies.map((accuracy) => `<circle cx="${at(accuracy)}" cy="${middle}" r="2.5"/>`);
  const [first, last] = ends(accuracies).map(at);
  return new Html(
    `<svg class="range" viewBox="0 0 ${rangeWidth} ${rangeHeight}" aria-hidden="true">` +
      `<line x1="${first}" y1="${middle}" x2="${last}" y2="${middle}"/>${dots.join("")}` +
      `<line class="mean" x1="${at(mean)}" y1="0" x2="${at(mean)}" y2="${rangeHeight}"/></svg>`,
  );
}

function numberHead(text: string): Html {
  return html`<th scope="col" class="number">${text}</th>`;
}

function leftOut(shown: readonly unknown[], all: readonly unknown[], what: string): string {
  if (shown.length === all.length) return "";
  return ` The best ${shown.length} of ${grouped(all.length)} ${what}; sweep.jsonl has all.`;
}
