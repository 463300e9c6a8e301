import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import type { Config, SettingName } from "../../model/settings.ts";
import { cannotWrite, makeFolder, removeParts, writeWhole } from "../../node/files.ts";
import { JsonLines } from "../runs/json-lines.ts";
import { type RunDescription, reportName } from "../runs/run-folder.ts";
import { claimFolder, type WantedPlace } from "../runs/run-places.ts";
import type { SweepRecord } from "./sweep-records.ts";

/** What a sweep folder holds, beside its report and checkpoints. */
export const sweepName = "sweep.json";
export const recordsName = "sweep.jsonl";
export const progressName = "progress.json";
export const networksName = "networks";

/** Which networks' run folders a sweep keeps. */
export const keepChoices = ["best", "all", "none"] as const;
export type Keep = (typeof keepChoices)[number];

/** A part of a sweep, of the `of` parts that it is computed in. */
export interface Shard {
  /** From 1. */
  readonly part: number;
  readonly of: number;
}

/** What sweep.json says of a sweep. */
export interface SweepDescription extends Omit<RunDescription, "network" | "config" | "init"> {
  /** What tells the data from others. */
  readonly identity: DatasetIdentity;
  /** The settings that have several values. */
  readonly swept: readonly SettingName[];
  readonly halving: boolean;
  readonly keep: Keep;
  /** Which part of it this is, if it is one. */
  readonly shard?: Shard;
  /** Whether its networks were trained elsewhere, in parts. */
  readonly merged?: true;
  /** What all networks have in common. */
  readonly config: Partial<Config>;
  /** What each network has beside that, in the order of their numbers. */
  readonly networks: readonly Partial<Config>[];
}

/** What a sweep goes on from, as progress.json says: nothing that it does not name counts. */
export interface SweepCommit {
  /** Lines of sweep.jsonl. */
  readonly lines: number;
  /** The checkpoint files. */
  readonly checkpoints: readonly string[];
}

/** Where the run folder of network `number` lies in that of its sweep: `networks/007`, with as many digits as the last one has. */
export function networkPlace({ networks }: Pick<SweepDescription, "networks">, number: number): string {
  return join(networksName, String(number).padStart(String(networks.length).length, "0"));
}

/** The folder that holds all that a sweep leaves behind. */
export class SweepFolder {
  readonly #records: JsonLines;
  #lines: number;

  private constructor(
    readonly path: string,
    readonly description: SweepDescription,
    records: readonly SweepRecord[] = [],
  ) {
    this.#records = new JsonLines(records);
    this.#lines = records.length;
  }

  /** Makes the folder, as that of a run is made. @throws UserError if it is not empty or cannot be written */
  static async create(place: WantedPlace, description: SweepDescription): Promise<SweepFolder> {
    const path = await claimFolder(place, recordsName, (folder) =>
      writeWhole(join(folder, sweepName), `${JSON.stringify(description, null, 2)}\n`),
    );
    return new SweepFolder(path, description);
  }

  /**
   * Takes up the folder of a sweep that is gone on with: sweep.jsonl then holds `records` and no more, and of checkpoints there are
   * those that count.
   */
  static async reopen(
    path: string,
    description: SweepDescription,
    {
      records,
      checkpoints,
    }: { readonly records: readonly SweepRecord[]; readonly checkpoints: readonly string[] },
  ): Promise<SweepFolder> {
    const folder = new SweepFolder(path, description, records);
    await removeParts(path);
    const left = (await readdir(path)).filter((name) => /^checkpoint-\d+\.safetensors$/.test(name));
    for (const name of left) if (!checkpoints.includes(name)) await folder.remove(name);
    await folder.#records.restore(folder.file(recordsName));
    return folder;
  }

  /** Adds lines to sweep.jsonl, at once. */
  append(...records: readonly SweepRecord[]): void {
    this.#records.append(this.file(recordsName), ...records);
    this.#lines += records.length;
  }

  /** Writes a checkpoint file, of which nothing counts until it is committed. */
  writeCheckpoint(name: string, bytes: Uint8Array): Promise<void> {
    return writeWhole(this.file(name), bytes);
  }

  /** Resolves when all lines are on the disk. */
  sync(): Promise<void> {
    return this.#records.sync(this.file(recordsName));
  }

  /** Removes the networks of a sweep that keeps none, once it is finished. */
  async removeUnkept(): Promise<void> {
    if (this.description.keep === "none") await this.remove(networksName);
  }

  /** Makes these checkpoints, and the lines written so far, what the sweep goes on from. */
  async commit(checkpoints: readonly string[]): Promise<void> {
    const progress = this.file(progressName);
    await this.sync().catch((error: unknown) => {
      throw cannotWrite(progress, error);
    });
    const commit: SweepCommit = { lines: this.#lines, checkpoints };
    await writeWhole(progress, `${JSON.stringify(commit)}\n`);
  }

  writeReport(html: string): Promise<void> {
    return writeWhole(this.file(reportName), html);
  }

  /** Makes the folder of network `number`; returns its path. */
  async makeNetwork(number: number): Promise<string> {
    const path = this.networkPath(number);
    await makeFolder(path).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    return path;
  }

  /** The numbers of the networks that have a run folder. */
  async madeNetworks(): Promise<number[]> {
    const names = await readdir(this.file(networksName)).catch(() => []);
    return names.map(Number);
  }

  /** The run folder of network `number`. */
  networkPath(number: number): string {
    return this.file(networkPlace(this.description, number));
  }

  /** Removes something in the folder, if it is there. */
  remove(name: string): Promise<void> {
    return rm(this.file(name), { recursive: true, force: true });
  }

  file(name: string): string {
    return join(this.path, name);
  }
}
