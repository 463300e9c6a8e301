import { stepsPerEpoch } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Parameters } from "../../model/parameters.ts";
import { type Config, checkedConfig } from "../../model/settings.ts";
import { watchedOf } from "../reports.ts";
import { splitDataset } from "../selection.ts";
import { createGroupEngine, type GroupEngineOptions, networksThatFit } from "./create-group-engine.ts";
import {
  type CreateGroupEngine,
  createGroupTrainer,
  groupEngineOptions,
  type NetworkState,
} from "./create-group-trainer.ts";
import { type EndEvent, endOf, type NetworkEvent } from "./group-network.ts";
import type { GroupRunOptions, GroupTrainer } from "./group-trainer.ts";
import { groupKey } from "./groups.ts";
import { BestSoFar, rungsOf, type Scored, survivors } from "./halving.ts";
import { SharedOptions } from "./shared-options.ts";
import { checkHalving, checkSweep } from "./sweep-checks.ts";

/** Bytes that the networks of a group may take, if nothing else is said. */
export const usualMemory = 2 ** 30;

/** What a sweep is made of. */
export interface SweepOptions extends Pick<GroupEngineOptions, "gpu" | "reopen" | "cpuEngine"> {
  /** Of each network: any settings, but all with images set apart for validation. */
  readonly configs: readonly Config[];
  readonly dataset: Dataset;
  /** Bytes that the networks trained at a time may take: more of them wait. 1 GiB by default. */
  readonly memory?: number | undefined;
  /** Successive halving: after 1/2, 1/4, ... of the epochs the worse half of the networks stops. */
  readonly halving?: boolean | undefined;
  /** Where to go on from; it is copied. */
  readonly progress?: SweepProgress | undefined;
}

/** How far a sweep has come: networks that are not named have not begun. */
export interface SweepProgress {
  readonly states: ReadonlyMap<number, NetworkState>;
  readonly ends: ReadonlyMap<number, NetworkEnd>;
}

/** How a network ended. */
export type NetworkEnd = Omit<EndEvent, "type" | "parameters" | "error">;

/** How a sweep is trained on, and who hears of it. Networks are named by their places in `configs`. */
export interface SweepRunOptions extends Omit<GroupRunOptions, "until"> {
  /** Hears which networks are going to be trained together, and how many of their kind have no room yet. */
  readonly onGroup?: (networks: readonly number[], waiting: number) => void;
  /**
   * Is given what the networks under way go on from, without those that are done: at the end of each of their epochs, when
   * training pauses, and, with none, when networks were compared. Training waits for it; what it is given is its own.
   */
  readonly onCheckpoint?: (states: ReadonlyMap<number, NetworkState>) => Promise<void>;
}

/** Makes a sweep: networks of different settings, to be trained as many at a time as can be. */
export function createSweep(options: SweepOptions): Sweep {
  return createSweepOn(options, createGroupEngine);
}

/** `createSweep` on whatever `createEngine` makes: who gives that needs none of the other engines. */
export function createSweepOn(options: SweepOptions, createEngine: CreateGroupEngine): Sweep {
  const { dataset, gpu, halving, memory = usualMemory } = options;
  const configs = options.configs.map(checkedConfig);
  checkSweep(configs, dataset, gpu);
  if (!(memory > 0)) throw new RangeError(`memory: got ${memory}, expected a number of bytes above 0`);
  const rungs = halving ? rungsOf(configs[0].epochs, configs.length) : [];
  if (halving) checkHalving(configs, rungs);
  return new Sweep({ ...options, configs, memory }, rungs, createEngine);
}

/** What a sweep is made of, none of which changes any more. */
type CheckedOptions = SweepOptions & { readonly memory: number };

/**
 * Trains networks of different settings, in groups of those that can be trained together, one group after the other. What each
 * comes to does not depend on the others, nor on where the sweep was paused; halving alone makes some end earlier.
 */
export class Sweep {
  readonly configs: readonly Config[];
  readonly dataset: Dataset;
  /** Epochs after which the worse half stops. */
  readonly rungs: readonly number[];
  readonly #memory: number;
  readonly #shared: SharedOptions;
  readonly #createEngine: CreateGroupEngine;
  readonly #states: Map<number, NetworkState>;
  readonly #ends: Map<number, NetworkEnd>;
  readonly #best = new BestSoFar();
  #running = false;

