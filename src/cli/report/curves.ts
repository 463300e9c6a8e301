import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { grouped } from "../format.ts";
import type { EpochRecord, Figures } from "../records.ts";
import { accuracyText, lossText } from "./figures.ts";
import { Html, html } from "./html.ts";

/** Points of a curve, and rows of the table, at most: longer runs show every so many epochs. */
const mostPoints = 1000;
const mostRows = 200;
/** Up to this many epochs every one has a mark of its own. */
const mostMarks = 40;
/** In units of the drawing, which scales with the page; the text in it is 12 of them high. */
const width = 400;
const height = 240;

/** What the curves show. */
export interface CurveData {
  readonly epochs: readonly EpochRecord[];
  /** Figures on the test split at the end of the last epoch, unless its record has them. */
  readonly finalTest?: Figures | undefined;
}

interface Point {
  readonly epoch: number;
  readonly value: number;
}

/** Loss and accuracy by epoch, as drawings and as a table. */
export function curvesSection({ epochs, finalTest }: CurveData): Html {
  if (epochs.length === 0) {
    return html`<section><h2>Loss and accuracy</h2>
<p class="note">Training ended before its first step: there is nothing to draw.</p></section>`;
  }
  const last = epochs.length - 1;
  const records = epochs.map((record, index) =>
    index === last && !record.test && finalTest ? { ...record, test: finalTest } : record,
  );
  return html`<section>
<h2>Loss and accuracy</h2>
<p class="note"><span class="key train">training</span><span class="key test">test</span>
Training figures are means over an epoch, while the weights change; test figures are of the weights after it.</p>
<div class="pair">
<figure><figcaption>Loss, in nats</figcaption>${curve(records, "loss", lossText)}</figure>
<figure><figcaption>Accuracy</figcaption>${curve(records, "accuracy", accuracyText)}</figure>
</div>
<details><summary>Figures of every epoch</summary>${table(records)}</details>
</section>`;
}

function curve(
  records: readonly EpochRecord[],
  figure: keyof Figures,
  text: (value: number) => string,
): Html {
  const train = pointsOf(records, (record) => record[figure]);
  const test = pointsOf(records, (record) => record.test?.[figure]);
  const finite = [...train, ...test].map(({ value }) => value).filter(Number.isFinite);
  if (finite.length === 0) return html`<p class="note">No figure of this run is finite.</p>`;
  const [first, last] = [records[0].epoch, records[records.length - 1].epoch];
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document,
    className: "plot",
    ariaLabel: description(figure, text, train, test),
    width,
    height,
    marginTop: 10,
    marginRight: 14,
    marginBottom: 36,
    marginLeft: 46,
    x: { domain: [first, Math.max(first + 1, last)], label: "epoch" },
    y: {
      ...(Math.min(...finite) === Math.max(...finite) && { domain: around(finite[0]) }),
      label: null,
      grid: true,
      nice: true,
      ticks: 5,
      ...(figure === "accuracy" && { tickFormat: shareFormat }),
    },
    marks: [
      Plot.axisX(integerTicks(first, last), {
        tickFormat: grouped,
        labelAnchor: "center",
        labelArrow: "none",
        tickSize: 4,
      }),
      ...series(train, "train", text),
      ...series(test, "test", text),
    ],
  });
  svg.setAttribute("role", "img");
  // An image is one thing to assistive technology: its parts go without names.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  // The page's style sheet is the only one that its security policy admits.
  svg.querySelector("style")?.remove();
  return new Html(svg.outerHTML);
}

/** A line, with a mark on each point where they are few. */
function series(points: readonly Point[], name: "train" | "test", text: (value: number) => string) {
  const channels = { x: "epoch", y: "value" };
  const few = points.length <= mostMarks;
  return [
    Plot.lineY(points, { ...channels, className: `line ${name}` }),
    ...(few
      ? [
          Plot.dot(points, {
            ...channels,
            r: 2.5,
            className: `dot ${name}`,
            title: ({ epoch, value }: Point) => `${name}, epoch ${epoch}: ${text(value)}`,
          }),
        ]
      : []),
  ];
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

/** Whole numbers for an axis from `first` to `last`: up to about eight, at round distances. */
export function integerTicks(first: number, last: number): number[] {
  const wanted = Math.max(1, (last - first) / 8);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10]
    .map((factor) => factor * power)
    .find((candidate) => candidate >= wanted) as number;
  const ticks = [];
  for (let tick = Math.ceil(first / step) * step; tick <= last; tick += step) ticks.push(tick);
  return ticks;
}

/** An axis around a single value. */
function around(value: number): [number, number] {
  const room = Math.abs(value) * 0.1 || 0.1;
  return [value - room, value + room];
}

function shareFormat(share: number): string {
  return `${Number((100 * share).toFixed(3))}%`;
}

function description(
  figure: string,
  text: (value: number) => string,
  train: readonly Point[],
  test: readonly Point[],
): string {
  const ends = (name: string, points: readonly Point[]) => {
    if (points.length === 0) return "";
    const [from, to] = [points[0], points[points.length - 1]];
    return points.length === 1
      ? `, ${name} ${text(from.value)} at epoch ${from.epoch}`
      : `, ${name} from ${text(from.value)} at epoch ${from.epoch} to ${text(to.value)} at epoch ${to.epoch}`;
  };
  return `Curve of ${figure}${ends("training", train)}${ends("test", test)}`;
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
