import { type CheckpointFile, encodeCheckpoints } from "../../model/checkpoint-file.ts";
import { networkName } from "../../model/parameters.ts";
import { checkpointOf } from "../../training/checkpoint.ts";
import { networkSizes } from "../../training/create-trainer.ts";
import { splitDataset } from "../../training/selection.ts";
import type { NetworkState } from "../../training/sweep/create-group-trainer.ts";
import type { EndEvent, NetworkEvent } from "../../training/sweep/group-network.ts";
import type { Sweep } from "../../training/sweep/sweep.ts";
import { modelBytes } from "../model-files.ts";
import type { Output } from "../output.ts";
import { type EndRecord, type EpochRecord, secondsOf } from "../runs/records.ts";
import { datasetFacts, RunFolder } from "../runs/run-folder.ts";
import { checkpointParts } from "./checkpoint-parts.ts";
import { networkPlace, type SweepFolder } from "./sweep-folder.ts";
import { endLine, epochLine } from "./sweep-lines.ts";
import {
  bestOf,
  type NetworkEndRecord,
  type NetworkEpoch,
  networkEndOf,
  networkEpochOf,
  type SweepRecord,
} from "./sweep-records.ts";

/** What a sweep was computed with, and where it goes on from. */
export interface LogOptions {
  readonly sweep: Sweep;
  /** The numbers of the sweep's networks, by their places in it: a part of a sweep has some of them. */
  readonly numbers: readonly number[];
  readonly folder: SweepFolder;
  /** What was recorded before. */
  readonly records: readonly SweepRecord[];
  /** Checkpoint files that are there, with the places of the networks whose states they hold. */
  readonly checkpoints: ReadonlyMap<string, readonly number[]>;
}

/** Writes down what happens in a sweep, so that it can be killed at any moment and gone on with. */
export class SweepLog {
  readonly #options: LogOptions;
  readonly #output: Output;
  readonly #epochs = new Map<number, EpochRecord[]>();
  readonly #ends = new Set<number>();
  /** The best of those that ended. */
  #best: NetworkEndRecord | undefined;
  /** The networks that ended since the last checkpoint, by place. */
  #ended: [number, EndEvent][] = [];
  /** The epochs since then. */
  #epochsSince: NetworkEpoch[] = [];
  /** Checkpoint files in force, and what they are still needed for. */
  readonly #checkpoints: Map<string, Set<number>>;
  #written = 0;
  readonly #records: SweepRecord[] = [];

  constructor(options: LogOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    this.#checkpoints = new Map([...options.checkpoints].map(([name, places]) => [name, new Set(places)]));
    for (const record of options.records) this.#note(record);
  }

  /** All that was recorded. */
  get records(): readonly SweepRecord[] {
    return this.#records;
  }

  /** The epochs of network `number`. */
  epochsOf(number: number): readonly EpochRecord[] {
    return this.#epochs.get(number) ?? [];
  }

  /** Takes note of what happened to the network at `place`. */
  hear(place: number, event: NetworkEvent): void {
    if (event.type === "end") this.#ended.push([place, event]);
    if (event.type !== "epoch") return;
    const record = networkEpochOf(this.#options.numbers[place], event);
    this.#epochsSince.push(record);
    this.#record([record]);
  }

  /** Brings all to the disk that happened until now, and `states`, which the sweep goes on from if it is killed. */
  async checkpoint(states: ReadonlyMap<number, NetworkState>): Promise<void> {
    const { folder, numbers } = this.#options;
    const ended = this.#ended.splice(0);
    const epochs = this.#epochsSince.splice(0);
    for (const [place, end] of ended) await this.#keep(place, end);
    const records = ended.map(([place, end]) => networkEndOf(numbers[place], end));
    this.#record(records);
    const over = await this.#replaceCheckpoints(
      states,
      ended.map(([place]) => place),
    );
    for (const name of over) await folder.remove(name);
    await this.#prune();
    if (states.size > 0 && epochs.length > 0) this.#output.say(epochLine(epochs, folder.description));
    for (const record of records) this.#output.say(endLine(record, this.#best, folder.description));
  }

