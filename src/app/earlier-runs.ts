import type { Dataset } from "../data/dataset.ts";
import type { Parameters } from "../model/parameters.ts";
import type { Snapshot } from "../training/snapshot.ts";
import type { GivenData } from "./data/given.ts";
import type { Mix } from "./own/own-digit.ts";
import type { RunRecord } from "./record.ts";
import { Signal } from "./signal.ts";

/** Most bytes of weights and images that earlier runs may hold together; the newest holds its own in any case. */
const mostBytes = 256 << 20;

/** A network that was trained, and all that it can be gone on with. */
export interface EarlierRun {
  readonly record: RunRecord;
  /** Absent once there was no room for it any more: the record alone is left. */
  readonly snapshot: Snapshot | undefined;
  /** All images that there were, as long as there are the weights. */
  readonly data: Dataset | undefined;
  /** What the data was made of, if it was the user's own. */
  readonly given: GivenData | undefined;
  /** Digits of the user's own that are among them. */
  readonly mix: Mix | undefined;
  readonly finished: boolean;
  /** What computed it. */
  readonly device: string;
}

/** What was trained in this session and is not on the page any more, newest first. */
export class EarlierRuns {
  /** There are others, or others are shown. */
  readonly changed = new Signal();
  #all: readonly EarlierRun[] = [];

  get all(): readonly EarlierRun[] {
    return this.#all;
  }

  /** The newest one, if it can be brought back. */
  get last(): EarlierRun | undefined {
    return this.#all[0]?.snapshot && this.#all[0];
  }

  /** What a run is called that begins now. */
  get nextNumber(): number {
    return 1 + Math.max(0, ...this.#all.map(({ record }) => record.number));
  }

  /** Adds the newest; the weights and images of the oldest make room. */
  add(run: EarlierRun): EarlierRun {
    let bytes = 0;
    const counted = new Set<Uint8Array>();
    this.#all = [run, ...this.#all].map((each, index) => {
      const images = each.data?.train.images;
      if (images && !counted.has(images)) bytes += images.byteLength;
      if (images) counted.add(images);
      bytes += each.snapshot ? bytesOf(each.snapshot) : 0;
      return index === 0 || bytes <= mostBytes ? each : { ...each, snapshot: undefined, data: undefined };
    });
    this.changed.emit();
    return run;
  }

  remove(record: RunRecord): void {
    this.#all = this.#all.filter((run) => run.record !== record);
    this.changed.emit();
  }

  /** Shows a run in the charts, or leaves it out. */
  show(record: RunRecord, shown: boolean): void {
    record.hidden = !shown;
    this.changed.emit();
  }
}

/** Whether there is nothing in a network that a new one of its settings would not have. */
export function isBlank({ series, loadedFrom, steered }: RunRecord): boolean {
  return series.last === 0 && !loadedFrom && !steered;
}

/** Whether nothing would be lost by going back to the last network, and it can be gone back to. */
export function canUndo({ record, earlier }: { record: RunRecord; earlier: EarlierRuns }): boolean {
  return isBlank(record) && earlier.last !== undefined;
}

function bytesOf({ state }: Snapshot): number {
  const networks: Parameters[] = [state.parameters, ...Object.values(state.slots)];
  const layers = networks.flatMap((network) => [...network]);
  return layers.reduce((sum, { weight, bias }) => sum + weight.byteLength + bias.byteLength, 0);
}
