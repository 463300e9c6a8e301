import { napping } from "../../src/node/napping.ts";
import { type Handed, Pacer } from "../../src/training/pacer.ts";
import type { Trained } from "./contender.ts";
import type { BatchStart } from "./workload.ts";

/** Steps that were handed over. */
export interface UnderWay {
  /** Waits until they are done; the loss of the last one, before its update. */
  loss(): Promise<number>;
}

/** Milliseconds of work that are handed over at once, as in our trainer. */
const turnMs = 50;

/**
 * Hands steps over as our trainer does: about 50 ms of work at a time, and the next lot before the last one is waited
 * for, so that the adapter never idles. Every contender on WebGPU goes through this.
 */
export class Turns {
  readonly #pacer: Pacer;

  constructor(pacer = new Pacer()) {
    this.#pacer = pacer;
  }

  /**
   * Trains on all mini-batches.
   * @param handOver starts steps and returns when they were submitted
   */
  async train(
    batches: readonly BatchStart[],
    handOver: (part: readonly BatchStart[]) => UnderWay | Promise<UnderWay>,
  ): Promise<Trained> {
    const pending: { readonly handed: Handed; readonly underWay: UnderWay }[] = [];
    let hostMs = 0;
    let loss = Number.NaN;
    const settle = async () => {
      const { handed, underWay } = pending.shift()!;
      loss = await napping(underWay.loss());
      this.#pacer.answer(handed);
    };
    this.#pacer.begin(turnMs);
    for (let first = 0; first < batches.length; ) {
      const part = batches.slice(first, first + this.#pacer.steps);
      first += part.length;
      if (part.length === 0) {
        await settle();
        continue;
      }
      const startedAt = performance.now();
      const handed = this.#pacer.handOver(part.length);
      pending.push({ handed, underWay: await handOver(part) });
      hostMs += performance.now() - startedAt;
    }
    while (pending.length > 0) await settle();
    return { loss, hostMs };
  }
}
