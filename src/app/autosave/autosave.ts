import type { Dataset } from "../../data/dataset.ts";
import type { DatasetIdentity } from "../../model/checkpoint-file.ts";
import type { Config } from "../../model/settings.ts";
import { checkpointOf } from "../../training/checkpoint.ts";
import type { Snapshot } from "../../training/snapshot.ts";
import { isDeviceFailure } from "../device.ts";
import type { EarlierRun } from "../earlier-runs.ts";
import { inTurn } from "../frames.ts";
import { programName } from "../program.ts";
import type { RunRecord } from "../record.ts";
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
const mostLeft = 16;
/** Most networks that a page keeps there beside the one in its picture: those that were trained longest. */
const mostBehind = 3;
/** Pages without locks are insecure: they save nothing. */
const canLock = navigator.locks !== undefined;

/** What a page that is gone left in the store. */
export interface Left {
  readonly key: string;
  readonly state: SavedState | Unusable;
}

/** A network as it is saved. */
interface Run extends Pick<EarlierRun, "record" | "given" | "mix" | "finished" | "device"> {
  readonly snapshot: Snapshot;
  readonly config: Config;
  readonly seconds: number;
}

/**
 * Autosaves the state of the network on the page to the browser's store, for the time after a reload or a crash: every few
 * seconds, after an epoch and a pause, when the page is hidden, and when another network takes its place. Each network has an
 * entry of its own, and what others left stays until it is dropped or gone on with.
 */
