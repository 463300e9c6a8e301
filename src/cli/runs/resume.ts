import { join } from "node:path";
import * as v from "valibot";
import { UserError } from "../../errors.ts";
import { type CheckpointFile, type DatasetIdentity, decodeCheckpoint } from "../../model/checkpoint-file.ts";
import {
  type Config,
  filedSettings,
  flagOf,
  formatSetting,
  settingNames,
  settings,
} from "../../model/settings.ts";
import { exists } from "../../node/files.ts";
import { holdFolder } from "../../node/hold.ts";
import { readWhole } from "../../node/read-bytes.ts";
import { isMissing, systemReason } from "../../node/system-errors.ts";
import { programName } from "../../node/version.ts";
import { isSameData } from "../../training/identity.ts";
import { dependsOnTotal } from "../../training/schedule.ts";
import type { Trainer } from "../../training/trainer.ts";
import { shellQuoted } from "../flags.ts";
import type { Output } from "../output.ts";
import { type RebuildOptions, rebuildReport } from "./rebuilt-report.ts";
import type { EndRecord, EpochRecord } from "./records.ts";
import { checkpointName, modelName, type RunDescription, RunFolder, reportName } from "./run-folder.ts";
import { readRun } from "./run-reader.ts";

/** A run as it was left, to go on with. */
export interface InterruptedRun {
  readonly path: string;
  /** What config.json says of it. */
  readonly description: RunDescription;
  /** The settings to go on with. */
  readonly config: Config;
  readonly checkpoint: CheckpointFile;
  /** Records of the epochs before the checkpoint. */
  readonly epochs: readonly EpochRecord[];
  /** Seconds spent training until the checkpoint. */
  readonly seconds: number;
  /** How the run ended, if it did. */
  readonly end: EndRecord | undefined;
}

/**
 * Keeps other processes from going on with a run or a sweep, for as long as this one lives. To be called before anything
 * of it is read: what is read must still be so when training goes on.
 * @throws UserError if another process has it
 */
export async function holdRun(path: string): Promise<void> {
  if (await holdFolder(path)) return;
  throw new UserError(
    `--resume ${path}: another process is training in this folder. Wait until it ends, or stop it with Ctrl-C.`,
  );
}

/**
 * @param done what the program did that may have been another: `the sweep was begun`
 * @param anew what to do without it
 * @throws UserError unless it was this program, in this version
 */
export function checkProgram(path: string, done: string, program: string, anew: string): void {
  if (program === programName) return;
  throw new UserError(
    `--resume ${path}: ${done} by ${program}, but this is ${programName}, whose numbers may differ. ` +
      `Go on with the version that began, or ${anew}.`,
  );
}

/**
 * Completes a run that was killed when nothing was left to train: the end of its records, and its report.
 * @param options as for `rebuildReport`
 * @returns whether it was such a run
 */
export async function completeRun(path: string, options: RebuildOptions, output: Output): Promise<boolean> {
  const [hasModel, hasReport, hasCheckpoint] = await Promise.all(
    [modelName, reportName, checkpointName].map((name) => exists(join(path, name))),
  );
  // The model is written when training has ended, the report last of all.
  if (!hasModel || hasReport) return false;
  const notices: string[] = [];
  const run = await readRun(path, (line) => notices.push(line));
  if (hasCheckpoint && !(run.end && isOver(run.end))) return false;
  for (const line of notices) output.notice(line);
  output.say(`${path} was trained, but has no report: it is made now.`);
  const { html, end } = await rebuildReport(run, options, output);
  const folder = await RunFolder.reopen(path, run.description, [...run.epochs, end]);
  await folder.writeReport(html);
  output.say(`Wrote ${join(path, reportName)}.`);
  output.record(end);
  return true;
}

/**
 * Reads what `train --resume` goes on from. The run should be held by then.
 * @param given the settings given as flags: `epochs` may be another number, the others must be the run's
 * @param notice is told of what is damaged without being in the way
 * @throws UserError naming what is missing, damaged or different
 */
export async function openRun(
  path: string,
  given: Partial<Config>,
  notice: (line: string) => void,
): Promise<InterruptedRun> {
  const fail = (what: string) => new UserError(`--resume ${path}: ${what}`);
  const { description, epochs, end } = await readRun(path, notice);
  const file = join(path, checkpointName);
  const anew = await beginAnew(path);
  const bytes = await readWhole(file).catch((error: unknown) => {
    if (!isMissing(error)) throw fail(`${checkpointName} cannot be read (${systemReason(error)}).`);
    throw fail(noCheckpointText(end, anew));
  });
  const checkpoint = decodeCheckpoint(bytes, file);
  const { facts } = checkpoint;
  checkProgram(path, "the checkpoint was written", facts.program, anew);
  const config = { ...description.config, ...given };
  checkConfig(config, filedSettings(facts.config), fail);
  const { seconds, lines } = facts;
  return { path, description, config, checkpoint, epochs: firstEpochs(epochs, lines, fail), seconds, end };
}

