import { memoryOverEpochs } from "./memory-over-epochs.ts";
import { progressCost } from "./progress-cost.ts";
import { measureScale } from "./scale.ts";
import { ContenderService } from "./service.ts";
import { measureSweep } from "./sweep.ts";

/*
 * A process of the benchmark: it answers calls from its parent, one after the other, until the parent lets go of it.
 */

const service = new ContenderService();

const calls = {
  start: service.start.bind(service),
  trainTo: service.trainTo.bind(service),
  measure: service.measure.bind(service),
  count: service.count.bind(service),
  infer: service.infer.bind(service),
  memory: service.memory.bind(service),
  trainToAccuracy: service.trainToAccuracy.bind(service),
  memoryOverEpochs,
  progressCost,
  measureScale,
  measureSweep,
};

/** Everything that a process of the benchmark can be asked for. */
export type Calls = typeof calls;

/** A call that failed is answered with its error. */
export type Reply = { readonly result: unknown } | { readonly error: string };

process.on("message", async ({ call, argument }: { call: keyof Calls; argument: never }) => {
  let reply: Reply;
  try {
    reply = { result: await calls[call](argument) };
  } catch (error) {
    reply = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(reply);
});

process.on("disconnect", async () => {
  await service.destroy();
  process.exit();
});
