import { grouped } from "../format.ts";
import type { EpochRecord, Figures } from "../records.ts";
import { curve, type Line, type Point } from "./curve.ts";
import { accuracyText, lossText, rateText } from "./figures.ts";
import { type Html, html } from "./html.ts";

/** Points of a curve, and rows of the table, at most: longer runs show every so many epochs. */
const mostPoints = 1000;
const mostRows = 200;

/** What the curves show. */
export interface CurvesData {
  readonly epochs: readonly EpochRecord[];
  /** The images that were evaluated between epochs. */
  readonly watched: "test" | "validation";
  /** Their figures at the end of the last epoch, unless its record has them. */
  readonly final?: Figures | undefined;
}

/** Loss and accuracy by epoch, and the learning rate if it changed, as drawings and as a table. */
export function curvesSection({ epochs, watched, final }: CurvesData): Html {
  if (epochs.length === 0) {
    return html`<section><h2>Loss and accuracy</h2>
<p class="note">Training ended before its first step: there is nothing to draw.</p></section>`;
  }
  const last = epochs.length - 1;
  const records = epochs.map((record, index) =>
    index === last && !record[watched] && final ? { ...record, [watched]: final } : record,
  );
  const lines = (figure: keyof Figures): Line[] => [
    { name: "training", colour: "train", points: pointsOf(records, (record) => record[figure]) },
    { name: watched, colour: "test", points: pointsOf(records, (record) => record[watched]?.[figure]) },
  ];
  const rates = pointsOf(records, ({ learningRate }) => learningRate);
  const changing = rates.some(({ value }) => value !== rates[0].value);
  return html`<section>
<h2>Loss and accuracy</h2>
<p class="note"><span class="key train">training</span><span class="key test">${watched}</span>
Training figures are means over an epoch, while the weights change; ${watched} figures are of the weights after it.</p>
<div class="pair">
<figure><figcaption>Loss, in nats</figcaption>${curve({ what: "loss", lines: lines("loss"), text: lossText })}</figure>
<figure><figcaption>Accuracy</figcaption>${curve({ what: "accuracy", lines: lines("accuracy"), text: accuracyText, tick: shareFormat })}</figure>
${
  changing
    ? html`<figure><figcaption>Learning rate, of an epoch's last step</figcaption>${curve({
        what: "the learning rate",
        lines: [{ name: "learning rate", colour: "train", points: rates }],
        text: rateText,
        tick: rateText,
      })}</figure>`
    : undefined
}
</div>
<details><summary>Figures of every epoch</summary>${table(records, watched)}</details>
</section>`;
}

/** The points that `figure` gives; one that is not finite breaks the line. */
function pointsOf(
  records: readonly EpochRecord[],
  figure: (record: EpochRecord) => number | undefined,
): Point[] {
  const points = records.flatMap((record) => {
    const value = figure(record);
    if (value === undefined) return [];
    return { epoch: record.epoch, value: Number.isFinite(value) ? value : Number.NaN };
  });
  return thinned(points, mostPoints);
}

/** At most about `most` of `items`, evenly spread, the last one included. */
function thinned<T>(items: readonly T[], most: number): T[] {
  const stride = Math.ceil(items.length / most);
  return items.filter((_, index) => (items.length - 1 - index) % stride === 0);
}

function shareFormat(share: number): string {
  return `${Number((100 * share).toFixed(3))}%`;
}

function table(records: readonly EpochRecord[], watched: CurvesData["watched"]): Html {
  const rows = thinned(records, mostRows).map(
    ({ epoch, unfinished, loss, accuracy, learningRate, [watched]: evaluated }) => html`<tr>
<th scope="row">${grouped(epoch)}${unfinished ? " (unfinished)" : ""}</th>
<td>${lossText(loss)}</td><td>${accuracyText(accuracy)}</td>
<td>${evaluated ? lossText(evaluated.loss) : "–"}</td><td>${evaluated ? accuracyText(evaluated.accuracy) : "–"}</td>
<td>${rateText(learningRate)}</td></tr>`,
  );
  const name = `${watched[0].toUpperCase()}${watched.slice(1)}`;
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
