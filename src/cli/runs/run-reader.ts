import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { stepsPerEpoch, totalSteps } from "../../data/batches.ts";
import { UserError } from "../../errors.ts";
import { count, quote } from "../../model/file-values.ts";
import { changeSettings, defaultConfig, isValid, settingNames } from "../../model/settings.ts";
import { isDirectory, isFile } from "../../node/files.ts";
import { readBytes } from "../../node/read-bytes.ts";
import { isMissing, systemReason } from "../../node/system-errors.ts";
import {
  type EpochScore,
  noSelection,
  type Selection,
  select,
  stopsEarly,
} from "../../training/selection.ts";
import { checkNoRun, checkNoSweep, kindOf, sweepText } from "../folder-kinds.ts";
import { measured, parseJson } from "../json.ts";
import type { EndRecord, EpochRecord, Figures } from "./records.ts";
import { configName, metricsName, type RunDescription } from "./run-folder.ts";

/** What a run folder tells, however far the run came. */
export interface Run {
  /** As it was named. */
  readonly path: string;
  /** The folder's own name. */
  readonly name: string;
  /** What config.json holds; settings that it lacks or has wrongly are at their defaults. */
  readonly description: RunDescription;
  /** Epochs in order: where training went on from an earlier one, the later figures. */
  readonly epochs: readonly EpochRecord[];
  /** Absent if nothing follows the last epoch: the run is under way, or was killed. */
  readonly end: EndRecord | undefined;
  readonly state: EndRecord["reason"] | "running or killed";
  /** Steps that the folder tells of. */
  readonly steps: number;
  /** Figures on the test split, the last ones there are. */
  readonly test: Figures | undefined;
  /** The best evaluation of the validation images. */
  readonly best: EpochScore | undefined;
}

const figures = v.looseObject({ loss: measured, accuracy: measured });

const descriptionSchema = v.looseObject({
  program: v.string(),
  name: v.string(),
  started: v.pipe(v.string(), v.isoTimestamp()),
  network: v.string(),
  device: v.string(),
  dataset: v.looseObject({
    ...{ name: v.string(), origin: v.string(), train: count, test: count },
    ...{ rows: count, columns: count, classes: count },
    ...{ validation: v.optional(count), sha256: v.optional(v.string()) },
    classNames: v.optional(v.array(v.string())),
  }),
  config: v.record(v.string(), v.unknown()),
});

const recordSchema = v.variant("event", [
  v.looseObject({
    ...{ event: v.literal("epoch"), epoch: count, steps: count, loss: measured, accuracy: measured },
    ...{ learningRate: measured, seconds: measured, stepsPerSecond: measured },
    ...{ test: v.optional(figures), validation: v.optional(figures) },
  }),
  v.looseObject({
    ...{
      event: v.literal("end"),
      reason: v.string(),
      steps: count,
      seconds: measured,
      test: v.optional(figures),
    },
  }),
]);

/**
 * Reads a run folder. What is damaged in it is left out, with a notice.
 * @throws UserError if there is no config.json in it that describes a run
 */
export async function readRun(path: string, notice: (line: string) => void): Promise<Run> {
  await checkNoSweep(path);
  await checkHoldsRun(path);
  const description = await readDescription(join(path, configName), notice);
  const records = await readRecords(join(path, metricsName), notice);
  const epochs: EpochRecord[] = [];
  for (const record of records) {
    if (record.event !== "epoch") continue;
    while (epochs.length > 0 && epochs[epochs.length - 1].epoch >= record.epoch) epochs.pop();
    epochs.push(record);
  }
  const newest = records.at(-1);
  const end = newest?.event === "end" ? newest : undefined;
  return {
    path,
    name: basename(resolve(path)),
    description,
    epochs,
    end,
    state: end?.reason ?? "running or killed",
    steps: end?.steps ?? epochs.at(-1)?.steps ?? 0,
    test: end?.test ?? epochs.findLast(({ test }) => test)?.test,
    best: selectionOf(epochs).best,
  };
}

