import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { UserError } from "../../src/errors.ts";
import { makeFolder } from "../../src/node/files.ts";
import type { ContenderName } from "./contenders.ts";
import type { MemoryOverEpochs } from "./memory-over-epochs.ts";
import type { ProgressCost } from "./progress-cost.ts";
import type { RatioOverRuns } from "./runs.ts";
import type { ConfigurationResult, Rounds } from "./side-by-side.ts";
import type { TimeToAccuracy } from "./time-to-accuracy.ts";

/** Everything that one run of the benchmark measured. */
export interface Results {
  readonly program: string;
  readonly date: string;
  readonly adapter: string;
  readonly dataset: string;
  readonly system: System;
  readonly options: Rounds;
  /** Who could not take part, and why. */
  readonly leftOut: Partial<Record<ContenderName, string>>;
  readonly configurations: readonly ConfigurationResult[];
  readonly timeToAccuracy?: TimeToAccuracy;
  readonly progressCost?: ProgressCost;
  readonly memoryOverEpochs?: MemoryOverEpochs;
  /** The ratios of this and earlier runs that were kept. */
  readonly overRuns?: readonly RatioOverRuns[];
}

interface System {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
}

/** What the benchmark runs on, for the record. */
export function thisSystem(): System {
  const processors = cpus();
  return {
    node: `Node ${process.version}`,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model.trim() || "unknown processor",
    cores: processors.length,
  };
}

/** Writes a file, making its folder. */
export async function writeInto(folder: string, name: string, text: string): Promise<string> {
  await makeFolder(folder);
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** The tables that a document may have a place for. */
export type TableName = "bench" | "sweep";

/** `document` with `text` between the two markers of a table, which stay. Throws a UserError if they are not there. */
export function betweenMarkers(document: string, table: TableName, text: string, name: string): string {
  const [begin, end] = ["begin", "end"].map((mark) => `<!-- ${table}:${mark} -->`);
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) {
    throw new UserError(`${name} has no place for the table. Put ${begin} and ${end} where it belongs.`);
  }
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}

/** Puts `text` between the markers of a table in a file. */
export async function updateBetweenMarkers(path: string, table: TableName, text: string): Promise<void> {
  await writeFile(path, betweenMarkers(await readFile(path, "utf8"), table, text, path));
}
