import { type SettingName, settings } from "../../../model/settings.ts";
import type { EpochRecord, Figures } from "../../runs/records.ts";
import { chart, type Series } from "../chart.ts";
import { classesOf } from "../comparison-style.ts";
import { pointsOf } from "../curves.ts";
import { type Html, html } from "../html.ts";
import { type SweepEntry, valueText } from "./entries.ts";

/** Networks with a colour of their own, and others that are drawn. */
const mostColoured = 8;
const mostQuiet = 200;

/** Accuracy and loss by epoch, the best networks in colours. */
export function sweepCurvesSection(entries: readonly SweepEntry[], names: readonly SettingName[]): Html {
  const best = entries.slice(0, mostColoured);
  const figure = (
    caption: string,
    of: keyof Figures,
    figures: (record: EpochRecord) => Figures | undefined,
  ) => {
    const line = ({ network, epochs }: SweepEntry, className: string): Series => ({
      ...{ name: `network ${network}`, className },
      points: pointsOf(epochs, (record) => figures(record)?.[of]),
    });
    const quiet = entries.slice(mostColoured, mostColoured + mostQuiet);
    const lines = [
      ...quiet.map((entry) => ({ ...line(entry, "other"), isQuiet: true })),
      ...best.map((entry, index) => line(entry, classesOf(index))).reverse(),
    ];
    return html`<figure><figcaption>${caption}</figcaption>${chart(of, lines)}</figure>`;
  };
  const head = names.map((name) => settings[name].label.toLowerCase()).join(", ");
  return html`<section>
<h2>Curves</h2>
<p class="note">${entries.length > mostColoured ? "The best in colours, others grey. " : ""}In brackets: ${head}.</p>
<ul class="legend">${best.map(
    (
      { network, config },
      index,
    ) => html`<li><svg class="swatch" viewBox="0 0 26 8" aria-hidden="true"><line class="line ${classesOf(index)}"
 x1="0" y1="4" x2="26" y2="4"/></svg>network ${network} (${names.map((name) => valueText(name, config)).join(", ")})</li>`,
  )}</ul>
<div class="pair">
${figure("Validation accuracy", "accuracy", ({ validation }) => validation)}
${figure("Validation loss, in nats", "loss", ({ validation }) => validation)}
${figure("Training accuracy, mean of an epoch", "accuracy", (record) => record)}
${figure("Training loss, mean of an epoch, in nats", "loss", (record) => record)}
</div>
</section>`;
}
