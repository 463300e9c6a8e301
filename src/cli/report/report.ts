import { confusionMatrix } from "../../data/confusion.ts";
import type { Engine } from "../../training/engine/engine.ts";
import { augmentedSamplesSection } from "./augmented-samples.ts";
import { confusionSection } from "./confusion.ts";
import { curvesSection, watchedBy } from "./curves.ts";
import { chooseDigits, imagesOf, mistakesSection, sampleSection, singleCheck } from "./digits.ts";
import { html } from "./html.ts";
import { factsSection, header, page } from "./page.ts";
import type { ReportData, TrainedRun } from "./report-data.ts";
import { weightsSection } from "./weights.ts";

/** The report on a run, with the probabilities that `engine`, which holds its parameters, gives some test digits. */
export async function makeReport(engine: Pick<Engine, "predict">, run: TrainedRun): Promise<string> {
  const { test } = run.dataset;
  const chosen = chooseDigits(run.evaluation, test);
  const probabilities = await engine.predict(imagesOf(chosen, test));
  return renderReport({ ...run, chosen, probabilities });
}

/** The report as one HTML document that needs neither network nor scripts. */
function renderReport(data: ReportData): string {
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
${weightsSection(parameters[0], test, parameters.length === 1, dataset.classNames)}
${augmentedSamplesSection(dataset, config)}
${sampleSection(test, readings)}
${mistakesSection(test, readings)}
${factsSection(data)}`;
  return page(`${end.network} on ${dataset.name}`, content);
}
