import { cpus } from "node:os";
import { epochOrder } from "../../src/data/batches.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { FormName } from "../../src/kernels/forms.ts";
import { findGpu } from "../../src/node/adapter.ts";
import { loadDataset } from "../../src/node/mnist-files.ts";
import { napping } from "../../src/node/napping.ts";
import type { Contender } from "./contender.ts";
import { type ContenderFacts, type ContenderName, contenders } from "./contenders.ts";
import { GpuCounters, type GpuCounts } from "./gpu-counters.ts";
import { hostData } from "./host-data.ts";
import { StepClock, type Stretch } from "./step-clock.ts";
import { batchesFrom, type Workload, wholeBatches } from "./workload.ts";

export interface Task {
  readonly contender: ContenderName;
  readonly workload: Workload;
  readonly adapter?: string | undefined;
  readonly kernels?: FormName | undefined;
}

export interface Started {
  readonly device: string;
  /** From a fresh process, data in memory, to the loss of the first step: loading, adapter, compiling, one step. */
  readonly firstStepMs: number;
  readonly loss: number;
}

export interface Measured {
  readonly steps: number;
  readonly seconds: number;
  readonly hostMs: number;
  /** Processor time of this process; absent where another one computes. */
  readonly processorMs?: number;
}

/** When the test accuracy was first reached; training time alone, evaluations not counted. */
export interface TargetReached {
  readonly accuracy: number;
  readonly steps: number;
  readonly seconds: number;
}

/** Images of the built-in digits, where there is no MNIST: drawing 60,000 would take each process long. */
const digits = { train: 20_480, test: 10_000 };

/** What a contender's process does when it is asked to. Every call ends before the next one is made. */
export class ContenderService {
  readonly #counters = new GpuCounters();
  readonly #clock = new StepClock();
  #task: Task | undefined;
  #dataset: Dataset | undefined;
  #contender: Contender | undefined;
  #nextBatch = 0;

  /** Makes the contender and trains its first step. */
  async start(task: Task): Promise<Started> {
    const dataset = await loadDataset({ dataset: "auto", notice: () => {} }, { digits });
    const { gpu, device, floats, load }: ContenderFacts = contenders[task.contender];
    const host = floats ? hostData(dataset.train, dataset.classes) : undefined;
    const startedAt = performance.now();
    const adapter = gpu ? await this.#openAdapter(task.adapter) : undefined;
    installNavigator(adapter?.gpu);
    const { create } = await load();
    const { workload, kernels } = task;
    const contender = await napping(
      create(
        {
          workload,
          dataset,
          ...(host && { host }),
          ...(adapter && { adapter }),
          ...(kernels && { kernels }),
        },
        device,
      ),
    );
    this.#task = task;
    this.#dataset = dataset;
    this.#contender = contender;
    await this.#setEpoch(0);
    const { loss } = await contender.train(this.#take(1));
    const firstStepMs = performance.now() - startedAt - (contender.dataMs ?? 0);
    return { device: contender.device, firstStepMs, loss };
  }

  async #openAdapter(name: string | undefined) {
    const adapter = await findGpu({ adapter: name });
    this.#counters.watchBuffers();
    return adapter;
  }

