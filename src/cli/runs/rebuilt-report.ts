import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, firstImages, usedImages } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import type { Config } from "../../model/settings.ts";
import { loadDataset } from "../../node/mnist-files.ts";
import { identify } from "../../training/identity.ts";
import { evaluationOf } from "../../training/reports.ts";
import { openCompute } from "../compute.ts";
import { openModel } from "../inference.ts";
import { fitFound, type ModelFile, readModel } from "../model-files.ts";
import type { Output } from "../output.ts";
import { recordedRequest } from "../recorded-data.ts";
import { sha256 } from "./checkpoints.ts";
import { type EndRecord, secondsOf, type TestedEnd } from "./records.ts";
import { metricsName, modelName, type RunDescription } from "./run-folder.ts";
import { modelOf } from "./run-model.ts";
import { endingOf, type Run } from "./run-reader.ts";

/** How a report is made anew. */
export interface RebuildOptions {
  readonly data?: string | undefined;
  readonly adapter?: string | undefined;
  /** Lets drivers write to stderr. */
  readonly debug?: boolean | undefined;
  /** What computes, if not what the run used. */
  readonly backend?: Config["backend"] | undefined;
}

/**
 * The report of a run, from its model, its records, and what the test split says of the model now; and the run's end,
 * as it was recorded or, if it was killed before that, as far as it is known.
 * @throws UserError if the model or the data cannot be read
 */
export async function rebuildReport(
  run: Run,
  options: RebuildOptions,
  output: Output,
): Promise<{ readonly html: string; readonly end: TestedEnd }> {
  const { path, description, epochs, end } = run;
  const { config } = description;
  const { notice } = output;
  const file = await modelOf(path, { data: options.data, adapter: options.adapter });
  const model = await readModel(file, { notice });
  if (!end && (await isOlder(file, join(path, metricsName))))
    output.notice(
      `${path}: ${modelName} is older than the last records of ${metricsName}; the report shows its weights.`,
    );
  const dataset = await loadData(run, model, options, output);
  const { backend = config.backend } = options;
  const compute = await openCompute({ ...options, backend, notice });
  try {
    output.say(`Adapter: ${compute.description}`);
    const engine = await openModel(model, compute, dataset.test);
    const evaluation = evaluationOf(await engine.evaluate(dataset.test), dataset.test);
    const { makeReport } = await import("../report/report.ts");
    const { loss, accuracy } = evaluation;
    const ending = { test: { loss, accuracy }, ...(end ?? unended(run, model.network)) };
    const html = await makeReport(engine, {
      ...{ name: description.name, program: description.program, device: description.device },
      ...{ config, dataset, parameters: model.parameters, epochs, evaluation },
      end: ending,
    });
    return { html, end: ending };
  } finally {
    compute.destroy();
  }
}

/** The data set of the run, as its model takes it, by the name that it had then. Throws a UserError if another one is found. */
async function loadData(run: Run, model: ModelFile, { data }: RebuildOptions, output: Output) {
  const { config, dataset: facts } = run.description;
  const { name, train, validation = 0 } = facts;
  const { notice } = output;
  const loaded = await loadDataset(
    { ...recordedRequest(config, name, data), transpose: config.transpose, notice },
    { digits: { train: train + validation } },
  );
  const dataset = await fitFound(loaded, model, (found) => checkData(run, found));
  return { ...dataset, name, train: firstImages(dataset.train, train) };
}

/** Throws a UserError if a data set is not the run's. */
async function checkData({ path, description }: Run, found: Dataset): Promise<void> {
  const { config, dataset: facts } = description;
  const { count, rows, columns } = found.train;
  const got: DataFacts = {
    ...{ name: found.name, origin: found.origin, rows, columns, test: found.test.count },
    train: usedImages(config.limit, count) - (facts.validation ?? 0),
    sha256: (await identify(found, config, sha256)).sha256,
  };
  // The sum tells more than a name, which is another as soon as the folder is renamed.
  const compared = [...["train", "test", "rows", "columns"], facts.sha256 ? "sha256" : "name"] as const;
  if (compared.some((key) => facts[key] !== got[key])) {
    throw new UserError(
      `${path} was trained and tested on ${factsText(facts)}, but ${factsText(got)} was found. ` +
        "Name the folder of its data with --data.",
    );
  }
}

type DataFacts = Omit<RunDescription["dataset"], "classes">;

function factsText({ name, origin, train, test, rows, columns, sha256 }: DataFacts): string {
  const hash = sha256 === undefined ? "" : `, SHA-256 ${sha256.slice(0, 12)}...`;
  return `${name} (${origin}; ${train} training and ${test} test images of ${rows}x${columns}${hash})`;
}

/** Whether one file was written before another. */
async function isOlder(file: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all([file, other].map((path) => stat(path).catch(() => undefined)));
  return one !== undefined && two !== undefined && one.mtimeMs < two.mtimeMs;
}

/** What stands for the end of a run that has none. */
function unended(run: Run, network: string): EndRecord {
  const { path, description, epochs, steps, best } = run;
  return {
    event: "end",
    reason: endingOf(run),
    steps,
    seconds: secondsOf(epochs),
    network,
    dataset: description.dataset.name,
    ...(best && { best }),
    folder: path,
  };
}
