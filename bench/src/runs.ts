import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../src/node/files.ts";
import type { ContenderName } from "./contenders.ts";
import type { ConfigurationResult } from "./side-by-side.ts";
import { type Spread, spread } from "./statistics.ts";

/** What is kept of one run, one line of JSON in a file that grows: whether ratios hold at different times. */
export interface RunRecord {
  readonly date: string;
  readonly program: string;
  /** How many times faster ours was, by configuration and peer. */
  readonly ratios: Readonly<Record<string, Partial<Record<ContenderName, Spread>>>>;
}

/** Medians of one ratio over all runs that measured it. */
export interface RatioOverRuns {
  readonly configuration: string;
  readonly peer: ContenderName;
  readonly runs: number;
  /** Of the runs' medians. */
  readonly medians: Spread;
}

export function runRecord(
  about: { readonly date: string; readonly program: string },
  configurations: readonly Pick<ConfigurationResult, "name" | "ratios">[],
): RunRecord {
  const { date, program } = about;
  return {
    date,
    program,
    ratios: Object.fromEntries(configurations.map(({ name, ratios }) => [name, ratios])),
  };
}

/** Adds a run to `<name>-runs.jsonl` in `folder`; all runs that are there now, oldest first. */
export async function appendRun(folder: string, name: string, record: RunRecord): Promise<RunRecord[]> {
  await makeFolder(folder);
  await appendFile(runsFile(folder, name), `${JSON.stringify(record)}\n`);
  return readRuns(folder, name);
}

/** The runs that were kept, oldest first; none if there is no file. */
export async function readRuns(folder: string, name: string): Promise<RunRecord[]> {
  const text = await readFile(runsFile(folder, name), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => JSON.parse(line));
}

function runsFile(folder: string, name: string): string {
  return join(folder, `${name}-runs.jsonl`);
}

/** The range of every ratio over the runs, in the order in which they first appear. */
export function ratiosOverRuns(runs: readonly RunRecord[]): RatioOverRuns[] {
  const medians = new Map<string, { configuration: string; peer: ContenderName; values: number[] }>();
  for (const { ratios } of runs) {
    for (const [configuration, peers] of Object.entries(ratios)) {
      for (const [peer, { median }] of Object.entries(peers) as [ContenderName, Spread][]) {
        const key = `${configuration} ${peer}`;
        const entry = medians.get(key) ?? { configuration, peer, values: [] };
        entry.values.push(median);
        medians.set(key, entry);
      }
    }
  }
  return [...medians.values()].map(({ configuration, peer, values }) => ({
    configuration,
    peer,
    runs: values.length,
    medians: spread(values),
  }));
}
