import { join } from "node:path";
import type { Dataset, Split } from "../../data/dataset.ts";
import type { Config } from "../../model/settings.ts";
import { cannotWrite, removeParts, writeWhole } from "../../node/files.ts";
import { JsonLines } from "./json-lines.ts";
import { claimFolder } from "./run-places.ts";

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
    readonly validation?: number | undefined;
    readonly test: number;
    readonly rows: number;
    readonly columns: number;
    readonly classes: number;
    /** What the network calls its classes, where they have names. */
    readonly classNames?: readonly string[] | undefined;
    /** As in the data's identity; networks of a sweep are without. */
    readonly sha256?: string | undefined;
  };
  /** The file that the weights came from. */
  readonly init?: string;
  readonly config: Config;
}

/** What a run folder says of the data of a run. */
export function datasetFacts(
  { name, origin, train, test, classes, classNames }: Dataset,
  validation: Split | undefined,
): RunDescription["dataset"] {
  return {
    ...{ name, origin, train: train.count },
    ...(validation && { validation: validation.count }),
    ...{ test: test.count, rows: train.rows, columns: train.columns, classes },
    ...(classNames && { classNames }),
  };
}

/** The folder that holds all that a run leaves behind. */
export class RunFolder {
  #path: string;
  readonly #metrics: JsonLines;
  #ended = false;

  private constructor(
    path: string,
    readonly description: RunDescription,
    records: readonly object[] = [],
  ) {
    this.#path = path;
    this.#metrics = new JsonLines(records);
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
    const path = await claimFolder(place, metricsName, (folder) =>
      writeWhole(join(folder, configName), textOf(description)),
    );
    return new RunFolder(path, description);
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
    const folder = new RunFolder(path, description, records);
    await removeParts(path);
    await folder.restore();
    return folder;
  }

  /**
   * Adds a line to metrics.jsonl, at once: what was measured survives whatever happens next. One that cannot be written is
   * written with the next.
   */
  append(record: object): void {
    this.#metrics.append(this.#file(metricsName), record);
  }

  /** Adds the last record, or puts it in the place of the last one that was tried before. */
  async end(record: object): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.append(record);
    } else {
      this.#metrics.replaceLast(record);
      await this.restore();
    }
  }

  /** Writes config.json and metrics.jsonl anew, whatever is there. */
  async restore(): Promise<void> {
    await this.#metrics.restore(this.#file(metricsName));
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
      await this.#metrics.sync(this.#file(metricsName));
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

function textOf(description: RunDescription): string {
  return `${JSON.stringify(description, null, 2)}\n`;
}
