import type { Dataset } from "../../data/dataset.ts";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import type { Config } from "../../model/settings.ts";
import { checkpointOf } from "../../training/checkpoint.ts";
import { isDeviceFailure } from "../device.ts";
import { programName } from "../program.ts";
import { Signal } from "../signal.ts";
import { toast } from "../toasts.ts";
import type { Training } from "../training.ts";
import type { BackgroundFunctions } from "../workers/background.ts";
import type { WorkerCalls } from "../workers/calls.ts";
import { identifyInBackground } from "./identity.ts";
import type { SavedState, Unusable } from "./state-file.ts";

/** Least milliseconds between two writes within an epoch. */
const restMs = 3000;
/** How much longer than a write the pause after it is, while training: writing takes at most 2% of the time. */
const restShare = 49;
/** How long a page waits for the store at its start, in milliseconds. */
const claimMs = 1000;

/**
 * Autosaves the state of the network on the page to the browser's store, for the time after a reload or a crash: every few
 * seconds, after an epoch and a pause, and when the page is hidden. Of several pages of one address at a time, one
 * has the store: the first, until it is gone.
 */
export class Autosave {
  /** The store is this page's, and it has trained nothing yet: it may hold what an earlier page left. */
  readonly granted = new Signal();
  readonly #training: Training;
  readonly #background: WorkerCalls<BackgroundFunctions>;
  readonly #page = location.pathname;
  #mine = false;
  /** Whether the store holds a state of this page. */
  #wrote = false;
  #next: (() => Promise<unknown>) | undefined;
  #working = false;
  #endedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #epochs = 0;
  #toldOfFailure = false;
  #identity: { readonly of: unknown; readonly is: Promise<DatasetIdentity> } | undefined;

  constructor(training: Training, background: WorkerCalls<BackgroundFunctions>) {
    this.#training = training;
    this.#background = background;
    training.weightsRead.listen(() => this.#isDue && this.#save());
    // Figures and settings may change at rest.
    for (const signal of [training.evaluated, training.phaseChanged])
      signal.listen(() => training.phase === "idle" && this.#save());
    document.addEventListener("visibilitychange", () => document.hidden && this.#save());
    training.phaseChanged.listen(() => training.phase === "training" && this.#claim({ ifAvailable: true }));
    // A page that is being replaced by this one may take a moment to go.
    this.#claim({ signal: AbortSignal.timeout(claimMs) }, () => this.granted.emit());
  }

  /** Has the store for this page until it is gone. Pages that have no locks are insecure: they save nothing. */
  #claim(options: LockOptions, granted: () => void = () => {}): void {
    if (this.#mine || !navigator.locks) return;
    const hold = (lock: Lock | null) => {
      if (!lock || this.#mine) return;
      this.#mine = true;
      if (this.#training.snapshot.step === 0) granted();
      return new Promise(() => {});
    };
    // It fails if another page has it.
    navigator.locks.request(`mnist-webgpu ${this.#page}`, options, hold).catch(() => {});
  }

  /** What an earlier page left. */
  async left(): Promise<SavedState | Unusable | undefined> {
    // Where nothing can be read, writing will fail too, and tell.
    return this.#background.call("savedState", this.#page).catch(() => undefined);
  }

  /** Forgets what an earlier page left. */
  dismiss(): void {
    if (!this.#wrote) this.#forget();
  }

  /** What tells the data of a config from others. */
  identify(data: Dataset, config: Config): Promise<DatasetIdentity> {
    return identifyInBackground(data, config, this.#background);
  }

  get #isDue(): boolean {
    const { phase, record } = this.#training;
    if (phase !== "training") return true;
    const passed = performance.now() - this.#endedAt;
    const rest = record.epochs.length > this.#epochs ? 0 : restMs;
    return !this.#working && passed >= Math.max(rest, restShare * this.#tookMs);
  }

  #save(): void {
    if (this.#training.snapshot.step > 0) this.#enqueue(() => this.#write());
  }

  #forget(): void {
    this.#enqueue(() => this.#background.call("dropState", this.#page));
  }

  /** Does `task` once the one under way is done, unless there is a newer one by then. */
  #enqueue(task: () => Promise<unknown>): void {
    if (!this.#mine) return;
    this.#next = task;
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#next) {
      const task = this.#next;
      this.#next = undefined;
      await task().catch((error) => this.#report(error));
    }
    this.#working = false;
  }

  async #write(): Promise<void> {
    const { trainer } = this.#training;
    const dataset = await this.#ownIdentity();
    // As of now, and of one moment: what the record has beyond the snapshot's step is not measured twice.
    const { record, snapshot, seconds } = this.#training;
    const startedAt = performance.now();
    if (trainer !== this.#training.trainer || snapshot.step === 0) return;
    this.#epochs = record.epochs.length;
    const facts = {
      program: programName,
      device: trainer.engine.device,
      config: { ...trainer.config },
      ...{ dataset, seconds },
      lines: Math.floor(snapshot.step / trainer.stepsPerEpoch),
    };
    const { finished } = trainer;
    const checkpoint = checkpointOf(snapshot, facts);
    const { given } = this.#training.maker;
    const state: SavedState = {
      ...{ checkpoint, record: record.state, finished, at: Date.now() },
      ...(given && { given: { name: given.name, as: given.as } }),
    };
    try {
      await this.#background.call("saveState", { page: this.#page, state });
      this.#wrote = true;
    } finally {
      this.#endedAt = performance.now();
      this.#tookMs = this.#endedAt - startedAt;
    }
  }

  #ownIdentity(): Promise<DatasetIdentity> {
    const { data, config } = this.#training;
    // One data set, one limit: that of the network.
    const of = this.#training.trainer.dataset;
    if (this.#identity?.of !== of) this.#identity = { of, is: this.identify(data, config) };
    return this.#identity.is;
  }

  #report(error: unknown): void {
    if (this.#toldOfFailure || isDeviceFailure(error)) return;
    this.#toldOfFailure = true;
    const reason = error instanceof Error ? error.message : String(error);
    toast(`This page cannot keep its training for after a reload: ${reason} Training goes on.`);
  }
}