  constructor(options: CheckedOptions, rungs: readonly number[], createEngine: CreateGroupEngine) {
    this.configs = options.configs;
    this.dataset = options.dataset;
    this.rungs = rungs;
    this.#memory = options.memory;
    this.#shared = new SharedOptions(options);
    this.#createEngine = createEngine;
    this.#states = new Map(structuredClone(options.progress?.states));
    this.#ends = new Map(options.progress?.ends);
    for (const [network, end] of this.#ends) this.#best.add({ ...end, network });
  }

  /** How the networks ended that did. */
  get ends(): ReadonlyMap<number, NetworkEnd> {
    return this.#ends;
  }

  get finished(): boolean {
    return this.#ends.size === this.configs.length;
  }

  /** The best network of those that have ended, one that was halved only for want of others; its parameters if it did so since the sweep was made. */
  get best(): { readonly network: number; readonly parameters?: Parameters } | undefined {
    return this.#best.found;
  }

  /** Steps in an epoch of a network. */
  stepsPerEpoch(network: number): number {
    const config = this.configs[network];
    return stepsPerEpoch(splitDataset(config, this.dataset).dataset.train.count, config.batchSize);
  }

  /**
   * Trains on from where it is.
   * @returns whether all networks are done (as opposed to paused)
   * @throws as a trainer does; the networks then go on from where they were, as far as that is known
   */
  async run(options: SweepRunOptions = {}): Promise<boolean> {
    if (this.#running) throw new Error("run() was called while the sweep runs");
    this.#running = true;
    try {
      return await this.#run(options);
    } finally {
      this.#running = false;
    }
  }

  async #run(options: SweepRunOptions): Promise<boolean> {
    for (const rung of [...this.rungs, Number.POSITIVE_INFINITY]) {
      for (let behind = this.#behind(rung); behind.length > 0; behind = this.#behind(rung))
        if (!(await this.#train(behind, rung, options))) return this.finished;
      if (Number.isFinite(rung)) await this.#halve(rung, options);
    }
    return true;
  }

  /** Networks of one kind and one step that have not come to the end of epoch `rung`; those that have come furthest first. */
  #behind(rung: number): number[] {
    const behind = this.#alive.filter((network) => this.#step(network) < rung * this.stepsPerEpoch(network));
    const [first] = [...behind].sort((a, b) => this.#step(b) - this.#step(a) || a - b);
    const kind = (network: number) => `${groupKey(this.configs[network])} ${this.#step(network)}`;
    return behind.filter((network) => kind(network) === kind(first));
  }

  get #alive(): number[] {
    return [...this.configs.keys()].filter((network) => !this.#ends.has(network));
  }

  #step(network: number): number {
    return this.#states.get(network)?.snapshot.step ?? 0;
  }

  /**
   * Trains as many of `networks` as there is room for until the end of epoch `rung`, or until few of them are left.
   * @returns whether that came to its end (as opposed to paused)
   */
  async #train(networks: readonly number[], rung: number, options: SweepRunOptions): Promise<boolean> {
    const configsOf = (members: readonly number[]) => members.map((network) => this.configs[network]);
    const parts = splitDataset(this.configs[networks[0]], this.dataset);
    const { split: watched } = watchedOf(parts.dataset, parts.validation);
    const candidates = groupEngineOptions(this.#shared.of(configsOf(networks)));
    const room = await networksThatFit(candidates, watched, this.#memory);
    const group = networks.slice(0, room);
    await options.onGroup?.(group, networks.length - group.length);
    const states = group.map((network) => this.#states.get(network));
    const wanted = { ...this.#shared.of(configsOf(group)), states };
    const trainer = await createGroupTrainer(wanted, this.#createEngine);
    try {
      return await this.#trainGroup(trainer, group, rung, options);
    } finally {
      trainer.destroy();
    }
  }

  async #trainGroup(
    trainer: GroupTrainer,
    group: readonly number[],
    rung: number,
    { onEvent, onCheckpoint, onGroup: _, ...options }: SweepRunOptions,
  ): Promise<boolean> {
    const { signal } = options;
    const hear = (place: number, event: NetworkEvent) => {
      if (event.type === "end") this.#end(group[place], event);
      return onEvent?.(group[place], event);
    };
    for (;;) {
      try {
        await trainer.run({ ...options, until: "epoch", onEvent: hear });
      } catch (error) {
        // What a listener threw costs nothing; after a failure of the engine this is thrown again.
        await this.#keepStates(trainer, group);
        throw error;
      }
      const stops = trainer.epoch >= rung || 2 * trainer.active.length <= group.length;
      if (onCheckpoint || signal?.aborted || stops) {
        const states = await this.#keepStates(trainer, group);
        await onCheckpoint?.(structuredClone(states));
      }
      if (signal?.aborted) return false;
      if (stops) return true;
    }
  }

  /** Takes note of what the networks of a group that are not done go on from. */
  async #keepStates(trainer: GroupTrainer, group: readonly number[]): Promise<Map<number, NetworkState>> {
    const snapshots = trainer.finished ? [] : await trainer.snapshots();
    const states = new Map<number, NetworkState>();
    for (const [place, snapshot] of snapshots)
      states.set(group[place], { snapshot, score: trainer.scoreOf(place) });
    for (const [network, state] of states) this.#states.set(network, state);
    return states;
  }

  /** Ends the worse half of the networks that have come to the end of epoch `rung`, if that was not done before. */
  async #halve(rung: number, { onEvent, onCheckpoint }: SweepRunOptions): Promise<void> {
    const stepsAt = (network: number) => rung * this.stepsPerEpoch(network);
    const compared = [...this.configs.keys()].filter((network) => {
      const end = this.#ends.get(network);
      // Of those that ended here some may have been told of before a sweep was killed.
      return !end || (end.reason === "halved" && end.steps === stepsAt(network));
    });
    const isOver = compared.some(
      (network) => !this.#ends.has(network) && this.#step(network) > stepsAt(network),
    );
    const wentOn = [...this.#ends].some(([network, { steps }]) => steps > stepsAt(network));
    if (isOver || wentOn) return;
    const better = new Set(survivors(this.#scored(compared)));
    for (const network of compared) {
      if (better.has(network) || this.#ends.has(network)) continue;
      const { snapshot, score } = this.#states.get(network)!;
      const event = endOf(snapshot, { reason: "halved", score });
      this.#end(network, event);
      await onEvent?.(network, event);
    }
    await onCheckpoint?.(new Map());
  }

  #scored(networks: readonly number[]): Scored[] {
    return networks.map((network) => ({
      network,
      score: (this.#ends.get(network) ?? this.#states.get(network))?.score,
    }));
  }

  #end(network: number, { type: _, parameters, error: __, ...end }: EndEvent): void {
    this.#states.delete(network);
    this.#ends.set(network, end);
    this.#best.add({ ...end, network }, parameters);
  }
}
