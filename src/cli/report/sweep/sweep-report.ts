import { type Config, formatSetting, settings, unusualSettings } from "../../../model/settings.ts";
import type { PastedFlags } from "../../flags.ts";
import { grouped } from "../../format.ts";
import type { SweepDescription } from "../../sweep/sweep-folder.ts";
import { halvedAlone, trainCommandOf } from "../../sweep/sweep-lines.ts";
import type { SweepEndRecord, SweepRecord } from "../../sweep/sweep-records.ts";
import { accuracyText, lossText } from "../figures.ts";
import { type Html, html } from "../html.ts";
import { page } from "../page.ts";
import { coordinatesSection } from "./coordinates.ts";
import {
  accuraciesOf,
  combinationsOf,
  comparedSettings,
  entriesOf,
  meritScale,
  type SweepEntry,
} from "./entries.ts";
import { pairsSection } from "./pairs.ts";
import { rankingSection, spreadSection } from "./ranking.ts";
import { sweepCurvesSection } from "./sweep-curves.ts";
import { sweepStyle } from "./sweep-style.ts";

/**
 * The report of a sweep as one HTML document that needs neither network nor scripts.
 * @param flags those that it was trained with
 */
export function sweepReport(
  description: SweepDescription,
  records: readonly SweepRecord[],
  flags: PastedFlags,
): string {
  const entries = entriesOf(description, records);
  const names = comparedSettings(description);
  const end = records.findLast((record) => record.event === "sweep");
  const title = `Sweep of ${grouped(description.networks.length)} networks on ${description.dataset.name}`;
  const content = html`${header(title, description, entries, end)}
${accuraciesOf(entries).length > 0 ? accuracySections(entries, description, flags) : undefined}
${sweepCurvesSection(entries, names)}
${rankingSection(entries, names)}
${factsSection(description, entries[0].config)}`;
  return page(title, content, sweepStyle);
}

/** What there is to say of accuracies, if there are any. */
function accuracySections(
  entries: readonly SweepEntry[],
  description: SweepDescription,
  flags: PastedFlags,
): Html {
  const names = comparedSettings(description);
  const scale = meritScale(accuraciesOf(entries), description.dataset.validation ?? 1);
  return html`${bestSection(entries[0], flags)}
${spreadSection(combinationsOf(entries, names), names)}
${pairsSection(entries, names, scale)}
${coordinatesSection(entries, names, scale)}`;
}

function header(
  title: string,
  { shard }: SweepDescription,
  entries: readonly SweepEntry[],
  end: SweepEndRecord | undefined,
): Html {
  const [best] = entries;
  const figures: [string, string][] = [
    ...(best.score
      ? ([
          ["Best validation accuracy", accuracyText(best.score.accuracy)],
          ["Its loss", lossText(best.score.loss)],
        ] as [string, string][])
      : []),
    ...(end?.chosen?.test
      ? ([
          ["Its test accuracy", accuracyText(end.chosen.test.accuracy)],
          ["Its test loss", lossText(end.chosen.test.loss)],
        ] as [string, string][])
      : []),
  ];
  const part = shard ? `Part ${shard.part} of ${shard.of}. ` : "";
  const untested =
    end && best.score && !end.chosen?.test ? " The test split is read once all networks are done." : "";
  return html`<header><h1>${title}</h1>
<p class="ending">${part}${endings(entries)}.${untested}</p>
<dl class="headline">${figures.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** `13 networks finished, 13 halved, 1 diverged`. */
function endings(entries: readonly SweepEntry[]): string {
  const reasons = ["finished", "stopped early", "halved", "diverged", "unfinished"] as const;
  const counts = reasons.map((reason) => ({
    reason,
    count: entries.filter(({ end }) => (end?.reason ?? "unfinished") === reason).length,
  }));
  const parts = counts
    .filter(({ count }) => count > 0)
    .map(({ reason, count }) => `${grouped(count)} ${reason}`);
  return `${grouped(entries.length)} networks: ${parts.join(", ")}`;
}

/**
 * The network that did best, as a command of the installed package, since others read the page elsewhere: but none trains one that
 * was halved to where it stopped.
 */
function bestSection({ network, config, end }: SweepEntry, flags: PastedFlags): Html {
  if (end?.reason === "halved")
    return html`<section>
<h2>The best, network ${network}, was halved</h2>
<p class="note">${halvedAlone}</p>
</section>`;
  return html`<section>
<h2>The best, network ${network}, by itself</h2>
<pre class="command"><code>${trainCommandOf(config, flags, ["mnist-webgpu", "train"])}</code></pre>
</section>`;
}

/** What all networks have in common. */
function factsSection(
  { dataset, device, program, config, swept, halving, networks }: SweepDescription,
  any: Config,
): Html {
  // The config that a folder tells has every setting; what a network has itself is not common to all.
  const common = unusualSettings(any).filter(
    (name) => name in config && !networks.some((own) => name in own),
  );
  const facts: [string, string][] = [
    ["Data", `${dataset.name}, ${dataset.origin}`],
    ["Training images", grouped(dataset.train)],
    ["Validation images", grouped(dataset.validation ?? 0)],
    ["Test images", grouped(dataset.test)],
    ["Swept", swept.map((name) => settings[name].label).join(", ")],
    ["Halving", halving ? "yes" : "no"],
    [
      "All networks",
      common
        .map((name) => `${settings[name].label.toLowerCase()} ${formatSetting(name, any[name])}`)
        .join(", ") || "as by default",
    ],
    ["Adapter", device],
    ["Program", program],
  ];
  return html`<section>
<h2>Sweep</h2>
<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}
