import { join } from "node:path";
import * as v from "valibot";
import { UserError } from "../../errors.ts";
import { count } from "../../model/file-values.ts";
import { type Config, filedSettings, isValid, settingNames } from "../../model/settings.ts";
import { exists } from "../../node/files.ts";
import { readBytes } from "../../node/read-bytes.ts";
import { checkNoRun } from "../folder-kinds.ts";
import { measured, parseJson } from "../json.ts";
import { keepChoices, progressName, recordsName, type SweepDescription, sweepName } from "./sweep-folder.ts";
import { configOf } from "./sweep-lines.ts";
import type { SweepRecord } from "./sweep-records.ts";

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const setting = v.picklist(settingNames);
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
  config: v.pipe(v.record(v.string(), v.unknown()), v.transform(filedSettings)),
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

/** The numbers of the networks that are to be in a folder, and are not done there. */
export function missingIn({ numbers, records }: Pick<ReadSweep, "numbers" | "records">): number[] {
  const done = new Set(records.map((record) => (record.event === "end" ? record.network : undefined)));
  return numbers.filter((number) => !done.has(number));
}

/** Whether nothing goes on in a folder: the sweep came to its end there, or was merged there, be it with networks missing. */
export async function isClosed({ path, records }: ReadSweep): Promise<boolean> {
  return records.at(-1)?.event === "sweep" && !(await exists(join(path, progressName)));
}

/**
 * Reads a sweep folder.
 * @throws UserError if it does not hold a sweep, or one that is damaged
 */
export async function readSweep(path: string): Promise<ReadSweep> {
  await checkNoRun(
    path,
    "Name a folder that `sweep` has written, or go on with the run with train --resume.",
  );
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

function checkConfig(config: Partial<Config>, number: number, file: string): void {
  const wrong = settingNames.find((name) => !isValid(name, config[name]));
  if (wrong)
    throw new UserError(
      `${file}: network ${number} has no valid ${wrong}. Use the file as the sweep left it.`,
    );
}

/** The text of a file. */
export async function textOf(file: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(file));
}
