import { epochOrder } from "../../src/data/batches.ts";
import type { Split } from "../../src/data/dataset.ts";
import type { Gpu } from "../../src/gpu/gpu.ts";
import type { FormName } from "../../src/kernels/forms.ts";
import { initialise } from "../../src/model/initialise.ts";
import { networkName } from "../../src/model/parameters.ts";
import { findGpu, openFound } from "../../src/node/adapter.ts";
import { loadDataset } from "../../src/node/mnist-files.ts";
import type { GroupStep } from "../../src/training/engine/group-engine.ts";
import { usualMemory } from "../../src/training/sweep/sweep.ts";
import { networksThatFit, type WebGpuGroupOptions } from "../../src/training/webgpu/placed-group.ts";
import { createWebGpuGroup } from "../../src/training/webgpu/webgpu-group.ts";
import { type Spread, spread } from "./statistics.ts";
import { StepClock, type Stretch } from "./step-clock.ts";
import { Turns } from "./waiting.ts";
import { batchesFrom, stepSettings, type Workload, wholeBatches, workload } from "./workload.ts";

/** Many networks of one shape, together and one after the other. */
export interface SweepMeasurement {
  readonly network: string;
  readonly networks: number;
  /** How many of them are trained at a time: as many as there is room for. */
  readonly atATime: number;
  /** Steps of all networks in a second. */
  readonly stepsPerSecond: Spread;
  /** That in parts of what one network after the other reaches, round by round. */
  readonly ratio: Spread;
}

export interface SweepBenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly adapter?: string | undefined;
  readonly kernels?: FormName | undefined;
}

/** How many networks are trained together. */
export const sweepCounts: readonly number[] = [1, 8, 32, 128];
const shapes = [workload([10], 64), workload([128], 64)];

/** Measures both shapes: of each all groups are made first, then take turns. */
export async function measureSweep(options: SweepBenchOptions): Promise<SweepMeasurement[]> {
  const dataset = await loadDataset({ dataset: "auto", notice: () => {} }, { digits: { train: 20_480 } });
  const gpu = await openFound(await findGpu({ adapter: options.adapter }));
  const measured = [];
  for (const shape of shapes) measured.push(...(await measureShape(gpu, dataset.train, shape, options)));
  gpu.destroy();
  return measured;
}

async function measureShape(
  gpu: Gpu,
  train: Split,
  shape: Workload,
  { rounds, seconds, kernels }: SweepBenchOptions,
): Promise<SweepMeasurement[]> {
  const { sizes, batchSize } = shape;
  const placement = { gpu, sizes, batchSize, train, ...(kernels && { kernels }) };
  const room = await networksThatFit({ ...placement, settings: stepSettings(shape) }, train, usualMemory);
  // Where fewer are trained at a time, one such group stands for all.
  const atATime = sweepCounts.map((count) => Math.min(count, room));
  const groups = new Map<number, TimedGroup>();
  for (const count of new Set(atATime)) groups.set(count, await TimedGroup.make(placement, shape, count));
  const speeds = new Map([...groups.keys()].map((count): [number, number[]] => [count, []]));
  for (let round = 0; round < rounds; round++)
    for (const [count, group] of groups) speeds.get(count)!.push(await group.measure(seconds));
  for (const group of groups.values()) group.destroy();
  const alone = speeds.get(1)!;
  return sweepCounts.map((networks, index) => {
    const own = speeds.get(atATime[index])!;
    return {
      network: networkName(sizes),
      networks,
      atATime: atATime[index],
      stepsPerSecond: spread(own),
      ratio: spread(own.map((speed, round) => speed / alone[round])),
    };
  });
}

/** A group of networks with different seeds, that is timed. */
class TimedGroup {
  readonly #shape: Workload;
  readonly #networks: number;
  readonly #batches: number;
  readonly #group: Awaited<ReturnType<typeof createWebGpuGroup>>;
  readonly #clock = new StepClock();
  readonly #turns = new Turns();
  #done = 0;

  private constructor(
    group: Awaited<ReturnType<typeof createWebGpuGroup>>,
    shape: Workload,
    networks: number,
    batches: number,
  ) {
    this.#group = group;
    this.#shape = shape;
    this.#networks = networks;
    this.#batches = batches;
  }

  /** Makes a group and warms it up. */
  static async make(
    placement: Omit<WebGpuGroupOptions, "settings">,
    shape: Workload,
    networks: number,
  ): Promise<TimedGroup> {
    const { sizes, initialiser } = shape;
    const { train } = placement;
    const seeds = Array.from({ length: networks }, (_, network) => network + 1);
    const settings = seeds.map((seed) => ({ ...stepSettings(shape), seed }));
    const group = await createWebGpuGroup({ ...placement, settings });
    for (const [network, seed] of seeds.entries())
      group.setParameters(network, initialise(sizes, initialiser, seed));
    group.setOrders(seeds.map((seed) => epochOrder(train.count, seed, 0, true)));
    const timed = new TimedGroup(group, shape, networks, wholeBatches(train, shape));
    await timed.#train(1);
    await timed.#train(4);
    return timed;
  }

  /** Trains for about `seconds`; steps of all networks in a second. */
  async measure(seconds: number): Promise<number> {
    const measured = await this.#clock.measure(seconds, (count) => this.#train(count));
    return (measured.steps * this.#networks) / measured.seconds;
  }

  #train(count: number): Promise<Stretch> {
    const batches = batchesFrom(this.#done, count, this.#batches, this.#shape.batchSize);
    return this.#clock.time(count, () =>
      this.#turns.train(batches, (part) => {
        const submission = this.#group.train(this.#steps(part));
        return { loss: async () => (await submission.metrics())[0].loss.at(-1) ?? Number.NaN };
      }),
    );
  }

  #steps(firsts: readonly number[]): GroupStep[] {
    const { batchSize: size, learningRate } = this.#shape;
    const scheduled = Array.from({ length: this.#networks }, () => ({ learningRate }));
    return firsts.map((first) => ({ first, size, number: ++this.#done, scheduled }));
  }

  destroy(): void {
    this.#group.destroy();
  }
}
