import type { Dataset } from "../../data/dataset.ts";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import type { Config } from "../../model/settings.ts";
import { checkpointOf } from "../../training/checkpoint.ts";
import { isDeviceFailure } from "../device.ts";
import { programName } from "../program.ts";
import { deleteEntry, entryKeys } from "../store.ts";
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
/** How long a page waits for the one that it replaces to be gone, in milliseconds. */
const claimMs = 1000;
/** Most entries that pages which are gone leave in the store; of more, the oldest go. */
const mostLeft = 8;
/** Pages without locks are insecure: they save nothing. */
const canLock = navigator.locks !== undefined;

/** What a page that is gone left in the store. */
export interface Left {
  readonly key: string;
  readonly state: SavedState | Unusable;
}

/**
 * Autosaves the state of the network on the page to the browser's store, for the time after a reload or a crash: every few
 * seconds, after an epoch and a pause, and when the page is hidden. Each page writes an entry of its own, and what others
 * left stays until it is dropped or gone on with.
 */
export class Autosave {
  readonly #training: Training;
  readonly #background: WorkerCalls<BackgroundFunctions>;
  /** This page's entry. Keys of one address are in the order in which its pages were opened. */
  readonly #key = `${location.pathname} ${Date.now()} ${Math.random()}`;
  /** The entry that the next state takes the place of. */
  #superseded: string | undefined;
  #wanted = false;
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
    if (canLock) void claim(this.#key);
  }

  /** What pages of this address that are gone have left, the newest first. No other page has it until this one is gone. */
  async *left(): AsyncGenerator<Left> {
    // Where nothing can be read, writing will fail too, and tell.
    const keys = canLock ? await entryKeys(location.pathname).catch(() => []) : [];
    const others = keys.filter((key) => key !== this.#key).reverse();
    const entries = others.map((key) => ({ key, claimed: claim(key) }));
    for (const { key, claimed } of entries.splice(mostLeft))
      void claimed.then((isClaimed) => isClaimed && this.drop(key));
    for (const { key, claimed } of entries) {
      if (!(await claimed)) continue;
      const state = await this.#background.call("savedState", key).catch(() => undefined);
      if (state) yield { key, state };
    }
  }

  /** Forgets what an earlier page left. */
  drop(key: string): void {
    deleteEntry(key).catch((error) => this.#report(error));
  }

  /** Forgets what an earlier page left as soon as the network on the page, which goes on with it, is saved. */
  supersede(key: string): void {
    this.#superseded = key;
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

  /** Whether a new network would be the same. */
  get #isNew(): boolean {
    const { snapshot, record } = this.#training;
    return snapshot.step === 0 && !record.loadedFrom;
  }

  /** Saves the network as it is once the writing under way is done. */
  #save(): void {
    if (!canLock || this.#isNew) return;
    this.#wanted = true;
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#wanted) {
      this.#wanted = false;
      await this.#write().catch((error) => this.#report(error));
    }
    this.#working = false;
  }

  async #write(): Promise<void> {
    const { trainer } = this.#training;
    const dataset = await this.#ownIdentity();
    // As of now, and of one moment: what the record has beyond the snapshot's step is not measured twice.
    const { record, snapshot, seconds, given, mix } = this.#training;
    const startedAt = performance.now();
    if (trainer !== this.#training.trainer || this.#isNew) return;
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
    const state: SavedState = {
      ...{ checkpoint, record: record.state, finished, at: Date.now() },
      ...(given && { given: { name: given.name, as: given.as } }),
      ...(mix && { mix }),
    };
    const superseded = this.#superseded;
    try {
      await this.#background.call("saveState", { key: this.#key, state });
      if (superseded) {
        this.drop(superseded);
        this.#superseded = undefined;
      }
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

/** Has an entry of the store for this page until it is gone; resolves with whether it does: another page may have it. */
function claim(key: string): Promise<boolean> {
  return new Promise((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    const signal = AbortSignal.timeout(claimMs);
    navigator.locks.request(`mnist-webgpu ${key}`, { signal }, hold).catch(() => resolve(false));
  });
}