/** Throws a UserError unless the run was trained on the data that `identity` is of. */
export function checkDataset(run: InterruptedRun, identity: DatasetIdentity): void {
  const { dataset } = run.checkpoint.facts;
  const text = ({ name, train, test, sha256 }: DatasetIdentity) =>
    `${name} with ${train} training and ${test} test images (SHA-256 ${sha256.slice(0, 12)}...)`;
  if (isSameData(dataset, identity)) return;
  throw new UserError(
    `--resume ${run.path}: the run was trained on ${text(dataset)}, but the data here is ${text(identity)}. ` +
      "Name the data that it began with: --data.",
  );
}

/** Throws a UserError unless there is something left to do for a trainer that goes on from the run's checkpoint. */
export function checkUnfinished(
  { path, end, config }: Pick<InterruptedRun, "path" | "end" | "config">,
  trainer: Pick<Trainer, "step" | "totalSteps" | "stoppedEarly">,
): void {
  const { step, totalSteps, stoppedEarly } = trainer;
  if (end && isOver(end) && (stoppedEarly || totalSteps <= end.steps || end.reason !== "finished")) {
    throw new UserError(`--resume ${path}: ${finishedText(end, config)}`);
  }
  if (step <= totalSteps) return;
  throw new UserError(
    `--resume ${path}: the checkpoint is at step ${step}, beyond the ${totalSteps} steps that are asked for. ` +
      "Give more --epochs.",
  );
}

/** Why there is no checkpoint, and what can be done without. */
function noCheckpointText(end: EndRecord | undefined, anew: string): string {
  const none = `the folder holds no ${checkpointName}`;
  if (!end || !isOver(end)) return `${none}. Ctrl-C leaves one, and train --checkpoint-every.`;
  return (
    `the run ${endText(end)}, and ${none}: a run that ends by itself leaves one only with --checkpoint-every. ` +
    `To train further, ${anew}.`
  );
}

/** What can be done without a checkpoint, depending on whether the run has left its weights. */
async function beginAnew(path: string): Promise<string> {
  const model = join(path, modelName);
  return (await exists(model)) ? `start from its weights: \`--init ${shellQuoted(model)}\`` : "train anew";
}

/** Whether it ended by itself, to which it would come again. */
function isOver({ reason }: EndRecord): boolean {
  return reason !== "interrupted";
}

function endText({ reason, steps }: EndRecord): string {
  switch (reason) {
    case "finished":
      return `is finished after ${steps} steps`;
    case "diverged":
      return `diverged at step ${steps}`;
    case "halved":
      return `was stopped by its sweep after ${steps} steps`;
    default:
      return `stopped early after ${steps} steps`;
  }
}

function finishedText(end: EndRecord, config: Config): string {
  if (end.reason === "diverged")
    return `the run ${endText(end)}, and would again. Start from its weights with --init and a smaller --learning-rate.`;
  // What else ended it, or depends on the epochs, cannot be another.
  const byEpochs = end.reason === "finished" && config.steps === 0 && !dependsOnTotal(config);
  const advice = byEpochs ? "Give more --epochs, or start" : "Start";
  return `the run ${endText(end)}: there is nothing to go on with. ${advice} from its weights with --init.`;
}

type Fail = (what: string) => UserError;

/** Throws unless the settings asked for are those of the checkpoint, but for those that change no step made so far. */
function checkConfig(config: Config, trained: Readonly<Record<string, unknown>>, fail: Fail): void {
  for (const name of settingNames) {
    if (!v.is(settings[name].schema, trained[name]))
      throw fail(`its checkpoint has no valid ${flagOf(name)}.`);
    const [wanted, made] = [config[name], trained[name] as never].map((value) => formatSetting(name, value));
    if (wanted === made) continue;
    const onTotal = dependsOnTotal(config);
    if (name === "epochs" && !onTotal) continue;
    const advice =
      name === "epochs"
        ? `${onTotal} depends on the number of steps from the first one on.`
        : "Only --epochs may be another.";
    throw fail(`the checkpoint was trained with ${flagOf(name)} ${made}, not ${wanted}. ${advice}`);
  }
}

/** The first `count` epochs, which must be there without a gap. */
function firstEpochs(epochs: readonly EpochRecord[], count: number, fail: Fail): EpochRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const record = epochs[index];
    if (record?.epoch === index + 1 && !record.unfinished) return record;
    throw fail(`metrics.jsonl has no whole record of epoch ${index + 1}, which the checkpoint counts on.`);
  });
}
