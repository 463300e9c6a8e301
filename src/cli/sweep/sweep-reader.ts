import { join } from "node:path";
import * as v from "valibot";
import { UserError } from "../../errors.ts";
import { decodeCheckpoints } from "../../model/checkpoint-file.ts";
import { type Config, formatSetting, isValid, type SettingName, settingNames } from "../../model/settings.ts";
import { exists, readBytes } from "../../node/files.ts";
import { snapshotOf } from "../../training/checkpoint.ts";
import type { NetworkState } from "../../training/create-group-trainer.ts";
import type { NetworkEnd } from "../../training/sweep.ts";
import type { EpochRecord } from "../runs/records.ts";
import {
  keepChoices,
  progressName,
  recordsName,
  type SweepCommit,
  type SweepDescription,
  sweepName,
} from "./sweep-folder.ts";
import { configOf } from "./sweep-lines.ts";
import type { NetworkEpoch, SweepRecord } from "./sweep-records.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const number = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const setting = v.picklist(settingNames);
/** JSON writes null for what is not finite. */
const measured = v.pipe(
  v.nullable(v.number()),
  v.transform((value) => value ?? Number.NaN),
);
const figures = v.object({ loss: measured, accuracy: measured });
const best = v.object({ epoch: count, loss: measured, accuracy: measured });

const descriptionSchema = v.looseObject({
  ...{
    program: v.string(),
    name: v.string(),
    started: v.pipe(v.string(), v.isoTimestamp()),
    device: v.string(),
  },
  dataset: v.looseObject({
    ...{ name: v.string(), origin: v.string(), train: count, test: count },
    ...{ rows: count, columns: count, classes: count },
  }),
  identity: v.object({ name: v.string(), train: count, test: count, sha256: v.string() }),
  swept: v.array(setting),
  halving: v.boolean(),
  keep: v.picklist(keepChoices),
  shard: v.optional(v.object({ part: number, of: number })),
  config: v.record(v.string(), v.unknown()),
  networks: v.pipe(v.array(v.record(v.string(), v.unknown())), v.minLength(1)),
});

const recordSchema = v.variant("event", [
  v.looseObject({
    ...{ event: v.literal("epoch"), network: number, epoch: count, steps: count },
    ...{
      loss: measured,
      accuracy: measured,
      learningRate: measured,
      seconds: measured,
      stepsPerSecond: measured,
    },
    validation: v.optional(figures),
  }),
  v.looseObject({
    ...{ event: v.literal("end"), network: number, steps: count },
    reason: v.picklist(["finished", "stopped early", "diverged", "halved"]),
    ...{ validation: v.optional(figures), best: v.optional(best) },
  }),
  v.looseObject({
    ...{ event: v.literal("sweep"), networks: count, diverged: count },
    chosen: v.optional(v.looseObject({ network: number, validation: figures, test: v.optional(figures) })),
  }),
]);

const commitSchema = v.object({
  lines: count,
  checkpoints: v.array(v.pipe(v.string(), v.regex(/^[\w.-]+$/))),
});

/** A sweep as its folder tells it. */
export interface ReadSweep {
  readonly path: string;
  readonly description: SweepDescription;
  readonly records: readonly SweepRecord[];
  /** The numbers of the networks that were to be trained there. */
  readonly numbers: readonly number[];
}

/** The numbers of the networks of a sweep, or of its part: every `of`-th, so that each part has some of every kind. */
export function numbersOf({ networks, shard }: Pick<SweepDescription, "networks" | "shard">): number[] {
  const all = networks.map((_, place) => place + 1);
  return shard ? all.filter((number) => (number - shard.part) % shard.of === 0) : all;
}

/**
 * Reads a sweep folder.
 * @throws UserError if it does not hold a sweep, or one that is damaged
 */
export async function readSweep(path: string): Promise<ReadSweep> {
  const file = join(path, sweepName);
  const read = v.safeParse(descriptionSchema, parseJson(await textOf(file)));
  if (!read.success)
    throw new UserError(`${file} does not describe a sweep. Name a folder that \`sweep\` has written.`);
  const description = read.output as unknown as SweepDescription;
  const numbers = numbersOf(description);
  for (const number of numbers) checkConfig(configOf(description, number), number, file);
  return { path, description, numbers, records: await readRecords(join(path, recordsName)) };
}

