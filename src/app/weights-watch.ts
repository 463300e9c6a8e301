import type { Parameters } from "../model/parameters.ts";
import type { Snapshot } from "../training/snapshot.ts";
import { Sparingly } from "../training/sparingly.ts";

/** Least milliseconds between two looks at the weights, and how much longer than a look the pause after it is. */
const lookMs = 120;
const lookShare = 4;

/** What a look finds. */
export interface Look {
  /** The weights that predictions are made with. */
  readonly parameters: Parameters;
  /** What training goes on from; absent if training failed before it could be had. */
  readonly snapshot?: Snapshot | undefined;
}

/** Reads the weights back now and then: for their picture, and to go on from them should the device be lost. */
export class WeightsWatch {
  /** The weights that were read last. */
  parameters: Parameters;
  /** Where training can go on from, and miss no step that was reported later. */
  snapshot: Snapshot;
  readonly #sparingly = new Sparingly(lookMs, lookShare);

  constructor(parameters: Parameters, snapshot: Snapshot) {
    this.parameters = parameters;
    this.snapshot = snapshot;
  }

  /** Whether it is time to look again: reading must not take much of the time that training could have. */
  get due(): boolean {
    return this.#sparingly.due;
  }

  /** Reads the weights. Returns whether there are any. */
  async look(read: () => Promise<Look | undefined>): Promise<boolean> {
    const found = await this.#sparingly.do(read);
    if (!found) return false;
    this.parameters = found.parameters;
    this.snapshot = found.snapshot ?? this.snapshot;
    return true;
  }
}
