import type { Dataset } from "../../data/dataset.ts";
import { DeviceLosses } from "../../gpu/device-losses.ts";
import type { Config } from "../../model/settings.ts";
import { type GroupEngine, groupOf } from "../../training/engine/group-engine.ts";
import type { GroupEngineOptions } from "../../training/sweep/create-group-engine.ts";
import type { NetworkState } from "../../training/sweep/create-group-trainer.ts";
import type { NetworkEvent } from "../../training/sweep/group-network.ts";
import { createSweepOn, type NetworkEnd } from "../../training/sweep/sweep.ts";
import { createWebGpuGroup } from "../../training/webgpu/webgpu-group.ts";
import type { Training } from "../training.ts";
import { createWorkerCpuEngine } from "../workers/cpu-engine.ts";

/** Bytes of the GPU's memory that the networks of a page may take, beside its own. */
const memory = 256 << 20;
/** Milliseconds that one submission should take: what the page itself asks of the device waits behind it. */
const targetMs = 20;

/** Networks, and what they are trained on. */
export interface PagePlan {
  readonly configs: readonly Config[];
  readonly dataset: Dataset;
  /** Called when they can be trained, before any of them is. */
  readonly begin: () => void;
}

/** What a sweep on the page is called while others wait for it, who hears of it, and what stops it. */
export interface PageSweepOptions {
  readonly what: string;
  readonly signal: AbortSignal;
  readonly onEvent: (network: number, event: NetworkEvent) => void;
}

/**
 * Trains networks beside the one on the page, which rests meanwhile, on its device; where that is lost, on the
 * next one, from the last epoch on, unless devices are lost again and again with no step between.
 * @param plan says which at their turn: settings and data may change before
 * @throws UserError if a network cannot be trained
 */
export async function sweepOnPage(
  training: Training,
  plan: () => PagePlan,
  { what, signal, onEvent }: PageSweepOptions,
): Promise<void> {
  const states = new Map<number, NetworkState>();
  const ends = new Map<number, NetworkEnd>();
  const losses = new DeviceLosses();
  let planned: PagePlan | undefined;
  const run = async () => {
    if (signal.aborted) return;
    await training.rests();
    const { configs, dataset, begin } = planned ?? plan();
    const { gpu } = training;
    const progress = { states: new Map(states), ends: new Map(ends) };
    const sweep = createSweepOn({ configs, dataset, gpu, memory, progress }, createEngine);
    if (!planned) begin();
    planned = { configs, dataset, begin };
    await sweep.run({
      ...{ signal, targetMs },
      onEvent: (network, event) => {
        if (event.type === "end") ends.set(network, event);
        if (event.type === "steps") {
          losses.forget();
          training.deviceWorks();
        }
        onEvent(network, event);
      },
      onCheckpoint: async (reached) => {
        for (const [network, state] of reached) states.set(network, state);
      },
    });
  };
  for (;;) {
    const { gpu } = training;
    try {
      await training.work.add({ what }, run);
      return;
    } catch (error) {
      if (!losses.count(error)) throw error;
      await training.recover(gpu);
    }
  }
}

/** The engine of a group: of networks on the GPU one for all, of those on the reference a worker each. */
async function createEngine({ configs, sizes, train, gpu }: GroupEngineOptions): Promise<GroupEngine> {
  const [{ batchSize, residency, kernels }] = configs;
  const placement = { sizes, batchSize, train };
  if (gpu) return createWebGpuGroup({ gpu, ...placement, settings: configs, residency, kernels });
  return groupOf(configs.map((settings) => createWorkerCpuEngine({ ...placement, settings })));
}
