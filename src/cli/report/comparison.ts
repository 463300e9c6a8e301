import { formatSetting, type SettingName, settingNames, settings, usualValue } from "../../model/settings.ts";
import { duration, grouped } from "../format.ts";
import { type EpochRecord, type Figures, secondsOf } from "../runs/records.ts";
import { columnsFor, epochsText, type RunColumn } from "../runs/run-columns.ts";
import type { Run } from "../runs/run-reader.ts";
import { chart } from "./chart.ts";
import { classesOf, comparisonStyle } from "./comparison-style.ts";
import {
  pointsOf,
  rateChanges,
  rateFigure,
  type WatchedName,
  watchedBy,
  watchedTitles,
  withFinal,
} from "./curves.ts";
import { accuracyText, lossText } from "./figures.ts";
import { type Html, html } from "./html.ts";
import { page } from "./page.ts";

/** A run with what the page calls it. */
interface Entry {
  readonly run: Run;
  readonly name: string;
  readonly watched: WatchedName;
  /** Its epochs, the last one with the final figures of the images that it watched. */
  readonly records: readonly EpochRecord[];
  /** Classes of its curves. */
  readonly className: string;
}

/** Several runs on one page: figures and settings that differ in a table, and their curves over each other. */
export function renderComparison(runs: readonly Run[]): string {
  const names = runs.map(({ name }) => name);
  const unique = new Set(names).size === names.length;
  const entries = runs.map((run, index): Entry => {
    const watched = watchedBy(run.description.config);
    // The weights kept after divergence are older than the last epoch's figures.
    const final = watched === "test" && run.state !== "diverged" ? run.end?.test : undefined;
    const records = withFinal(run.epochs, watched, final);
    return { run, name: unique ? run.name : run.path, watched, records, className: classesOf(index) };
  });
  const title = `Comparison of ${runs.length} runs`;
  const kinds = (["test", "validation"] as const).filter((kind) =>
    entries.some(({ watched }) => watched === kind),
  );
  const content = html`<header><h1>${title}</h1></header>
${tableSection(entries)}
<section>
<h2>Loss and accuracy</h2>
<p class="note">Training figures are means over an epoch, while the weights change; ${kinds.join(" and ")} figures are of the
weights after it, where they were evaluated.</p>
<div class="pair">
${curves(entries, "Training loss, in nats", "loss", (record) => record)}
${kinds.map((kind) => {
  const name = watchedTitles[kind];
  return html`${curves(entries, `${name} accuracy`, "accuracy", (record) => record[kind])}
${curves(entries, `${name} loss, in nats`, "loss", (record) => record[kind])}`;
})}
${curves(entries, "Training accuracy", "accuracy", (record) => record)}
${entries.some(({ records }) => rateChanges(records)) ? rateFigure(entries) : undefined}
</div>
</section>`;
  return page(title, content, comparisonStyle);
}

function curves(
  entries: readonly Entry[],
  caption: string,
  figure: keyof Figures,
  figures: (record: EpochRecord) => Figures | undefined,
): Html {
  const lines = entries.map(({ name, className, records }) => ({
    ...{ name, className },
    points: pointsOf(records, (record) => figures(record)?.[figure]),
  }));
  return html`<figure><figcaption>${caption}</figcaption>${chart(figure, lines)}</figure>`;
}

/** A column of the table. */
interface Column extends RunColumn {
  /** For figures of which the best is marked: the more, the better. */
  readonly merit?: (run: Run) => number | undefined;
}

const figureColumns: readonly Column[] = [
  { head: "State", text: ({ state }) => state },
  figureColumn("Test accuracy", 1, accuracyText, ({ test }) => test?.accuracy),
  figureColumn("Test loss", -1, lossText, ({ test }) => test?.loss),
  {
    ...figureColumn("Best validation accuracy", 1, accuracyText, ({ best }) => best?.accuracy),
    isOptional: true,
  },
  figureColumn("Training accuracy", 1, accuracyText, ({ epochs }) => epochs.at(-1)?.accuracy),
  figureColumn("Training loss", -1, lossText, ({ epochs }) => epochs.at(-1)?.loss),
  { head: "Epochs", text: epochsText, isNumber: true },
  { head: "Steps", text: ({ steps }) => grouped(steps), isNumber: true },
  { head: "Time", text: ({ epochs }) => duration(secondsOf(epochs)), isNumber: true },
];

