import { createHash } from "node:crypto";
import { UserError } from "../../errors.ts";
import { type CheckpointFile, type DatasetIdentity, encodeCheckpoint } from "../../model/checkpoint-file.ts";
import { programVersion } from "../../node/version.ts";
import { checkpointOf } from "../../training/checkpoint.ts";
import type { TrainingEvent } from "../../training/events.ts";
import type { Sha256 } from "../../training/identity.ts";
import type { Snapshot } from "../../training/snapshot.ts";
import type { Trainer } from "../../training/trainer.ts";
import type { Output } from "../output.ts";
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
  readonly identity: () => Promise<DatasetIdentity>;
  readonly device: string;
  /** None are due if this is not given. */
  readonly every?: CheckpointInterval | undefined;
  /** Whether a run that is finished leaves one too; one that is interrupted always does. */
  readonly atEnd: boolean;
  /** Seconds spent training so far. */
  readonly seconds: () => number;
}

/** Writes checkpoints of a run while it goes on. One that cannot be written costs a notice and no training. */
export class Checkpoints implements Observer {
  /** Whether there is one of the state in which training stopped. */
  saved = false;
  readonly #options: CheckpointOptions;
  readonly #output: Output;
  #writing: Promise<unknown> | undefined;
  #lastStep: number;
  #lastSeconds: number;
  /** What the last attempt failed of: the same failure is told once. */
  #lastError = "";
  #identity: DatasetIdentity | undefined;

  constructor(options: CheckpointOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    this.#lastStep = options.trainer.step;
    this.#lastSeconds = options.seconds();
  }

  /** Begins a checkpoint if one is due and none is under way. */
  handle(event: TrainingEvent): void {
    const { every, seconds } = this.#options;
    if (event.type !== "steps" || !every || this.#writing) return;
    const step = event.firstStep + event.sizes.length - 1;
    const made = every.unit === "steps" ? step - this.#lastStep : seconds() - this.#lastSeconds;
    if (made < every.count) return;
    this.#lastStep = step;
    this.#lastSeconds = seconds();
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Waits for the one under way; where training may go on later, one of its last step follows. */
  async stop(error?: unknown): Promise<void> {
    await this.#writing;
    const { trainer, atEnd } = this.#options;
    if (error === undefined && (atEnd || !trainer.finished)) this.saved = await this.#write();
  }

  async #write(): Promise<boolean> {
    const { trainer, folder } = this.#options;
    let snapshot: Snapshot;
    try {
      snapshot = await trainer.snapshot();
    } catch {
      // Training failed, and its error is the one that is reported.
      return false;
    }
    try {
      await folder.writeCheckpoint(encodeCheckpoint(await this.#file(snapshot)));
      this.#lastError = "";
      return true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.message !== this.#lastError)
        this.#output.notice(`No checkpoint at step ${snapshot.step}: ${error.message}`);
      this.#lastError = error.message;
      return false;
    }
  }

  async #file(snapshot: Snapshot): Promise<CheckpointFile> {
    const { trainer, identity, device, seconds } = this.#options;
    this.#identity ??= await identity();
    return checkpointOf(snapshot, {
      program: `mnist-webgpu ${programVersion}`,
      device,
      config: trainer.config,
      dataset: this.#identity,
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
