import { createHash } from "node:crypto";
import { UserError } from "../../errors.ts";
import { type CheckpointFile, type DatasetIdentity, encodeCheckpoint } from "../../model/checkpoint-file.ts";
import { programName } from "../../node/version.ts";
import { checkpointOf } from "../../training/checkpoint.ts";
import { DivergedError, type StepsEvent, type TrainingEvent } from "../../training/events.ts";
import type { Sha256 } from "../../training/identity.ts";
import type { Snapshot } from "../../training/snapshot.ts";
import { Sparingly } from "../../training/sparingly.ts";
import type { Trainer } from "../../training/trainer.ts";
import type { Output } from "../output.ts";
import type { LastWrites } from "./last-writes.ts";
import type { Observer } from "./observer.ts";
import type { RunFolder } from "./run-folder.ts";

/** How often checkpoints are due: after so many steps, or so many seconds. */
export interface CheckpointInterval {
  readonly unit: "steps" | "seconds";
  readonly count: number;
}

/** What goes into every checkpoint of a run. */
interface CheckpointOptions {
  readonly trainer: Trainer;
  readonly folder: RunFolder;
  /** Writes the last one. */
  readonly writes: LastWrites;
  readonly identity: DatasetIdentity;
  readonly device: string;
  /** None are due if this is not given. */
  readonly every?: CheckpointInterval | undefined;
  /** Whether a run that is finished leaves one too; one that is interrupted always does. */
  readonly atEnd: boolean;
  /** Seconds spent training so far. */
  readonly seconds: () => number;
}

/** How seldom the state is read where no checkpoint is due, only to have one should training fail. */
const keepMs = 5000;
const keepTimes = 50;

/** Writes checkpoints of a run while it goes on. One that cannot be written costs a notice and no training. */
export class Checkpoints implements Observer {
  /** Whether there is one, when training has stopped of the state in which it did or the last that is known. */
  saved = false;
  readonly #options: CheckpointOptions;
  readonly #output: Output;
  #writing: Promise<unknown> | undefined;
  #lastStep: number;
  #lastSeconds: number;
  readonly #keeping = new Sparingly(keepMs, keepTimes);
  /** What there is to go on from should training fail, if it is in no file. */
  #kept: Snapshot | undefined;
  /** What the last attempt failed of: the same failure is told once. */
  #lastError = "";

  /** To be called before training, whose first steps may fail too. */
  static async begin(options: CheckpointOptions, output: Output): Promise<Checkpoints> {
    return new Checkpoints(options, output, await options.trainer.snapshot());
  }

  private constructor(options: CheckpointOptions, output: Output, beginning: Snapshot) {
    this.#options = options;
    this.#output = output;
    this.#kept = beginning;
    this.#lastStep = options.trainer.step;
    this.#lastSeconds = options.seconds();
  }

  /** Begins a checkpoint if one is due and none is under way. */
  handle(event: TrainingEvent): void {
    if (event.type !== "steps" || this.#writing) return;
    const isDue = this.#isDue(event);
    if (!isDue && !this.#keeping.due) return;
    this.#writing = this.#keeping
      .do(async () => {
        const snapshot = await this.#snapshot();
        if (!snapshot) return;
        this.#kept = snapshot;
        if (isDue) await this.#tryToWrite(snapshot);
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }

  /** Waits for the one under way; where training may go on later, one of its last step follows, or of the last that is known. */
  async stop(error?: unknown): Promise<void> {
    await this.#writing;
    const { trainer, folder, atEnd, writes } = this.#options;
    const finished = error === undefined && trainer.finished;
    if (error instanceof DivergedError || (finished && !atEnd)) return;
    const last = error === undefined ? await this.#snapshot() : this.#kept;
    if (!last) return;
    // Of a finished run nothing is lost without it: the model has the weights.
    if (finished) return this.#tryToWrite(last);
    const bytes = encodeCheckpoint(this.#file(last));
    await writes.do(() => folder.writeCheckpoint(bytes));
    this.saved = true;
  }

  #isDue(event: StepsEvent): boolean {
    const { every, seconds } = this.#options;
    if (!every) return false;
    const step = event.firstStep + event.sizes.length - 1;
    const made = every.unit === "steps" ? step - this.#lastStep : seconds() - this.#lastSeconds;
    if (made < every.count) return false;
    this.#lastStep = step;
    this.#lastSeconds = seconds();
    return true;
  }

  /** Absent if training failed, whose error is the one that is reported. */
  #snapshot(): Promise<Snapshot | undefined> {
    return this.#options.trainer.snapshot().catch(() => undefined);
  }

  async #tryToWrite(snapshot: Snapshot): Promise<void> {
    const { folder } = this.#options;
    try {
      await folder.writeCheckpoint(encodeCheckpoint(this.#file(snapshot)));
      this.#lastError = "";
      this.#kept = undefined;
      this.saved = true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.message !== this.#lastError)
        this.#output.notice(`No checkpoint at step ${snapshot.step}: ${error.message}`);
      this.#lastError = error.message;
    }
  }

  #file(snapshot: Snapshot): CheckpointFile {
    const { trainer, identity, device, seconds } = this.#options;
    return checkpointOf(snapshot, {
      program: programName,
      device,
      config: trainer.config,
      dataset: identity,
      seconds: seconds(),
      // One line for each epoch.
      lines: Math.floor(snapshot.step / trainer.stepsPerEpoch),
    });
  }
}

/** The SHA-256 sum of `parts` one after the other, in hexadecimal. */
export const sha256: Sha256 = (parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};
