import { Command } from "commander";
import { type ConfusionMatrix, confusionMatrix } from "../../data/confusion.ts";
import { classTitle, type Dataset } from "../../data/dataset.ts";
import { writeWhole } from "../../node/files.ts";
import { checkPage } from "../../node/page-files.ts";
import { evaluationOf } from "../../training/reports.ts";
import { openCompute } from "../compute.ts";
import { evaluateWith, loadFor, predictWith, readModels } from "../ensemble.ts";
import { configFrom, type SettingFlags, settingOption, sharedOptions, textOption } from "../flags.ts";
import { figures, grouped } from "../format.ts";
import { usualData } from "../inference.ts";
import { Output } from "../output.ts";
import { makeEvaluationReport } from "../report/evaluation.ts";

interface EvaluateFlags extends SettingFlags {
  /** One file, or those of an ensemble. */
  readonly model: readonly string[];
  readonly data?: string;
  readonly adapter?: string;
  readonly report?: string;
  readonly debug?: boolean;
  readonly json?: boolean;
}

/** `mnist-webgpu evaluate`: what a model file makes of a test split. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description(
      "Loss, accuracy and confusion matrix of a model file, or of several together, on the test split",
    )
    .addOption(sharedOptions.model())
    .addOption(sharedOptions.activation())
    .addOption(settingOption("dataset", usualData.dataset))
    .addOption(sharedOptions.data())
    .addOption(settingOption("transpose", usualData.transpose))
    .addOption(settingOption("deskew"))
    .addOption(settingOption("backend"))
    .addOption(sharedOptions.adapter())
    .addOption(
      textOption(
        "--report <file>",
        "Write a page with the figures and the images that are misread, replacing one that is there",
        "a file",
      ),
    )
    .addOption(sharedOptions.json("the result"))
    .addOption(sharedOptions.debug())
    .addHelpText(
      "after",
      "\nExamples:\n  mnist-webgpu evaluate --model runs/first/model.safetensors" +
        "\n  mnist-webgpu evaluate --model a.safetensors --model b.safetensors --model c.safetensors --report mistakes.html",
    )
    .action(evaluate);
}

async function evaluate(flags: EvaluateFlags): Promise<void> {
  const output = new Output({ ...flags, out: flags.report });
  const { backend } = configFrom(flags);
  const { notice } = output;
  if (flags.report !== undefined) await checkPage(flags.report);
  const models = await readModels(flags.model, {
    notice,
    activation: flags.activation,
    deskew: flags.deskew,
  });
  const dataset = await loadFor(models, flags, notice);
  const { test } = dataset;
  const compute = await openCompute({ ...flags, backend, notice });
  try {
    output.say(`Adapter: ${compute.description}`);
    const { members, together } = await evaluateWith(models, compute, test);
    const confusion = confusionMatrix(test.labels, together.classes, dataset.classes);
    const result = { loss: together.loss, accuracy: evaluationOf(together, test).accuracy };
    const networks = models.map(({ path, network }, index) => ({
      model: path,
      network,
      loss: members[index].loss,
      accuracy: evaluationOf(members[index], test).accuracy,
    }));
    const isEnsemble = models.length > 1;
    for (const [index, { description }] of models.entries())
      output.say(`Network: ${description}${isEnsemble ? `: ${figures(networks[index])}` : ""}`);
    const images = `${grouped(test.count)} test images of ${dataset.name} (${dataset.origin})`;
    output.say(`${images}${isEnsemble ? `, ensemble of ${models.length}` : ""}: ${figures(result)}`);
    output.say("");
    for (const line of confusionTable(confusion, dataset.classNames)) output.say(line);
    if (flags.report !== undefined) {
      const judgement = {
        networks,
        figures: result,
        together,
        confusion,
        dataset,
        device: compute.description,
      };
      const predict = (images: Uint8Array) => predictWith(models, compute, images, test);
      await writeWhole(flags.report, await makeEvaluationReport(judgement, predict));
      output.say(`Wrote ${flags.report}.`);
    }
    output.record({
      ...(isEnsemble ? { models: networks } : { model: networks[0].model, network: networks[0].network }),
      dataset: dataset.name,
      images: test.count,
      ...result,
      confusion: rowsOf(confusion),
      ...(dataset.classNames && { classNames: dataset.classNames }),
      ...(flags.report !== undefined && { report: flags.report }),
    });
  } finally {
    compute.destroy();
  }
}

/** `[label][prediction]` */
function rowsOf({ classes, counts }: ConfusionMatrix): number[][] {
  return Array.from({ length: classes }, (_, label) =>
    Array.from(counts.subarray(label * classes, (label + 1) * classes)),
  );
}

/** The matrix as lines of text, aligned to the right; rows tell the classes' names where they have any. */
function confusionTable(confusion: ConfusionMatrix, classNames: Dataset["classNames"]): string[] {
  const titles = Array.from({ length: confusion.classes }, (_, label) => classTitle(classNames, label));
  const margin = Math.max(7, ...titles.map((title) => title.length + 1));
  const rows = rowsOf(confusion);
  // Of a thousand classes, more counts than a function takes arguments.
  const width = confusion.counts.reduce((most, count) => Math.max(most, count), 0).toString().length + 2;
  const cells = (values: readonly number[]) => values.map((value) => String(value).padStart(width)).join("");
  const head = `${"label".padStart(margin)} |${cells(rows.map((_, prediction) => prediction))}  <- prediction`;
  const rule = `${"-".repeat(margin + 1)}+${"-".repeat(width * rows.length)}`;
  return [head, rule, ...rows.map((row, label) => `${titles[label].padStart(margin)} |${cells(row)}`)];
}
