import type { ConfusionMatrix } from "../../data/confusion.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Predictions } from "../../training/engine/engine.ts";
import { grouped } from "../format.ts";
import type { Figures } from "../runs/records.ts";
import { confusionSection } from "./confusion.ts";
import { chooseDigits, countMisread, imagesOf, mistakesSection } from "./digits.ts";
import { accuracyText, lossText } from "./figures.ts";
import { type Html, html } from "./html.ts";
import { headline, page } from "./page.ts";

/** What one network, or several together, made of a test split. */
export interface Judgement {
  /** Each network, its file and its figures. */
  readonly networks: readonly (Figures & { readonly model: string; readonly network: string })[];
  /** The figures of all together. */
  readonly figures: Figures;
  /** What all together took each image for. */
  readonly together: Predictions;
  readonly confusion: ConfusionMatrix;
  readonly dataset: Dataset;
  /** What computed. */
  readonly device: string;
}

/** Mistakes that are shown: of a network that reads well, all of them. */
const mostMistakes = 200;

/**
 * A report on an evaluation as one HTML document: the figures, the confusion matrix, and the images that were misread.
 * @param predict the probabilities of all networks together for images, `[count, classes]`
 */
export async function makeEvaluationReport(
  judgement: Judgement,
  predict: (images: Uint8Array) => Promise<Float32Array>,
): Promise<string> {
  const { networks, together, confusion, dataset } = judgement;
  const { test, classNames, name } = dataset;
  const chosen = chooseDigits(together, test, { sampled: 0, mistakes: mostMistakes });
  const probabilities = chosen.worst.length > 0 ? await predict(imagesOf(chosen, test)) : new Float32Array();
  const readings = { chosen, predicted: together.classes, probabilities, classNames };
  const title = networks.length > 1 ? `${networks.length} networks together` : networks[0].network;
  return page(
    `${title} on ${name}`,
    html`${header(judgement, title)}
${networks.length > 1 ? networksSection(judgement) : undefined}
${confusionSection(confusion, classNames)}
${mistakesSection(test, readings)}`,
  );
}

function header(
  { figures, together, dataset: { name, origin, test }, networks, device }: Judgement,
  title: string,
): Html {
  const facts: [string, string][] = [
    ["Test accuracy", accuracyText(figures.accuracy)],
    ["Test loss", lossText(figures.loss)],
    ["Misread", `${grouped(countMisread(together.classes, test))} of ${grouped(test.count)}`],
  ];
  const what = networks.length > 1 ? "the mean of their probabilities" : networks[0].model;
  return html`<header>
<h1>${title} on ${name}</h1>
<p class="ending">${what}, on the test split of ${name} (${origin}), by ${device}.</p>
${headline(facts)}
</header>`;
}

/** What each network reads by itself. */
function networksSection({ networks }: Judgement): Html {
  return html`<section>
<h2>Each by itself</h2>
<table class="figures"><thead><tr><th scope="col">Network</th><th scope="col">File</th><th scope="col">Accuracy</th>
<th scope="col">Loss</th></tr></thead><tbody>${networks.map(
    ({ network, model, accuracy, loss }) => html`<tr><th scope="row">${network}</th><td>${model}</td>
<td>${accuracyText(accuracy)}</td><td>${lossText(loss)}</td></tr>`,
  )}</tbody></table>
</section>`;
}