/** Throws a UserError if what is at `path` can be told to be something else than the folder of a run. */
export async function checkHoldsRun(path: string): Promise<void> {
  if (await isFile(path)) {
    const folder = dirname(path);
    const advice =
      (await kindOf(folder)) === "run" ? `Name the run's folder: ${folder}.` : "Name a run's folder.";
    throw new UserError(`${path} is a file. ${advice}`);
  }
  const names = await readdir(path).catch(() => undefined);
  if (!names || names.includes(configName)) return;
  for (const name of names) {
    if ((await kindOf(join(path, name))) !== "run") continue;
    throw new UserError(
      `${path} holds no run, but folders of runs. Name one of them, as ${join(path, name)}.`,
    );
  }
  throw new UserError(
    `${path} holds no run: there is no ${configName} in it. Name a folder that \`train\` has written.`,
  );
}

/** How a run ended that was killed before that was recorded. */
export function endingOf({ description, epochs, steps }: Run): EndRecord["reason"] {
  const { config, dataset } = description;
  if (stopsEarly(config, selectionOf(epochs))) return "stopped early";
  const wanted = totalSteps(config, stepsPerEpoch(dataset.train, config.batchSize));
  return steps >= wanted ? "finished" : "interrupted";
}

/** What the evaluations of the validation images say. */
function selectionOf(epochs: readonly EpochRecord[]): Selection {
  let selection = noSelection;
  for (const { epoch, validation } of epochs) {
    if (validation) selection = select(selection, { epoch, ...validation });
  }
  return selection;
}

async function readDescription(file: string, notice: (line: string) => void): Promise<RunDescription> {
  const text = new TextDecoder().decode(await readBytes(file));
  const { success, output } = v.safeParse(descriptionSchema, parseJson(text));
  if (!success)
    throw new UserError(`${file} does not describe a run. Name a folder that \`train\` has written.`);
  const told: Record<string, unknown> = {};
  for (const name of settingNames) {
    const value = output.config[name];
    if (value === undefined) continue;
    if (isValid(name, value)) told[name] = value;
    else notice(`${file}: the setting ${name} is ${quote(String(value))}, and is taken for its default.`);
  }
  return { ...output, config: changeSettings(defaultConfig, told) };
}

/** The lines of metrics.jsonl that are records; none, with a notice, if it cannot be read. */
async function readRecords(
  file: string,
  notice: (line: string) => void,
): Promise<(EpochRecord | EndRecord)[]> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readBytes(file));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    notice(error.message);
    return [];
  }
  const parsed = text.split("\n").map((line) => v.safeParse(recordSchema, parseJson(line)));
  // `split` leaves an empty text behind the last line's end; any other text there is a line that was cut short.
  if (text === "" || text.endsWith("\n")) parsed.pop();
  const wrong = parsed.flatMap(({ success }, index) => (success ? [] : [index + 1]));
  if (wrong.length > 0) {
    const lines = `line${wrong.length > 1 ? "s" : ""} ${wrong.slice(0, 5).join(", ")}${wrong.length > 5 ? ", ..." : ""}`;
    notice(
      `${file}: ${lines} of ${parsed.length} cannot be read and ${wrong.length > 1 ? "are" : "is"} left out.`,
    );
  }
  return parsed.flatMap(({ success, output }) =>
    success ? [output as unknown as EpochRecord | EndRecord] : [],
  );
}

/**
 * Reads every folder in `folder` as a run, oldest run first. One that cannot be read is left out, with a notice.
 * @throws UserError if `folder` itself cannot be read, or is the folder of a run or a sweep
 */
export async function readRuns(folder: string, notice: (line: string) => void): Promise<Run[]> {
  await checkNoSweep(folder);
  await checkNoRun(folder, "Name the folder that it is in.");
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UserError(
      isMissing(error)
        ? `There is no folder ${folder}. Train a network first, or name the folder that holds runs.`
        : `${folder} cannot be read (${systemReason(error)}). Name a folder that holds runs.`,
    );
  });
  const runs: Run[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if (!(await isDirectory(path))) continue;
    if ((await kindOf(path)) === "sweep") {
      notice(sweepText(path));
      continue;
    }
    try {
      runs.push(await readRun(path, notice));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      notice(error.message);
    }
  }
  const time = ({ description }: Run) => Date.parse(description.started);
  return runs.sort((a, b) => time(a) - time(b) || (a.name < b.name ? -1 : 1));
}
