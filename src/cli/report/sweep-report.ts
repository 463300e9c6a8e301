import { byScore } from "../../training/halving.ts";
import type { SweepDescription } from "../sweep/sweep-folder.ts";
import { configOf, sweptText, trainCommandOf } from "../sweep/sweep-lines.ts";
import type { SweepRecord } from "../sweep/sweep-records.ts";
import { accuracyText, lossText } from "./figures.ts";
import { html } from "./html.ts";
import { page } from "./page.ts";

/** The report of a sweep. */
export function sweepReport(
  description: SweepDescription,
  records: readonly SweepRecord[],
  data: string | undefined,
): string {
  const ends = records.flatMap((record) =>
    record.event === "end" ? [{ ...record, score: record.validation }] : [],
  );
  const ranked = [...ends].sort(byScore);
  return page(
    "Sweep",
    html`<header><h1>Sweep of ${description.networks.length} networks</h1></header>
<section><table class="figures">${ranked.map(
      ({
        network,
        validation,
      }) => html`<tr><th scope="row">${network}</th><td>${sweptText(description, network)}</td>
<td>${validation && accuracyText(validation.accuracy)}</td><td>${validation && lossText(validation.loss)}</td></tr>`,
    )}</table></section>
<p><code>${ranked[0] && trainCommandOf(configOf(description, ranked[0].network), data)}</code></p>`,
  );
}
