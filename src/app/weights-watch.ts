import type { Parameters } from "../model/parameters.ts";

/** Least milliseconds between two looks at the weights, and how much longer than a look the pause after it is. */
const lookMs = 120;
const lookShare = 4;

/** Weights, and how many steps went into them. */
export interface Checkpoint {
  readonly step: number;
  readonly parameters: Parameters;
}

/** Reads the weights back now and then: for their picture, and to go on from them should the device be lost. */
export class WeightsWatch {
  /** The weights that were read last. */
  latest: Checkpoint;
  /** The last of them whose steps were all reported: training can go on from there and miss none. */
  checkpoint: Checkpoint;
  #looking = false;
  #nextLook = 0;

  constructor(first: Checkpoint) {
    this.latest = this.checkpoint = first;
  }

  /** Whether it is time to look again: reading must not take much of the time that training could have. */
  get due(): boolean {
    return !this.#looking && performance.now() >= this.#nextLook;
  }

  /**
   * Reads the weights.
   * @param step steps that go into what `read` gives
   * @param reported tells the last step that was reported
   * @returns whether there are any
   */
  async look(step: number, read: () => Promise<Parameters | undefined>, reported: () => number) {
    const startedAt = performance.now();
    this.#looking = true;
    const parameters = await read();
    const now = performance.now();
    this.#looking = false;
    this.#nextLook = now + Math.max(lookMs, lookShare * (now - startedAt));
    if (!parameters) return false;
    this.latest = { step, parameters };
    this.reported(reported());
    return true;
  }

  /** Takes note that all steps up to `step` were reported. */
  reported(step: number): void {
    if (this.latest.step <= step) this.checkpoint = this.latest;
  }
}
