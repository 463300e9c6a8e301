import { appendFileSync } from "node:fs";
import { mkdir, open, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import type { Config } from "../../model/settings.ts";
import { cannotWrite, makeFolder, removeParts, writeWhole } from "../../node/files.ts";
import { holdFolder } from "../../node/hold.ts";
import { systemReason } from "../../node/system-errors.ts";

/** Where runs go unless `--out` names a folder. */
export const runsFolder = "runs";

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
  private constructor(
    readonly path: string,
    readonly description: RunDescription,
  ) {}

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
      await writeWhole(config, `${JSON.stringify(description, null, 2)}\n`);
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
    await writeWhole(
      folder.#file(metricsName),
      records.map((record) => `${JSON.stringify(record)}\n`).join(""),
    );
    await writeWhole(folder.#file(configName), `${JSON.stringify(description, null, 2)}\n`);
    return folder;
  }

  /** Adds a line to metrics.jsonl, at once: what was measured survives whatever happens next. */
  append(record: object): void {
    try {
      appendFileSync(this.#file(metricsName), `${JSON.stringify(record)}\n`);
    } catch (error) {
      throw cannotWrite(this.#file(metricsName), error);
    }
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

/** A folder, and the topmost one of those that had to be made for it. */
interface MadeFolder {
  readonly path: string;
  readonly made: string | undefined;
}

const advice = "Name a new folder, or an empty one.";

/** The folder that `--out` names, which may have been there. */
async function makeWanted(path: string): Promise<MadeFolder> {
  try {
    return { path, made: await makeFolder(path) };
  } catch (error) {
    throw new UserError(`--out ${path}: the folder cannot be made (${systemReason(error)}). ${advice}`);
  }
}

/** Throws a UserError if there is anything in the folder. */
async function checkEmpty(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: unknown) => {
    throw new UserError(`--out ${path}: ${systemReason(error)}. ${advice}`);
  });
  if (entries.length === 0) return;
  const [first] = entries.sort();
  throw new UserError(
    `--out ${path}: the folder is not empty (it holds ${first}), and nothing in it is overwritten. ${advice}`,
  );
}

function taken(path: string): UserError {
  return new UserError(`--out ${path}: another run has begun in this folder. ${advice}`);
}

/** Removes `path` and the folders above it up to `made`, as far as they are empty. */
async function removeEmpty(path: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  const top = resolve(made);
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed || folder === top) return;
  }
}

/** `runs/2026-01-31T09-05-00-784-10-10`, with a number after it where there is one of that name. */
async function makeNamed(name: string): Promise<MadeFolder> {
  const wanted = join(runsFolder, `${timestamp(new Date())}-${name}`);
  try {
    const made = await makeFolder(runsFolder);
    for (let number = 1; ; number++) {
      const path = number === 1 ? wanted : `${wanted}-${number}`;
      const isNew = await mkdir(path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      );
      if (isNew) return { path, made: made ?? path };
    }
  } catch (error) {
    throw new UserError(
      `The run folder ${wanted} cannot be made (${systemReason(error)}). Name another place with --out.`,
    );
  }
}

/** Local time, fit for file names and in the order of time. */
function timestamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-")}`;
}
