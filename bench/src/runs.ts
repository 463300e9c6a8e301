import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FormName } from "../../src/kernels/forms.ts";
import { makeFolder } from "../../src/node/files.ts";
import type { ContenderName } from "./contenders.ts";
import { resultsName } from "./results-names.ts";
import type { ConfigurationResult } from "./side-by-side.ts";
import { type Spread, spread } from "./statistics.ts";

/** What runs must have in common for their ratios to be of the same thing. */
export interface RunConditions {
  readonly kernels: FormName | "auto";
  readonly dataset: string;
}

/** Those of the runs that were kept before they were told. */
const usual: RunConditions = { kernels: "auto", dataset: "MNIST" };

/** What is kept of one run, one line of JSON in a file that grows: whether ratios hold at different times. */
export interface RunRecord extends RunConditions {
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
  about: RunConditions & { readonly date: string; readonly program: string },
  configurations: readonly Pick<ConfigurationResult, "name" | "ratios">[],
): RunRecord {
  const { date, program, kernels, dataset } = about;
  return {
    date,
    program,
    kernels,
    dataset,
    ratios: Object.fromEntries(configurations.map(({ name, ratios }) => [name, ratios])),
  };
}

/** Adds a run to those of an adapter in `folder`; all that it can be compared with, itself too, oldest first. */
export async function appendRun(folder: string, adapter: string, record: RunRecord): Promise<RunRecord[]> {
  await makeFolder(folder);
  await appendFile(join(folder, runsName(adapter)), `${JSON.stringify(record)}\n`);
  return readRuns(folder, adapter, record);
}

/** The runs on an adapter that were kept under certain conditions, oldest first; none if there is no file. */
export async function readRuns(
  folder: string,
  adapter: string,
  { kernels, dataset }: RunConditions,
): Promise<RunRecord[]> {
  const text = await readFile(join(folder, runsName(adapter)), "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    },
  );
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const runs = lines.map((line): RunRecord => ({ ...usual, ...JSON.parse(line) }));
  return runs.filter((run) => run.kernels === kernels && run.dataset === dataset);
}

/** The file of an adapter's runs. */
export function runsName(adapter: string): string {
  return `${resultsName("bench", adapter, undefined)}-runs.jsonl`;
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