  /** Writes the run folder of the network at `place`, if it is to be kept as far as is known by now. */
  async #keep(place: number, { parameters, ...end }: EndEvent): Promise<void> {
    const { folder, sweep, numbers } = this.#options;
    if (folder.description.keep !== "all" && sweep.best?.network !== place) return;
    const config = sweep.configs[place];
    const path = await folder.makeNetwork(numbers[place]);
    const { dataset, validation } = splitDataset(config, sweep.dataset);
    const { program, name, started, device } = folder.description;
    const network = networkName(networkSizes(config, dataset));
    const epochs = this.epochsOf(numbers[place]);
    const run = await RunFolder.reopen(
      path,
      {
        ...{ program, name: `${name}-${numbers[place]}`, started, network, device },
        ...{ dataset: datasetFacts(dataset, validation), config },
      },
      [...epochs, runEndOf(end, { network, dataset: dataset.name, epochs, folder: path })],
    );
    await run.writeModel(modelBytes(parameters, { config, dataset }));
  }

  /** Writes the states into files, and makes them count; returns the names of the files that have become superfluous. */
  async #replaceCheckpoints(
    states: ReadonlyMap<number, NetworkState>,
    ended: readonly number[],
  ): Promise<string[]> {
    const { folder } = this.#options;
    for (const places of this.#checkpoints.values())
      for (const place of [...states.keys(), ...ended]) places.delete(place);
    for (const part of checkpointParts(states)) {
      const name = this.#newName();
      const files = [...part].map(([place, state]) => this.#checkpointOf(place, state));
      await folder.writeCheckpoint(name, encodeCheckpoints(new Map(files)));
      this.#checkpoints.set(name, new Set(part.keys()));
    }
    const over = [...this.#checkpoints].flatMap(([name, places]) => (places.size === 0 ? [name] : []));
    for (const name of over) this.#checkpoints.delete(name);
    await folder.commit([...this.#checkpoints.keys()]);
    return over;
  }

  #checkpointOf(place: number, { snapshot }: NetworkState): [string, CheckpointFile] {
    const { folder, sweep, numbers } = this.#options;
    const { program, device, identity } = folder.description;
    const epochs = this.epochsOf(numbers[place]);
    const facts = {
      ...{ program, device, dataset: identity, config: sweep.configs[place] },
      seconds: secondsOf(epochs) + snapshot.sums.seconds,
      lines: epochs.length,
    };
    return [String(numbers[place]), checkpointOf(snapshot, facts)];
  }

  /** A name that no checkpoint in force has. */
  #newName(): string {
    const name = () => `checkpoint-${this.#written}.safetensors`;
    do this.#written++;
    while (this.#checkpoints.has(name()));
    return name();
  }

  /** Removes the run folders that turned out not to be kept. */
  async #prune(): Promise<void> {
    const { folder } = this.#options;
    if (folder.description.keep === "all") return;
    const best = this.#best?.network;
    const over = (await folder.madeNetworks()).filter((number) => this.#ends.has(number) && number !== best);
    await Promise.all(over.map((number) => folder.remove(networkPlace(folder.description, number))));
  }

  #record(records: readonly SweepRecord[]): void {
    if (records.length === 0) return;
    this.#options.folder.append(...records);
    for (const record of records) {
      this.#note(record);
      this.#output.record(record);
    }
  }

  #note(record: SweepRecord): void {
    this.#records.push(record);
    if (record.event === "end") {
      this.#ends.add(record.network);
      this.#best = bestOf(this.#best ? [this.#best, record] : [record]);
    }
    if (record.event !== "epoch") return;
    const { network, ...epoch } = record;
    const epochs = this.#epochs.get(network) ?? [];
    this.#epochs.set(network, [...epochs, epoch]);
  }
}

/** The end of a network as its own run folder tells it. */
function runEndOf(
  { reason, steps, best }: Pick<NetworkEndRecord, "reason" | "steps" | "best">,
  run: {
    readonly network: string;
    readonly dataset: string;
    readonly epochs: readonly EpochRecord[];
    readonly folder: string;
  },
): EndRecord {
  const { network, dataset, epochs, folder } = run;
  return {
    event: "end",
    ...{ reason, steps, seconds: secondsOf(epochs), network, dataset },
    ...(best && { best }),
    folder,
  };
}