  /** Trains on until so many steps were trained in all, unless that takes longer than `seconds`. */
  async trainTo({ steps, seconds }: { steps: number; seconds: number }): Promise<number | undefined> {
    const count = steps - this.#nextBatch;
    if (this.#clock.stepMs * count > seconds * 1000) return undefined;
    return (await this.#train(count)).loss;
  }

  /** Trains for about `seconds`. */
  async measure({ seconds }: { seconds: number }): Promise<Measured> {
    const { contender } = this.#running();
    const measured = await this.#clock.measure(seconds, (count) => this.#train(count));
    const { processorMs, ...others } = measured;
    return contender.residentBytes ? others : { ...others, processorMs };
  }

  /** Counts the commands of up to `steps` steps, fewer if they would take longer than `seconds`. */
  async count({
    steps,
    seconds,
  }: {
    steps: number;
    seconds: number;
  }): Promise<GpuCounts & { steps: number }> {
    const count = Math.max(1, Math.min(steps, Math.floor((seconds * 1000) / this.#clock.stepMs)));
    return { steps: count, ...(await this.#counters.countCommands(() => this.#train(count))) };
  }

  /**
   * Milliseconds that each of up to `repeats` classifications of the test split took, and how many images were right.
   * No further one is begun after `seconds`, and none at all that would take three times that: forward is a third of
   * a step.
   */
  async infer({ repeats, seconds }: { repeats: number; seconds: number }) {
    const { contender, dataset, task } = this.#running();
    const ms: number[] = [];
    let correct = 0;
    const expectedMs = (this.#clock.stepMs / 3) * (dataset.test.count / task.workload.batchSize);
    if (expectedMs > 3 * seconds * 1000) return { ms, correct };
    const until = performance.now() + seconds * 1000;
    while (ms.length === 0 || (ms.length < repeats && performance.now() < until)) {
      const startedAt = performance.now();
      correct = await contender.countCorrect(dataset.test);
      ms.push(performance.now() - startedAt);
    }
    return { ms, correct };
  }

  /** Memory in bytes: of all GPU buffers, and resident in the process that computes. */
  async memory(): Promise<{ gpuBytes: number; residentBytes: number | undefined }> {
    const { contender } = this.#running();
    const residentBytes = contender.residentBytes
      ? await contender.residentBytes()
      : process.memoryUsage().rss;
    return { gpuBytes: this.#counters.bufferBytes, residentBytes };
  }

  /**
   * Trains epoch after epoch, evaluating on the test split four times in each, until all accuracies are reached or
   * `seconds` of training, or twice that with the evaluations, have passed. The loss before the first evaluation tells
   * whether everybody trains alike.
   */
  async trainToAccuracy({ targets, seconds }: { targets: readonly number[]; seconds: number }) {
    const { contender, dataset, task } = this.#running();
    const perEpoch = wholeBatches(dataset.train, task.workload);
    const between = Math.ceil(perEpoch / 4);
    const reached: TargetReached[] = [];
    let firstLoss: { readonly step: number; readonly loss: number } | undefined;
    let trainedMs = 0;
    const giveUpAt = performance.now() + 2000 * seconds;
    for (let epoch = 0; reached.length < targets.length; epoch++) {
      await this.#setEpoch(epoch);
      this.#nextBatch = epoch === 0 ? 1 : 0; // `start` trained the first one
      while (this.#nextBatch < perEpoch && reached.length < targets.length) {
        const startedAt = performance.now();
        const { loss } = await this.#train(Math.min(between, perEpoch - this.#nextBatch));
        trainedMs += performance.now() - startedAt;
        firstLoss ??= { step: this.#nextBatch, loss };
        const accuracy = (await contender.countCorrect(dataset.test)) / dataset.test.count;
        const steps = epoch * perEpoch + this.#nextBatch;
        while (reached.length < targets.length && accuracy >= targets[reached.length]) {
          reached.push({ accuracy, steps, seconds: trainedMs / 1000 });
        }
        const late = trainedMs > seconds * 1000 || performance.now() > giveUpAt;
        if (late && reached.length < targets.length) {
          return { reached, firstLoss, steps, seconds: trainedMs / 1000, accuracy };
        }
      }
    }
    return { reached, firstLoss };
  }

  async #setEpoch(epoch: number): Promise<void> {
    const { contender, dataset, task } = this.#running();
    await contender.setOrder(epochOrder(dataset.train.count, task.workload.seed, epoch, true));
  }

  /** Trains the next `count` steps and keeps account of how long they take. */
  #train(count: number): Promise<Stretch> {
    const { contender } = this.#running();
    return this.#clock.time(count, () => contender.train(this.#take(count)));
  }

  /** The next `count` mini-batches of the order, over and over. */
  #take(count: number): number[] {
    const { dataset, task } = this.#running();
    const { workload } = task;
    const whole = wholeBatches(dataset.train, workload);
    const batches = batchesFrom(this.#nextBatch, count, whole, workload.batchSize);
    this.#nextBatch += count;
    return batches;
  }

  #running() {
    if (!this.#contender || !this.#dataset || !this.#task) throw new Error("start() comes first");
    return { contender: this.#contender, dataset: this.#dataset, task: this.#task };
  }

  destroy(): void | Promise<void> {
    return this.#contender?.destroy();
  }
}

/** The peers look for WebGPU where a page has it. */
function installNavigator(gpu: GPU | undefined): void {
  const value = {
    userAgent: `Node/${process.version}`,
    hardwareConcurrency: cpus().length,
    ...(gpu && { gpu }),
  };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
}