function figureColumn(
  head: string,
  sign: 1 | -1,
  format: (value: number) => string,
  value: (run: Run) => number | undefined,
): Column {
  const mapped = <T>(run: Run, map: (number: number) => T) => {
    const number = value(run);
    return number === undefined ? undefined : map(number);
  };
  return {
    head,
    isNumber: true,
    text: (run) => mapped(run, format),
    merit: (run) => mapped(run, (number) => sign * number),
  };
}

/** Settings that other columns tell. */
const told: readonly SettingName[] = ["hidden", "epochs"];
const settingsLeft = settingNames.filter((name) => !told.includes(name));

/** Facts that have a column where runs differ, as settings have. */
const factColumns: readonly Column[] = [
  { head: "Network", text: ({ description }) => description.network },
  { head: "Data", text: ({ description }) => description.dataset.name },
  { head: "Training images", text: ({ description }) => grouped(description.dataset.train) },
  { head: "Adapter", text: ({ description }) => description.device },
  { head: "Program", text: ({ description }) => description.program },
  { head: "Began with", text: ({ description }) => description.init },
];

function tableSection(entries: readonly Entry[]): Html {
  const runs = entries.map(({ run }) => run);
  const differs = ({ text }: Column) => new Set(runs.map(text)).size > 1;
  const differing = [...factColumns, ...settingsLeft.map(settingColumn)].filter(differs);
  const columns = [...columnsFor(figureColumns, runs), ...differing];
  return html`<section>
<h2>Figures, and what differs</h2>
<p class="note">${alike(runs)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table class="figures comparison">
<thead><tr><th scope="col">Run</th>${columns.map(
    ({ head, isNumber }) => html`<th scope="col" class="${isNumber ? "number" : ""}">${head}</th>`,
  )}</tr></thead>
<tbody>${entries.map(
    (entry) => html`<tr><th scope="row">${swatch(entry)}${entry.name}</th>
${columns.map((column) => cell(column, entry.run, runs))}</tr>`,
  )}</tbody></table></div>
</section>`;
}

function settingColumn(name: SettingName): Column {
  return {
    head: settings[name].label,
    text: ({ description }) => formatSetting(name, description.config[name]),
  };
}

function cell(column: Column, run: Run, runs: readonly Run[]): Html {
  const text = column.text(run) ?? "–";
  const classes = [
    ...(column.isNumber ? ["number"] : []),
    ...(isBest(column, run, runs) ? ["best"] : []),
    ...(text === "diverged" ? [text] : []),
  ];
  return html`<td class="${classes.join(" ")}">${text}</td>`;
}

/** Whether no run has a better figure, as far as they are finite. */
function isBest({ merit }: Column, run: Run, runs: readonly Run[]): boolean {
  const mine = merit?.(run);
  if (mine === undefined || !Number.isFinite(mine)) return false;
  return runs.every((other) => !((merit?.(other) ?? Number.NaN) > mine));
}

/** A piece of the run's line. */
function swatch({ className }: Entry): Html {
  return html`<svg class="swatch" viewBox="0 0 26 8" aria-hidden="true"><line class="line ${className}"
 x1="0" y1="4" x2="26" y2="4"/></svg>`;
}

/** What all runs have in common, as far as it is not the default. */
function alike(runs: readonly Run[]): string {
  const common = (text: (run: Run) => string) => new Set(runs.map(text)).size === 1;
  const parts: string[] = [];
  const [{ description }] = runs;
  if (common((run) => run.description.network)) parts.push(description.network);
  if (common((run) => run.description.dataset.name)) parts.push(`on ${description.dataset.name}`);
  for (const name of settingsLeft) {
    const text = (run: Run) => formatSetting(name, run.description.config[name]);
    if (!common(text) || text(runs[0]) === formatSetting(name, usualValue(name, description.config)))
      continue;
    parts.push(`${settings[name].label.toLowerCase()} ${text(runs[0])}`);
  }
  const list = parts.length > 0 ? `All runs: ${parts.join(", ")}. ` : "";
  return `${list}Settings that no column shows are the same in all of them. The best figures are bold.`;
}