export class Autosave {
  readonly #training: Training;
  readonly #background: WorkerCalls<BackgroundFunctions>;
  /** The entries of this page's networks. Keys of one address are in the order in which the networks there came into the picture. */
  readonly #keys = new WeakMap<RunRecord, string>();
  readonly #own = new Set<string>();
  /** The entry that a network's next state takes the place of. */
  readonly #superseded = new WeakMap<RunRecord, string>();
  /** The networks that have an entry and are not in the picture any more, the longest trained first. */
  #behind: readonly RunRecord[] = [];
  #working = false;
  #endedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #epochs = 0;
  #toldOfFailure = false;
  #identity:
    | { readonly of: Dataset; readonly limit: number; readonly is: Promise<DatasetIdentity> }
    | undefined;
  readonly #saveInTurn = inTurn(async () => {
    this.#working = true;
    await this.#saveCurrent().catch((error) => this.#report(error));
    this.#working = false;
  });

  constructor(training: Training, background: WorkerCalls<BackgroundFunctions>) {
    this.#training = training;
    this.#background = background;
    training.weightsRead.listen(() => this.#isDue && this.#save());
    // Figures and settings may change at rest.
    for (const signal of [training.evaluated, training.phaseChanged])
      signal.listen(() => training.phase === "idle" && this.#save());
    document.addEventListener("visibilitychange", () => document.hidden && this.#save());
    training.replaced.listen(() => this.#enter());
    training.leftBehind.listen((run) => void this.#leave(run).catch((error) => this.#report(error)));
  }

  /** What pages of this address that are gone have left, the newest first. No other page has it until this one is gone. */
  async *left(): AsyncGenerator<Left> {
    // Where nothing can be read, writing will fail too, and tell.
    const keys = canLock ? await entryKeys(location.pathname).catch(() => []) : [];
    const others = keys.filter((key) => !this.#own.has(key)).reverse();
    const entries = others.map((key) => ({ key, claimed: claim(key) }));
    for (const { key, claimed } of entries.splice(mostLeft))
      void claimed.then((isClaimed) => (isClaimed ? this.drop(key) : undefined));
    for (const { key, claimed } of entries) {
      if (!(await claimed)) continue;
      const state = await this.#background.call("savedState", key).catch(() => undefined);
      if (state) yield { key, state };
    }
  }

  /** Forgets what an earlier page left. */
  drop(key: string): Promise<void> {
    return deleteEntry(key).catch((error) => this.#report(error));
  }

  /** Forgets what an earlier page left as soon as the network on the page, which goes on with it, is saved. */
  supersede(key: string): void {
    this.#superseded.set(this.#training.record, key);
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
    if (canLock && !this.#isNew) this.#saveInTurn();
  }

  async #saveCurrent(): Promise<void> {
    const { trainer, data, config } = this.#training;
    const dataset = await this.#identityOf(data, config);
    // One that has left the picture meanwhile is saved as it was then.
    if (trainer !== this.#training.trainer || this.#isNew) return;
    // As of now, and of one moment: what the record has beyond the snapshot's step is not measured twice.
    const { record, snapshot, seconds, given, mix } = this.#training;
    const { finished } = trainer;
    this.#epochs = record.epochs.length;
    const startedAt = performance.now();
    const { device } = trainer.engine;
    try {
      await this.#put(
        { record, snapshot, seconds, given, mix, finished, device, config: { ...config } },
        dataset,
      );
    } finally {
      this.#endedAt = performance.now();
      this.#tookMs = this.#endedAt - startedAt;
    }
  }

  /** A network that comes back into the picture is the last one of the page again: its next state gets an entry after all others. */
  #enter(): void {
    const { record } = this.#training;
    this.#behind = this.#behind.filter((other) => other !== record);
    const key = this.#keys.get(record);
    if (key) this.#superseded.set(record, key);
    this.#keys.delete(record);
  }

  /** Saves a network as it was when another one took its place, beside those that were trained longest. */
  async #leave(run: EarlierRun): Promise<void> {
    const { record, snapshot, data } = run;
    if (!canLock || !snapshot || !data) return;
    const { config, seconds } = record;
    await this.#put({ ...run, snapshot, config, seconds }, await this.#identityOf(data, config));
    if (record === this.#training.record) return;
    this.#behind = [...this.#behind, record].sort((a, b) => b.seconds - a.seconds);
    while (this.#behind.length > mostBehind) await this.#forgetLeast();
  }

  /** Forgets the network that was trained least of those that are not in the picture. Returns whether there was one. */
  async #forgetLeast(): Promise<boolean> {
    const least = this.#behind.at(-1);
    const key = least && this.#keys.get(least);
    if (!key) return false;
    this.#behind = this.#behind.slice(0, -1);
    this.#keys.delete(least);
    await this.drop(key);
    return true;
  }

  async #put(run: Run, dataset: DatasetIdentity): Promise<void> {
    const { record, snapshot, seconds, given, mix, finished, device, config } = run;
    const lines = Math.floor(snapshot.step / record.stepsPerEpoch);
    const facts = { program: programName, device, config, dataset, seconds, lines };
    const state: SavedState = {
      ...{ checkpoint: checkpointOf(snapshot, facts), record: record.state, finished, at: Date.now() },
      ...(given && { given: { name: given.name, as: given.as } }),
      ...(mix && { mix }),
    };
    const key = this.#keyOf(record);
    try {
      await this.#background.call("saveState", { key, state });
    } catch (error) {
      // What is in the picture matters most.
      if (!/Quota/.test(String(error)) || !(await this.#forgetLeast())) throw error;
      return this.#put(run, dataset);
    }
    const superseded = this.#superseded.get(record);
    // It may have left the picture and come back meanwhile.
    if (!superseded || superseded === key) return;
    this.#superseded.delete(record);
    await this.drop(superseded);
  }

  #keyOf(record: RunRecord): string {
    const known = this.#keys.get(record);
    if (known) return known;
    const key = `${location.pathname} ${Date.now()} ${Math.random()}`;
    this.#keys.set(record, key);
    this.#own.add(key);
    void claim(key);
    return key;
  }

  /** One data set, one limit: that of the network. */
  #identityOf(data: Dataset, config: Config): Promise<DatasetIdentity> {
    const { limit } = config;
    if (this.#identity?.of !== data || this.#identity.limit !== limit)
      this.#identity = { of: data, limit, is: this.identify(data, config) };
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