/** The whole lines of sweep.jsonl; one that was cut short at its end is left out. */
async function readRecords(file: string): Promise<SweepRecord[]> {
  const lines = (await textOf(file)).split("\n").slice(0, -1);
  return lines.map((line, index) => {
    const { success, output } = v.safeParse(recordSchema, parseJson(line));
    if (success) return output as unknown as SweepRecord;
    throw new UserError(
      `${file}: line ${index + 1} is no record of a sweep. Use the file as the sweep left it.`,
    );
  });
}

/** How far an unfinished sweep has come, and the files that say so. */
export interface InterruptedSweep extends ReadSweep {
  /** By the networks' places in `numbers`. */
  readonly states: ReadonlyMap<number, NetworkState>;
  readonly ends: ReadonlyMap<number, NetworkEnd>;
  readonly checkpoints: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reads what a sweep goes on from: what was committed last, whatever was begun after it.
 * @throws UserError naming what is missing or damaged, or if it is finished
 */
export async function readInterrupted(path: string): Promise<InterruptedSweep> {
  const sweep = await readSweep(path);
  const { description, numbers } = sweep;
  const commit = await readCommit(sweep);
  const records = sweep.records.slice(0, commit.lines);
  if (records.length < commit.lines)
    throw new UserError(
      `--resume ${path}: ${recordsName} has ${records.length} whole lines, but the sweep counts on ${commit.lines}. ` +
        "Use the folder as the sweep left it, or begin anew.",
    );
  const placeOf = (number: number) => numbers.indexOf(number);
  const states = new Map<number, NetworkState>();
  const checkpoints = new Map<string, number[]>();
  for (const name of commit.checkpoints) {
    const file = join(path, name);
    const networks = decodeCheckpoints(await readBytes(file), file);
    for (const [key, checkpoint] of networks) {
      const number = Number(key);
      checkSame(configOf(description, number), checkpoint.facts.config, `${file}: network ${key}`);
      const snapshot = snapshotOf(checkpoint);
      const known = states.get(placeOf(number));
      if (known && known.snapshot.step >= snapshot.step) continue;
      states.set(placeOf(number), { snapshot, score: lastScore(records, number) });
    }
    checkpoints.set(
      name,
      [...networks.keys()].map((key) => placeOf(Number(key))),
    );
  }
  const ends = new Map<number, NetworkEnd>();
  for (const record of records) {
    if (record.event !== "end") continue;
    const { reason, steps, best, validation } = record;
    ends.set(placeOf(record.network), {
      reason,
      steps,
      ...(best && { best }),
      ...(validation && { score: validation }),
    });
    states.delete(placeOf(record.network));
  }
  return { ...sweep, records, states, ends, checkpoints };
}

async function readCommit({ path, records }: ReadSweep): Promise<SweepCommit> {
  const file = join(path, progressName);
  if (!(await exists(file))) {
    if (records.at(-1)?.event !== "sweep") return { lines: 0, checkpoints: [] };
    throw new UserError(`--resume ${path}: the sweep is finished: there is nothing to go on with.`);
  }
  const read = v.safeParse(commitSchema, parseJson(await textOf(file)));
  if (read.success) return read.output;
  throw new UserError(
    `${file} does not say how far the sweep has come. Use the file as the sweep left it, or begin anew.`,
  );
}

/** What the last evaluation of the validation images said of a network. */
function lastScore(records: readonly SweepRecord[], number: number): EpochRecord["validation"] {
  const epochs = records.filter(
    (record): record is NetworkEpoch => record.event === "epoch" && record.network === number,
  );
  return epochs.findLast(({ validation }) => validation)?.validation;
}

function checkConfig(config: Partial<Config>, number: number, file: string): void {
  const wrong = settingNames.find((name) => !isValid(name, config[name]));
  if (wrong)
    throw new UserError(
      `${file}: network ${number} has no valid ${wrong}. Use the file as the sweep left it.`,
    );
}

function checkSame(config: Config, made: Readonly<Record<string, unknown>>, where: string): void {
  const text = (name: SettingName, value: unknown) =>
    isValid(name, value) ? formatSetting(name, value) : "nothing valid";
  for (const name of settingNames) {
    const [wanted, got] = [config[name], made[name]].map((value) => text(name, value));
    if (wanted !== got)
      throw new UserError(
        `${where} was trained with ${name} ${got}, not ${wanted} as ${sweepName} has it. Use the folder as the sweep left it.`,
      );
  }
}

async function textOf(file: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(file));
}

/** The value that a JSON text stands for; undefined, which no JSON text does, if it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
