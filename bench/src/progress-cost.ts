import { batchAt, epochOrder } from "../../src/data/batches.ts";
import type { FormName } from "../../src/kernels/forms.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { findGpu, openFound } from "../../src/node/adapter.ts";
import { loadDataset } from "../../src/node/mnist-files.ts";
import { napping } from "../../src/node/napping.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import type { Submission } from "../../src/training/engine/engine.ts";
import type { TrainingEvent } from "../../src/training/events.ts";
import { type Handed, Pacer } from "../../src/training/pacer.ts";
import type { Trainer } from "../../src/training/trainer.ts";
import { medianError, type Spread, spread } from "./statistics.ts";

export interface ProgressCost {
  readonly network: string;
  readonly withProgress: Spread;
  readonly without: Spread;
  /** Speed with progress and metrics as a part of the speed without, pair by pair. */
  readonly relative: Spread;
  /** How far the median of `relative` may be off, either way, at about 95%. */
  readonly relativeError: number;
  /** Processor time of a step without progress as a part of that with it: other people's work does not count. */
  readonly processorRelative: Spread;
  readonly processorError: number;
  readonly pairs: number;
}

export interface ProgressCostOptions {
  /** No further pair is begun after so long. */
  readonly seconds: number;
  readonly adapter?: string | undefined;
  readonly kernels?: FormName | undefined;
}

/** A stretch takes about so long: short, so that the machine is the same for both of a pair. */
const stretchMs = 300;
/** Pairs before anything is said, and the error of the median that is good enough. */
const fewestPairs = 20;
const wantedError = 0.01;
/** Milliseconds of a submission, the trainer's default. */
const targetMs = 50;

/**
 * What progress and metrics cost: the trainer with somebody who listens to every event, against a bare loop that trains
 * on the same mini-batches in the same order, in submissions of the same length with the same waiting, and looks at no
 * figure. Both train 784-10-10 at batch 64, in short stretches, now one first and now the other.
 */
export async function progressCost({
  seconds,
  adapter,
  kernels,
}: ProgressCostOptions): Promise<ProgressCost> {
  const dataset = await loadDataset({ dataset: "auto", notice: () => {} }, { digits: { train: 20_480 } });
  const gpu = await openFound(await findGpu({ adapter }));
  const config = { ...defaultConfig, epochs: 1_000_000, ...(kernels && { kernels }) };
  const trainer = await createTrainer({ config, dataset, gpu });
  const listening = new Contestant((steps) => runTrainer(trainer, steps));
  const bareLoop = new BareLoop(trainer);
  const bare = new Contestant((steps) => bareLoop.run(steps));
  const contestants = [listening, bare];
  try {
    for (const contestant of contestants) await contestant.run(200);
    const { stepsPerSecond } = await bare.run(200);
    const steps = Math.ceil((stretchMs / 1000) * stepsPerSecond);
    for (const { stretches } of contestants) stretches.length = 0;
    const until = performance.now() + seconds * 1000;
    const relative = () => listening.speeds.map((speed, pair) => speed / bare.speeds[pair]);
    const good = () => bare.stretches.length >= fewestPairs && medianError(relative()) <= wantedError;
    while (bare.stretches.length === 0 || (performance.now() < until && !good())) {
      for (const contestant of contestants) await contestant.run(steps);
      contestants.reverse();
    }
    const processor = listening.processorMs.map((ms, pair) => bare.processorMs[pair] / ms);
    return {
      network: "784-10-10, batch 64",
      withProgress: spread(listening.speeds),
      without: spread(bare.speeds),
      relative: spread(relative()),
      relativeError: medianError(relative()),
      processorRelative: spread(processor),
      processorError: medianError(processor),
      pairs: bare.stretches.length,
    };
  } finally {
    trainer.destroy();
    gpu.destroy();
  }
}

/** One of the two, with what was measured of it. */
class Contestant {
  readonly stretches: { readonly stepsPerSecond: number; readonly processorMsPerStep: number }[] = [];
  readonly #train: (steps: number) => Promise<number>;

  /** @param train trains about so many steps and says how many they were */
  constructor(train: (steps: number) => Promise<number>) {
    this.#train = train;
  }

  get speeds(): number[] {
    return this.stretches.map(({ stepsPerSecond }) => stepsPerSecond);
  }

  get processorMs(): number[] {
    return this.stretches.map(({ processorMsPerStep }) => processorMsPerStep);
  }

  async run(wanted: number) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    const steps = await this.#train(wanted);
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(before);
    const processorMsPerStep = (user + system) / 1000 / steps;
    const stretch = { stepsPerSecond: (steps / ms) * 1000, processorMsPerStep };
    this.stretches.push(stretch);
    return stretch;
  }
}

/** The trainer, with a line of progress made of every event, as the command line does. */
async function runTrainer(trainer: Trainer, steps: number): Promise<number> {
  const from = trainer.step;
  const stop = new AbortController();
  const lines: string[] = [];
  const onEvent = (event: TrainingEvent) => {
    if (event.type === "epoch") lines.push(`${event.epoch} ${event.loss} ${event.accuracy}`);
    else lines.push(`${event.epoch} ${event.firstStep} ${event.loss.join()} ${event.stepsPerSecond}`);
    if (trainer.step - from >= steps) stop.abort();
  };
  await napping(trainer.run({ targetMs, signal: stop.signal, onEvent }));
  return trainer.step - from;
}

/** The engine without the trainer: orders and mini-batches are made and waited for as it does, and no more. */
class BareLoop {
  readonly #trainer: Trainer;
  readonly #pacer = new Pacer();
  #step = 0;
  /** The trainer and this loop overwrite each other's order, which changes nothing of what steps cost. */
  #orderOfEpoch = -1;

  constructor(trainer: Trainer) {
    this.#trainer = trainer;
  }

  async run(wanted: number): Promise<number> {
    const until = this.#step + wanted;
    const pacer = this.#pacer;
    const pending: { readonly handed: Handed; readonly submission: Submission }[] = [];
    const settle = async () => {
      const { handed, submission } = pending.shift()!;
      await napping(submission.metrics());
      pacer.answer(handed);
    };
    pacer.begin(targetMs);
    while (this.#step < until) {
      const epoch = Math.floor(this.#step / this.#trainer.stepsPerEpoch);
      if (epoch !== this.#orderOfEpoch) this.#setOrder(epoch);
      const steps = Math.min(pacer.steps, (epoch + 1) * this.#trainer.stepsPerEpoch - this.#step);
      if (steps > 0) pending.push({ handed: pacer.handOver(steps), submission: this.#submit(steps) });
      else await settle();
    }
    while (pending.length > 0) await settle();
    return this.#step - until + wanted;
  }

  #setOrder(epoch: number): void {
    const { engine, dataset, config } = this.#trainer;
    engine.setOrder(epochOrder(dataset.train.count, config.seed, epoch, config.shuffle));
    this.#orderOfEpoch = epoch;
  }

  #submit(steps: number): Submission {
    const { engine, dataset, config, stepsPerEpoch } = this.#trainer;
    const { batchSize, learningRate } = config;
    const batches = Array.from({ length: steps }, (_, i) => ({
      ...batchAt((this.#step + i) % stepsPerEpoch, batchSize, dataset.train.count),
      number: this.#step + i + 1,
      learningRate,
    }));
    this.#step += steps;
    return engine.train(batches);
  }
}
