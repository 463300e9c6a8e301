import { join } from "node:path";
import { Command } from "commander";
import { firstImages } from "../../data/dataset.ts";
import { UsageError, UserError } from "../../errors.ts";
import { writeWhole } from "../../node/files.ts";
import { loadDataset } from "../../node/mnist-files.ts";
import type { Evaluation } from "../../training/events.ts";
import { openCompute } from "../compute.ts";
import { type SettingFlags, settingOption, sharedOptions, textOption } from "../flags.ts";
import { openModel } from "../inference.ts";
import { fitDataset, readModel } from "../model-files.ts";
import { Output } from "../output.ts";
import type { EndRecord } from "../records.ts";
import { type Run, readRun } from "../run-reader.ts";

interface ReportFlags extends SettingFlags {
  readonly out?: string;
  readonly data?: string;
  readonly adapter?: string;
  readonly debug?: boolean;
  readonly json?: boolean;
}

const comparisonFile = "comparison.html";

const help = `
Of one run it makes the report anew, which is of use for a run that was killed; of several a page with their figures, the
settings that differ, and their curves over each other.

Examples:
  mnist-webgpu report runs/first
  mnist-webgpu report runs/* --out ${comparisonFile}`;

/** `mnist-webgpu report`: one run's report made anew, or a page that compares several. */
export function reportCommand(): Command {
  return new Command("report")
    .description("Compare runs on one page, or make the report of one run anew")
    .argument("<run...>", "Run folders")
    .addOption(
      textOption(
        "--out <file>",
        `Write this file, replacing what is there (default: report.html in the folder of one run, ${comparisonFile} for several)`,
        "a file",
      ),
    )
    .addOption(sharedOptions.data())
    .addOption(settingOption("backend", "the one that the run used"))
    .addOption(sharedOptions.adapter())
    .addOption(sharedOptions.json("what was written"))
    .addOption(sharedOptions.debug())
    .addHelpText("after", help)
    .action(report);
}

async function report(paths: readonly string[], flags: ReportFlags): Promise<void> {
  const output = new Output(flags);
  const runs: Run[] = [];
  for (const path of paths) runs.push(await readRun(path, (line) => output.notice(line)));
  const [run] = runs;
  const file = flags.out ?? (runs.length === 1 ? join(run.path, "report.html") : comparisonFile);
  await writeWhole(file, runs.length === 1 ? await rebuild(run, flags, output) : await compare(runs, flags));
  output.say(`Wrote ${file}.`);
  output.record({ file, runs: paths });
}

async function compare(runs: readonly Run[], flags: ReportFlags): Promise<string> {
  for (const name of ["data", "adapter", "backend"] as const) {
    if (flags[name] === undefined) continue;
    throw new UsageError(
      `--${name} ${flags[name]} is of no use to compare runs: nothing is computed. Leave it out, or name one run.`,
    );
  }
  const { renderComparison } = await import("../report/comparison.ts");
  return renderComparison(runs);
}

/** The report of a run, from its model, its records, and what the test split says of the model now. */
async function rebuild(run: Run, flags: ReportFlags, output: Output): Promise<string> {
  const { path, description, epochs, end } = run;
  const { config } = description;
  const model = await readModel(join(path, "model.safetensors"));
  const dataset = fitDataset(await loadData(run, flags, output), model);
  const { backend = config.backend } = flags;
  const compute = await openCompute({ ...flags, backend });
  try {
    output.say(`Adapter: ${compute.description}`);
    const engine = await openModel(model, compute);
    const predictions = await engine.evaluate(dataset.test);
    const right = predictions.classes.filter((predicted, image) => predicted === dataset.test.labels[image]);
    const evaluation = { ...predictions, accuracy: right.length / dataset.test.count };
    const { makeReport } = await import("../report/report.ts");
    return await makeReport(engine, {
      ...{ name: description.name, program: description.program, device: description.device },
      ...{ config, dataset, parameters: model.parameters, epochs, evaluation },
      end: end ?? unended(run, evaluation, model.network),
    });
  } finally {
    compute.destroy();
  }
}

/** The data set of the run. Throws a UserError if another one is found. */
async function loadData({ path, description }: Run, { data }: ReportFlags, output: Output) {
  const { name, origin, train } = description.dataset;
  const asked = description.config.dataset;
  const found = asked === "auto" || data !== undefined ? "mnist" : asked;
  const dataset = await loadDataset(
    {
      dataset: name === "built-in digits" ? "synthetic" : found,
      data,
      notice: (line) => output.notice(line),
    },
    { digits: { train } },
  );
  if (dataset.name !== name) {
    throw new UserError(
      `${path} was trained and tested on ${name} (${origin}), but ${dataset.name} (${dataset.origin}) was found. ` +
        "Name the folder of its data with --data.",
    );
  }
  return { ...dataset, train: firstImages(dataset.train, train) };
}

/** What stands for the end of a run that has none. */
function unended(
  { path, description, epochs, steps, best }: Run,
  { loss, accuracy }: Evaluation,
  network: string,
) {
  const end: EndRecord = {
    event: "end",
    reason: "interrupted",
    steps,
    seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
    network,
    dataset: description.dataset.name,
    ...(best && { best }),
    test: { loss, accuracy },
    folder: path,
  };
  return end;
}
