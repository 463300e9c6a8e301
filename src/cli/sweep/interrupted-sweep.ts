import { join } from "node:path";
import * as v from "valibot";
import { UserError } from "../../errors.ts";
import { decodeCheckpoints } from "../../model/checkpoint-file.ts";
import { count } from "../../model/file-values.ts";
import {
  type Config,
  filedSettings,
  formatSetting,
  isValid,
  type SettingName,
  settingNames,
} from "../../model/settings.ts";
import { exists } from "../../node/files.ts";
import { mostReadable, readBytes } from "../../node/read-bytes.ts";
import { snapshotOf } from "../../training/checkpoint.ts";
import type { NetworkState } from "../../training/sweep/create-group-trainer.ts";
import type { NetworkEnd } from "../../training/sweep/sweep.ts";
import { parseJson } from "../json.ts";
import type { EpochRecord } from "../runs/records.ts";
import { progressName, recordsName, type SweepCommit, sweepName } from "./sweep-folder.ts";
import { configOf } from "./sweep-lines.ts";
import { type ReadSweep, textOf } from "./sweep-reader.ts";
import type { SweepRecord } from "./sweep-records.ts";

const commitSchema = v.object({
  lines: count,
  checkpoints: v.array(v.pipe(v.string(), v.regex(/^[\w.-]+$/))),
});

/** How far an unfinished sweep has come, and the files that say so. */
export interface InterruptedSweep extends ReadSweep {
  /** By the networks' places in `numbers`. */
  readonly states: ReadonlyMap<number, NetworkState>;
  readonly ends: ReadonlyMap<number, NetworkEnd>;
  /** The checkpoint files, with the places of the networks that go on from each; of some none may be left. */
  readonly checkpoints: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reads what a sweep goes on from, if it does: what was committed last, whatever was begun after it.
 * @throws UserError naming what is missing or damaged
 */
export async function readInterrupted(sweep: ReadSweep): Promise<InterruptedSweep> {
  const { path, description, numbers } = sweep;
  const commit = await readCommit(sweep);
  const records = sweep.records.slice(0, commit.lines);
  if (records.length < commit.lines)
    throw new UserError(
      `--resume ${path}: ${recordsName} has ${records.length} whole lines, but the sweep counts on ${commit.lines}. ` +
        "Use the folder as the sweep left it, or begin anew.",
    );
  const places = new Map(numbers.map((number, place) => [number, place]));
  const placeOf = (number: number) => places.get(number)!;
  const scores = lastScores(records);
  const states = new Map<number, NetworkState>();
  const sources = new Map<number, string>();
  for (const name of commit.checkpoints) {
    const file = join(path, name);
    const networks = decodeCheckpoints(await readBytes(file, mostReadable), file);
    for (const [key, checkpoint] of networks) {
      const number = Number(key);
      checkSame(
        configOf(description, number),
        filedSettings(checkpoint.facts.config),
        `${file}: network ${key}`,
      );
      const snapshot = snapshotOf(checkpoint);
      const known = states.get(placeOf(number));
      if (known && known.snapshot.step >= snapshot.step) continue;
      // Networks that keep their best weights are compared by the evaluation that these are of.
      const { best } = configOf(description, number).keepBest ? snapshot.selection : {};
      states.set(placeOf(number), { snapshot, score: best ?? scores.get(number) });
      sources.set(placeOf(number), name);
    }
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
  const checkpoints = new Map(commit.checkpoints.map((name) => [name, [] as number[]]));
  for (const place of states.keys()) checkpoints.get(sources.get(place)!)!.push(place);
  return { ...sweep, records, states, ends, checkpoints };
}

async function readCommit({ path }: ReadSweep): Promise<SweepCommit> {
  const file = join(path, progressName);
  if (!(await exists(file))) return { lines: 0, checkpoints: [] };
  const read = v.safeParse(commitSchema, parseJson(await textOf(file)));
  if (read.success) return read.output;
  throw new UserError(
    `${file} does not say how far the sweep has come. Use the file as the sweep left it, or begin anew.`,
  );
}

/** What the last evaluation of the validation images said of each network, by number. */
function lastScores(records: readonly SweepRecord[]): Map<number, EpochRecord["validation"]> {
  const scores = new Map<number, EpochRecord["validation"]>();
  for (const record of records)
    if (record.event === "epoch" && record.validation) scores.set(record.network, record.validation);
  return scores;
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
