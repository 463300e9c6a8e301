import type { Dataset } from "../../data/dataset.ts";
import type { Parameters } from "../../model/parameters.ts";
import { type Config, changedSettings } from "../../model/settings.ts";
import type { NetworkEvent } from "../../training/sweep/group-network.ts";
import type { Beginning } from "../network-maker.ts";
import type { EvaluationRow } from "../record.ts";
import { Signal } from "../signal.ts";
import type { Training } from "../training.ts";
import { type PagePlan, sweepOnPage } from "./page-sweep.ts";
import { type SettingsMap, seedConfigs, settingsMap } from "./settings-map.ts";

/** What is known of one network of many. */
export interface Explored {
  readonly config: Config;
  /** Steps since training began. */
  readonly steps: number;
  /** Fraction of the epoch's mini-batches that was read right, as they were trained on. */
  readonly training?: number | undefined;
  /** Of the validation images after each epoch. */
  readonly epochs: readonly EvaluationRow[];
  /** Once it is done: its weights, and whether it diverged. */
  readonly end?: { readonly parameters: Parameters; readonly diverged: boolean } | undefined;
}

/** A map of settings, a network a cell, row by row. */
interface ExploredMap extends SettingsMap {
  readonly networks: readonly Explored[];
  /** The images that all are trained on. */
  readonly on: Required<Pick<Beginning, "data" | "given" | "mix">>;
}

/** Networks that are trained beside the one on the page: a map of settings, and seeds. */
export class Exploration {
  /** More is known, or a sweep begins or ends. */
  readonly changed = new Signal();
  readonly #training: Training;
  #map: ExploredMap | undefined;
  #seeds: readonly Explored[] = [];
  /** The images that they are trained on. */
  #seedsOn: Dataset | undefined;
  #stop: AbortController | undefined;

  constructor(training: Training) {
    this.#training = training;
    for (const signal of [training.replaced, training.phaseChanged])
      signal.listen(() => this.#forgetOtherSeeds());
  }

  get running(): boolean {
    return this.#stop !== undefined;
  }

  /** The map of settings that was asked for last. */
  get map(): ExploredMap | undefined {
    return this.#map;
  }

  /** Networks of the settings in force and different seeds. */
  get seeds(): readonly Explored[] {
    return this.#seeds;
  }

  /** Those of them that have not diverged, and the epochs that all of these have done. */
  get spread(): { readonly seeds: readonly Explored[]; readonly epochs: number } {
    const seeds = this.#seeds.filter(({ end }) => !end?.diverged);
    return { seeds, epochs: seeds.length && Math.min(...seeds.map((seed) => seed.epochs.length)) };
  }

  /** Trains a network for each cell of the map about the settings in force, unless it does already. Throws as `sweepOnPage` does. */
  async explore(epochs: number): Promise<void> {
    if (this.running) return;
    const plan = () => {
      const { config, data, given, mix } = this.#training;
      const map = settingsMap(config, data, epochs);
      const begin = () => {
        this.#map = { ...map, networks: map.configs.map(unknown), on: { data, given, mix } };
      };
      return { configs: map.configs, dataset: data, begin };
    };
    await this.#run("Training a map of networks", plan, (network, event) => {
      const networks = this.#map!.networks.with(network, learnt(this.#map!.networks[network], event));
      this.#map = { ...this.#map!, networks };
    });
  }

  /** Trains the settings in force from `count` seeds, unless others are trained. Throws as `sweepOnPage` does. */
  async trySeeds(epochs: number, count: number): Promise<void> {
    if (this.running) return;
    const plan = () => {
      const { config, data } = this.#training;
      const configs = seedConfigs(config, data, epochs, count);
      const begin = () => {
        this.#seeds = configs.map(unknown);
        this.#seedsOn = data;
      };
      return { configs, dataset: data, begin };
    };
    await this.#run(`Training ${count} seeds`, plan, (network, event) => {
      this.#seeds = this.#seeds.with(network, learnt(this.#seeds[network], event));
    });
  }

  /** Ends what is under way; what is known stays. */
  stop(): void {
    this.#stop?.abort();
  }

  /** Forgets the seeds if they are of other settings or images than those in force. */
  #forgetOtherSeeds(): void {
    const [first] = this.#seeds;
    if (!first) return;
    const { config, data } = this.#training;
    const [now] = seedConfigs(config, data, first.config.epochs, 1);
    const isOfSettings = changedSettings(first.config, now).every((name) => name === "seed");
    if (isOfSettings && data === this.#seedsOn) return;
    this.#seeds = [];
    this.changed.emit();
  }

  async #run(
    what: string,
    plan: () => PagePlan,
    learn: (network: number, event: NetworkEvent) => void,
  ): Promise<void> {
    this.#stop = new AbortController();
    this.changed.emit();
    try {
      await sweepOnPage(this.#training, plan, {
        what,
        signal: this.#stop.signal,
        onEvent: (network, event) => {
          learn(network, event);
          this.changed.emit();
        },
      });
    } finally {
      this.#stop = undefined;
      this.changed.emit();
    }
  }
}

function unknown(config: Config): Explored {
  return { config, steps: 0, epochs: [] };
}

/** What is known of a network after an event. */
function learnt(network: Explored, event: NetworkEvent): Explored {
  switch (event.type) {
    case "steps": {
      const steps = event.firstStep + event.loss.length - 1;
      const samples = event.sizes.reduce((sum, size) => sum + size, 0);
      return { ...network, steps, training: event.correct.reduce((sum, right) => sum + right, 0) / samples };
    }
    case "epoch": {
      const { steps: step, validation } = event;
      // After a lost device an epoch may come twice.
      if (!validation || network.epochs.some((known) => known.step === step)) return network;
      const { loss, accuracy } = validation;
      return { ...network, epochs: [...network.epochs, { step, loss, accuracy }] };
    }
    case "end":
      return {
        ...network,
        end: { parameters: event.parameters, diverged: event.reason === "diverged" },
      };
  }
}
