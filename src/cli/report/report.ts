import { confusionMatrix } from "../../data/confusion.ts";
import { type Dataset, imageSize, type Split } from "../../data/dataset.ts";
import type { Parameters } from "../../model/parameters.ts";
import type { Config } from "../../model/settings.ts";
import type { Engine } from "../../training/engine.ts";
import type { Evaluation } from "../../training/events.ts";
import type { EndRecord, EpochRecord } from "../runs/records.ts";
import { confusionSection } from "./confusion.ts";
import { curvesSection, watchedBy } from "./curves.ts";
import { type ChosenDigits, chooseDigits, digitSections, indexesOf, singleCheck } from "./digits.ts";
import { html } from "./html.ts";
import { factsSection, header, page } from "./page.ts";
import { seenSection } from "./seen.ts";
import { weightsSection } from "./weights.ts";

/** What is known at the end of a run. Figures of a run that diverged need not be finite. */
export interface RunFacts {
  readonly name: string;
  /** Program and version. */
  readonly program: string;
  /** What computed. */
  readonly device: string;
  readonly config: Config;
  readonly dataset: Dataset;
  /** The weights and biases that were kept. */
  readonly parameters: Parameters;
  /** Empty if training ended before its first step. */
  readonly epochs: readonly EpochRecord[];
  readonly end: EndRecord;
  /** What the test split says of `parameters`. */
  readonly evaluation: Evaluation;
}

/** All that the report shows. */
export interface ReportData extends RunFacts {
  readonly chosen: ChosenDigits;
  /** Probabilities of the chosen digits, `[indexesOf(chosen), classes]`. */
  readonly probabilities: Float32Array;
}

/** The report on a run, with the probabilities that `engine`, which holds its parameters, gives some test digits. */
export async function makeReport(engine: Pick<Engine, "predict">, run: RunFacts): Promise<string> {
  const { test } = run.dataset;
  const chosen = chooseDigits(run.evaluation, test);
  const probabilities = await engine.predict(imagesAt(test, indexesOf(chosen)));
  return renderReport({ ...run, chosen, probabilities });
}

/** The report as one HTML document that needs neither network nor scripts. */
export function renderReport(data: ReportData): string {
  const { config, dataset, parameters, evaluation, epochs, end } = data;
  const { test, classes } = dataset;
  const watched = watchedBy(config);
  const readings = { ...data, predicted: evaluation.classes, classNames: dataset.classNames };
  // The weights kept after divergence are older than the last epoch's figures.
  const final = watched === "test" && end.reason !== "diverged" ? end.test : undefined;
  const content = html`${header(data)}
${curvesSection({ epochs, watched, final })}
<div class="pair first-wide">
${confusionSection(confusionMatrix(test.labels, evaluation.classes, classes), dataset.classNames)}
${singleCheck(test, readings)}
</div>
${weightsSection(parameters[0], test, parameters.length === 1)}
${seenSection(dataset.train, config)}
${digitSections(test, readings)}
${factsSection(data)}`;
  return page(`${end.network} on ${dataset.name}`, content);
}

/** The images of `split` at `indexes`, one after the other, `[indexes, rows * columns]`. */
function imagesAt(split: Split, indexes: readonly number[]): Uint8Array {
  const size = imageSize(split);
  const images = new Uint8Array(indexes.length * size);
  for (const [position, index] of indexes.entries()) {
    images.set(split.images.subarray(index * size, (index + 1) * size), position * size);
  }
  return images;
}
