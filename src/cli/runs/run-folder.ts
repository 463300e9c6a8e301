import { closeSync, openSync, writeSync } from "node:fs";
import { open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../model/settings.ts";
import { cannotWrite, removeParts, writeWhole } from "../../node/files.ts";
import { holdFolder } from "../../node/hold.ts";
import { checkEmpty, makeNamed, makeWanted, removeEmpty, taken } from "./run-places.ts";

/** What a run folder holds. */
export const configName = "config.json";
export const metricsName = "metrics.jsonl";
export const checkpointName = "checkpoint.safetensors";
export const modelName = "model.safetensors";
export const reportName = "report.html";

/** What config.json says of a run. */
export interface RunDescription {
  /** Program and version. */
  readonly program: string;
  readonly name: string;
  /** When the run began, in ISO 8601. */
  readonly started: string;
  /** `784-10-10`. */
  readonly network: string;
  /** What computes. */
  readonly device: string;
  /** The dataset's name and origin, the number of images used, their size and classes. */
  readonly dataset: {
    readonly name: string;
    readonly origin: string;
    readonly train: number;
    readonly test: number;
    readonly rows: number;
    readonly columns: number;
    readonly classes: number;
  };
  /** The file that the weights came from. */
  readonly init?: string;
  readonly config: Config;
}

/** The folder that holds all that a run leaves behind. */
export class RunFolder {
  #path: string;
  /** The lines of metrics.jsonl; how many of them are there, and their bytes. */
  readonly #lines: string[] = [];
  #written = { lines: 0, bytes: 0 };
  #ended = false;

  private constructor(
    path: string,
    readonly description: RunDescription,
  ) {
    this.#path = path;
  }

  get path(): string {
    return this.#path;
  }

  /**
   * Makes the folder, with `description` in config.json and metrics.jsonl still empty, so that a folder that cannot be
   * written shows before training starts. Of several runs that begin in one folder at once, one has it. Leaves nothing
   * behind if it fails, and touches nothing that it has not made.
   * @param place the folder asked for, which may exist if it is empty, or the name of a run of now
   * @throws UserError if the folder holds anything, is another run's, or cannot be written
   */
  static async create(
    place: { readonly out: string } | { readonly name: string },
    description: RunDescription,
  ): Promise<RunFolder> {
    const { path, made } = "out" in place ? await makeWanted(place.out) : await makeNamed(place.name);
    const folder = new RunFolder(path, description);
    const [metrics, config] = [folder.#file(metricsName), folder.#file(configName)];
    if (!(await holdFolder(path))) throw taken(path);
    let claimed = false;
    try {
      await checkEmpty(path);
      // Where folders cannot be locked, the process that creates this file first has the folder.
      await writeFile(metrics, "", { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "EEXIST" ? taken(path) : cannotWrite(metrics, error);
      });
      claimed = true;
      await writeWhole(config, textOf(description));
    } catch (error) {
      if (claimed) await rm(metrics, { force: true });
      await removeEmpty(path, made);
      throw error;
    }
    return folder;
  }

  /**
   * Takes up the folder of a run that is gone on with: metrics.jsonl then holds `records` and no more, and what was
   * left half written is gone.
   * @throws UserError if it cannot be written
   */
  static async reopen(
    path: string,
    description: RunDescription,
    records: readonly object[],
  ): Promise<RunFolder> {
    const folder = new RunFolder(path, description);
    await removeParts(path);
    folder.#lines.push(...records.map(lineOf));
    await folder.restore();
    return folder;
  }

  /**
   * Adds a line to metrics.jsonl, at once: what was measured survives whatever happens next. One that cannot be written is
   * written with the next.
   */
  append(record: object): void {
    this.#lines.push(lineOf(record));
    const { lines, bytes } = this.#written;
    const text = Buffer.from(this.#lines.slice(lines).join(""));
    try {
      // Over what a write that failed may have left in part.
      writeAt(this.#file(metricsName), text, bytes);
      this.#written = { lines: this.#lines.length, bytes: bytes + text.length };
    } catch (error) {
      throw cannotWrite(this.#file(metricsName), error);
    }
  }

  /** Adds the last record, or puts it in the place of the last one that was tried before. */
  async end(record: object): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.append(record);
    } else {
      this.#lines[this.#lines.length - 1] = lineOf(record);
      await this.restore();
    }
  }

  /** Writes config.json and metrics.jsonl anew, whatever is there. */
  async restore(): Promise<void> {
    const text = Buffer.from(this.#lines.join(""));
    await writeWhole(this.#file(metricsName), text);
    this.#written = { lines: this.#lines.length, bytes: text.length };
    await writeWhole(this.#file(configName), textOf(this.description));
  }

  /**
   * Goes on in another folder, with the same records.
   * @throws UserError as `create` does
   */
  async moveTo(path: string): Promise<void> {
    const { path: other } = await RunFolder.create({ out: path }, this.description);
    this.#path = other;
    await this.restore();
  }

  writeModel(bytes: Uint8Array): Promise<void> {
    return writeWhole(this.#file(modelName), bytes);
  }

  /** Replaces the checkpoint; the lines of metrics.jsonl that it counts on are on the disk before it is. */
  async writeCheckpoint(bytes: Uint8Array): Promise<void> {
    const path = this.#file(checkpointName);
    try {
      const metrics = await open(this.#file(metricsName), "r+");
      await metrics.sync().finally(() => metrics.close());
    } catch (error) {
      throw cannotWrite(path, error);
    }
    await writeWhole(path, bytes);
  }

  writeReport(html: string): Promise<void> {
    return writeWhole(this.#file(reportName), html);
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

function lineOf(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

function textOf(description: RunDescription): string {
  return `${JSON.stringify(description, null, 2)}\n`;
}

/** Writes into a file that is there, from a byte on. */
function writeAt(path: string, bytes: Uint8Array, from: number): void {
  const file = openSync(path, "r+");
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, from + at);
  } finally {
    closeSync(file);
  }
}
