import { napping } from "../../src/node/napping.ts";
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
 * Trains on all mini-batches, handing over about 50 ms of work at a time, and the next lot before the last one is
 * waited for, so that the adapter never idles. Every contender on WebGPU goes through this one function.
 * @param expectedMs how long all of it is expected to take; 0 if that is not known
 * @param handOver starts steps and returns when they were submitted
 */
export async function inTurns(
  batches: readonly BatchStart[],
  expectedMs: number,
  handOver: (part: readonly BatchStart[]) => UnderWay | Promise<UnderWay>,
): Promise<Trained> {
  const stepMs = expectedMs / batches.length;
  const atOnce = stepMs > 0 ? Math.max(1, Math.round(turnMs / stepMs)) : batches.length;
  const pending: UnderWay[] = [];
  let hostMs = 0;
  let loss = Number.NaN;
  const settle = async () => {
    loss = await napping(pending.shift()!.loss());
  };
  for (let first = 0; first < batches.length; first += atOnce) {
    const part = batches.slice(first, first + atOnce);
    const startedAt = performance.now();
    pending.push(await handOver(part));
    hostMs += performance.now() - startedAt;
    if (pending.length > 1) await settle();
  }
  while (pending.length > 0) await settle();
  return { loss, hostMs };
}
