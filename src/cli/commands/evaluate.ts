import { Command } from "commander";
import { type ConfusionMatrix, confusionMatrix } from "../../data/confusion.ts";
import { classTitle, type Dataset } from "../../data/dataset.ts";
import { loadDataset } from "../../node/mnist-files.ts";
import { openCompute } from "../compute.ts";
import { configFrom, type SettingFlags, settingOption, sharedOptions } from "../flags.ts";
import { figures, grouped } from "../format.ts";
import { dataFor, openModel } from "../inference.ts";
import { fitDataset, readModel } from "../model-files.ts";
import { Output } from "../output.ts";

interface EvaluateFlags extends SettingFlags {
  readonly model: string;
  readonly data?: string;
  readonly adapter?: string;
  readonly debug?: boolean;
  readonly json?: boolean;
}

/** `mnist-webgpu evaluate`: what a model file makes of a test split. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Loss, accuracy and confusion matrix of a model file on the test split")
    .addOption(sharedOptions.model())
    .addOption(sharedOptions.activation())
    .addOption(settingOption("dataset"))
    .addOption(sharedOptions.data())
    .addOption(settingOption("transpose"))
    .addOption(settingOption("backend"))
    .addOption(sharedOptions.adapter())
    .addOption(sharedOptions.json("the result"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", "\nExample:\n  mnist-webgpu evaluate --model runs/first/model.safetensors")
    .action(evaluate);
}

async function evaluate(flags: EvaluateFlags): Promise<void> {
  const output = new Output(flags);
  const { backend } = configFrom(flags);
  const notice = (line: string) => output.notice(line);
  const model = await readModel(flags.model, { notice, activation: flags.activation });
  const request = { ...dataFor(model, flags), notice };
  const dataset = fitDataset(await loadDataset(request), model);
  const { test } = dataset;
  const compute = await openCompute({ ...flags, backend });
  try {
    output.say(`Adapter: ${compute.description}`);
    const { loss, classes } = await (await openModel(model, compute)).evaluate(test);
    const confusion = confusionMatrix(test.labels, classes, dataset.classes);
    const correct = rowsOf(confusion).reduce((sum, row, label) => sum + row[label], 0);
    const accuracy = correct / test.count;
    const images = `${grouped(test.count)} test images of ${dataset.name}`;
    output.say(`Network: ${model.description}`);
    output.say(`${images} (${dataset.origin}): ${figures({ loss, accuracy })}`);
    output.say("");
    for (const line of confusionTable(confusion, dataset.classNames)) output.say(line);
    output.record({
      model: model.path,
      network: model.network,
      dataset: dataset.name,
      images: test.count,
      loss,
      accuracy,
      confusion: rowsOf(confusion),
      ...(dataset.classNames && { classNames: dataset.classNames }),
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
  const width = Math.max(...confusion.counts).toString().length + 2;
  const cells = (values: readonly number[]) => values.map((value) => String(value).padStart(width)).join("");
  const head = `${"label".padStart(margin)} |${cells(rows.map((_, prediction) => prediction))}  <- prediction`;
  const rule = `${"-".repeat(margin + 1)}+${"-".repeat(width * rows.length)}`;
  return [head, rule, ...rows.map((row, label) => `${titles[label].padStart(margin)} |${cells(row)}`)];
}
