import type { Config } from "../../model/settings.ts";
import type { Watched } from "../../training/reports.ts";
import { grouped } from "../format.ts";
import type { EpochRecord, Figures } from "../runs/records.ts";
import { chart, type Point, thinned } from "./chart.ts";
import { accuracyText, lossText, rateText } from "./figures.ts";
import { type Html, html } from "./html.ts";

/** Rows of the table at most: longer runs show every so many epochs. */
const mostRows = 200;

/** The images that a run evaluates between epochs. */
export type WatchedName = Watched["name"];

/** What a run of these settings evaluates. */
export function watchedBy({ validation }: Pick<Config, "validation">): WatchedName {
  return validation > 0 ? "validation" : "test";
}

/** Their names at the beginning of a line. */
export const watchedTitles: Record<WatchedName, string> = { test: "Test", validation: "Validation" };

/** What the curves show. */
export interface CurvesData {
  readonly epochs: readonly EpochRecord[];
  readonly watched: WatchedName;
  /** Their figures at the end of the last epoch, unless its record has them. */
  readonly final?: Figures | undefined;
}

/** Loss and accuracy by epoch, and the learning rate if it changed, as drawings and as a table. */
export function curvesSection({ epochs, watched, final }: CurvesData): Html {
  if (epochs.length === 0) {
    return html`<section><h2>Loss and accuracy</h2>
<p class="note">Training ended before its first step: there is nothing to draw.</p></section>`;
  }
  const records = withFinal(epochs, watched, final);
  return html`<section>
<h2>Loss and accuracy</h2>
<p class="note"><span class="key train">training</span><span class="key test">${watched}</span>
Training figures are means over an epoch, while the weights change; ${watched} figures are of the weights after it.</p>
<div class="pair">
<figure><figcaption>Loss, in nats</figcaption>${curves(records, watched, "loss")}</figure>
<figure><figcaption>Accuracy</figcaption>${curves(records, watched, "accuracy")}</figure>
${rateChanges(records) ? rateFigure([{ name: "learning rate", className: "train", records }]) : undefined}
</div>
<details><summary>Figures of every epoch</summary>${table(records, watched)}</details>
</section>`;
}

/** The records, the last of which has the final figures of the images watched if it had none. */
export function withFinal(
  epochs: readonly EpochRecord[],
  watched: WatchedName,
  final: Figures | undefined,
): EpochRecord[] {
  const last = epochs.length - 1;
  return epochs.map((record, index) =>
    index === last && !record[watched] && final ? { ...record, [watched]: final } : record,
  );
}

function curves(records: readonly EpochRecord[], watched: WatchedName, figure: keyof Figures): Html {
  return chart(figure, [
    { name: "training", className: "train", points: pointsOf(records, (record) => record[figure]) },
    { name: watched, className: "test", points: pointsOf(records, (record) => record[watched]?.[figure]) },
  ]);
}

/** Whether the learning rate was not the same in all epochs. */
export function rateChanges(records: readonly EpochRecord[]): boolean {
  return records.some(({ learningRate }) => learningRate !== records[0].learningRate);
}

/** The learning rates of runs. */
export function rateFigure(
  runs: readonly {
    readonly name: string;
    readonly className: string;
    readonly records: readonly EpochRecord[];
  }[],
): Html {
  const lines = runs.map(({ name, className, records }) => ({
    ...{ name, className },
    points: pointsOf(records, ({ learningRate }) => learningRate),
  }));
  return html`<figure><figcaption>Learning rate, of an epoch's last step</figcaption>${chart("learningRate", lines)}</figure>`;
}

/** The points that `value` gives; one that is not finite breaks the line. */
export function pointsOf(
  records: readonly EpochRecord[],
  value: (record: EpochRecord) => number | undefined,
): Point[] {
  return records.flatMap((record) => {
    const number = value(record);
    if (number === undefined) return [];
    return { epoch: record.epoch, value: Number.isFinite(number) ? number : Number.NaN };
  });
}

function table(records: readonly EpochRecord[], watched: WatchedName): Html {
  const rows = thinned(records, mostRows).map(
    ({ epoch, unfinished, loss, accuracy, learningRate, [watched]: evaluated }) => html`<tr>
<th scope="row">${grouped(epoch)}${unfinished ? " (unfinished)" : ""}</th>
<td>${lossText(loss)}</td><td>${accuracyText(accuracy)}</td>
<td>${evaluated ? lossText(evaluated.loss) : "–"}</td><td>${evaluated ? accuracyText(evaluated.accuracy) : "–"}</td>
<td>${rateText(learningRate)}</td></tr>`,
  );
  const name = watchedTitles[watched];
  const heads = [
    ...["Epoch", "Training loss", "Training accuracy"],
    ...[`${name} loss`, `${name} accuracy`, "Learning rate"],
  ];
  return html`${
    rows.length < records.length
      ? html`<p class="note">${rows.length} of ${grouped(records.length)} epochs.</p>`
      : undefined
  }<div class="scroll" tabindex="0" role="region" aria-label="Figures by epoch"><table class="figures">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
