import { grouped } from "../format.ts";
import type { EpochRecord, Figures } from "../records.ts";
import { chart, type Point, thinned } from "./chart.ts";
import { accuracyText, lossText } from "./figures.ts";
import { type Html, html } from "./html.ts";

/** Rows of the table at most: longer runs show every so many epochs. */
const mostRows = 200;

/** What the curves show. */
export interface CurveData {
  readonly epochs: readonly EpochRecord[];
  /** Figures on the test split at the end of the last epoch, unless its record has them. */
  readonly finalTest?: Figures | undefined;
}

/** Loss and accuracy by epoch, as drawings and as a table. */
export function curvesSection({ epochs, finalTest }: CurveData): Html {
  if (epochs.length === 0) {
    return html`<section><h2>Loss and accuracy</h2>
<p class="note">Training ended before its first step: there is nothing to draw.</p></section>`;
  }
  const records = withFinal(epochs, finalTest);
  return html`<section>
<h2>Loss and accuracy</h2>
<p class="note"><span class="key train">training</span><span class="key test">test</span>
Training figures are means over an epoch, while the weights change; test figures are of the weights after it.</p>
<div class="pair">
<figure><figcaption>Loss, in nats</figcaption>${curve(records, "loss")}</figure>
<figure><figcaption>Accuracy</figcaption>${curve(records, "accuracy")}</figure>
</div>
<details><summary>Figures of every epoch</summary>${table(records)}</details>
</section>`;
}

/** The records, the last of which has the final test figures if it had none. */
export function withFinal(epochs: readonly EpochRecord[], finalTest: Figures | undefined): EpochRecord[] {
  const last = epochs.length - 1;
  return epochs.map((record, index) =>
    index === last && !record.test && finalTest ? { ...record, test: finalTest } : record,
  );
}

function curve(records: readonly EpochRecord[], figure: keyof Figures): Html {
  const points = (of: "train" | "test") => pointsOf(records, of, figure);
  return chart(figure, [
    { name: "training", className: "train", points: points("train") },
    { name: "test", className: "test", points: points("test") },
  ]);
}

/** A figure of every epoch that has it; one that is not finite breaks the line. */
export function pointsOf(
  records: readonly EpochRecord[],
  of: "train" | "test",
  figure: keyof Figures,
): Point[] {
  return records.flatMap((record) => {
    const value = (of === "train" ? record : record.test)?.[figure];
    if (value === undefined) return [];
    return { epoch: record.epoch, value: Number.isFinite(value) ? value : Number.NaN };
  });
}

function table(records: readonly EpochRecord[]): Html {
  const rows = thinned(records, mostRows).map(
    ({ epoch, unfinished, loss, accuracy, test }) => html`<tr>
<th scope="row">${grouped(epoch)}${unfinished ? " (unfinished)" : ""}</th>
<td>${lossText(loss)}</td><td>${accuracyText(accuracy)}</td>
<td>${test ? lossText(test.loss) : "–"}</td><td>${test ? accuracyText(test.accuracy) : "–"}</td></tr>`,
  );
  const heads = ["Epoch", "Training loss", "Training accuracy", "Test loss", "Test accuracy"];
  return html`${
    rows.length < records.length
      ? html`<p class="note">${rows.length} of ${grouped(records.length)} epochs.</p>`
      : undefined
  }<div class="scroll" tabindex="0" role="region" aria-label="Figures by epoch"><table class="figures">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
