import { findGpu } from "../../src/cli/adapter.ts";
import { loadDataset } from "../../src/cli/mnist-files.ts";
import { firstImages } from "../../src/data/dataset.ts";
import { openGpu } from "../../src/gpu/gpu.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import type { TrainingEvent } from "../../src/training/events.ts";
import type { Trainer } from "../../src/training/trainer.ts";
import { pipelined } from "./ours.ts";
import { ratios, type Spread, spread } from "./statistics.ts";
import { StepClock } from "./step-clock.ts";

export interface ProgressCost {
  readonly network: string;
  readonly withProgress: Spread;
  readonly without: Spread;
  /** Speed with progress and metrics as a part of the speed without, round by round. */
  readonly relative: Spread;
}

export interface ProgressCostOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly adapter?: string | undefined;
}

/**
 * What progress and metrics cost: the trainer with somebody who listens to every event, against a bare loop that hands
 * the same steps to the same engine and looks at no figure. Both train 784-10-10 at batch 64 in turn.
 */
export async function progressCost({ rounds, seconds, adapter }: ProgressCostOptions): Promise<ProgressCost> {
  const loaded = await loadDataset({ dataset: "auto", notice: () => {} }, { digits: { train: 20_480 } });
  const train = firstImages(loaded.train, Math.floor(loaded.train.count / 64) * 64);
  const dataset = { ...loaded, train };
  const gpu = await openGpu((await findGpu({ adapter })).adapter);
  const trainer = await createTrainer({ config: { ...defaultConfig, epochs: 1_000_000 }, dataset, gpu });
  try {
    const listened: number[] = [];
    const bare: number[] = [];
    const clock = new StepClock();
    await runTrainer(trainer, seconds);
    await runBare(trainer, seconds, clock);
    for (let round = 0; round < rounds; round++) {
      listened.push(await runTrainer(trainer, seconds));
      bare.push(await runBare(trainer, seconds, clock));
    }
    return {
      network: "784-10-10, batch 64",
      withProgress: spread(listened),
      without: spread(bare),
      relative: ratios(listened, bare),
    };
  } finally {
    trainer.destroy();
    gpu.destroy();
  }
}

/** Steps per second of the trainer with a line of progress made of every event, as the command line does. */
async function runTrainer(trainer: Trainer, seconds: number): Promise<number> {
  const stop = new AbortController();
  const from = trainer.step;
  const startedAt = performance.now();
  const losses: number[] = [];
  let line = "";
  const onEvent = (event: TrainingEvent) => {
    if (event.type === "epoch") line = `${event.epoch} ${event.loss} ${event.accuracy}`;
    else {
      losses.push(...event.loss);
      line = `${event.epoch} ${event.firstStep} ${event.loss[0]} ${event.stepsPerSecond}`;
    }
    if (performance.now() - startedAt > seconds * 1000) stop.abort(line);
  };
  await trainer.run({ sleep: true, signal: stop.signal, onEvent });
  return ((trainer.step - from) / (performance.now() - startedAt)) * 1000;
}

/** Steps per second of the engine without the trainer. */
async function runBare({ engine, config, stepsPerEpoch }: Trainer, seconds: number, clock: StepClock) {
  const { batchSize, learningRate } = config;
  const measured = await clock.measure(seconds, async (wanted) => {
    const count = Math.min(wanted, stepsPerEpoch);
    const batches = Array.from({ length: count }, (_, i) => ({
      first: i * batchSize,
      number: i + 1,
      size: batchSize,
      learningRate,
    }));
    const stretch = await clock.time(count, (expectedMs) => pipelined(engine, batches, expectedMs));
    return { count, stretch };
  });
  return measured.steps / measured.seconds;
}
