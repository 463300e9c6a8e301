import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { beforeAll, expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { DeviceLostError, type Gpu, openGpu } from "../../src/gpu/gpu.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import type { TrainingEvent } from "../../src/training/events.ts";
import type { Trainer } from "../../src/training/trainer.ts";
import { testAdapter } from "../helpers/gpu.ts";
import { Random } from "./mutants.ts";
import { isWhole, report } from "./reliability.ts";

/* Devices that are lost: training goes on with another one, and ends as if nothing had happened, to the last bit. */

const seed = 3;
const dataset = builtInDigits({ train: 300, test: 50 });
const config: Config = {
  ...defaultConfig,
  ...{ hidden: [12], batchSize: 32, epochs: 12, optimizer: "adam", learningRate: 0.01, averageDecay: 0.9 },
  ...{ validation: 60, evaluateEvery: 2, keepBest: true, hiddenDropout: 0.1, shift: 1, kernels: "portable" },
};

/** The devices of one run, and when the next of them is to be lost. */
class Devices {
  losses = 0;
  /** Called with each that is opened. */
  onOpen: (gpu: Gpu) => void = () => {};
  gpu: Gpu | undefined;

  async open(): Promise<Gpu> {
    this.gpu = await openGpu(await testAdapter());
    this.onOpen(this.gpu);
    return this.gpu;
  }

  lose(): void {
    this.gpu?.device.destroy();
  }

  readonly reopen = async (lost: DeviceLostError): Promise<Gpu> => {
    expect(lost).toBeInstanceOf(DeviceLostError);
    this.losses++;
    return this.open();
  };
}

async function make(devices: Devices, changes: Partial<Config> = {}): Promise<Trainer> {
  const gpu = await devices.open();
  return createTrainer({ config: { ...config, ...changes }, dataset, gpu, reopen: devices.reopen });
}

/** What comes out of training: all that was told of steps and epochs, the weights, the last evaluation. */
async function outcome(trainer: Trainer, onEvent: (event: TrainingEvent) => void = () => {}) {
  const losses: number[] = [];
  const epochs: unknown[] = [];
  await trainer.run({
    targetMs: 5,
    onEvent(event) {
      if (event.type === "steps") losses.push(...event.loss);
      else epochs.push({ ...event, seconds: 0, stepsPerSecond: 0 });
      onEvent(event);
    },
  });
  return {
    losses,
    epochs,
    parameters: await trainer.engine.readParameters(),
    state: await trainer.engine.readState(),
    evaluation: await trainer.evaluate(),
  };
}

let undisturbed: Awaited<ReturnType<typeof outcome>>;

beforeAll(async () => {
  const devices = new Devices();
  undisturbed = await outcome(await make(devices));
  devices.gpu?.destroy();
});

test("at a random step, and then perhaps again: the same events, weights and figures", async () => {
  const random = new Random(xoroshiro128plus(seed));
  const count = isWhole ? 50 : 5;
  for (let index = 0; index < count; index++) {
    const devices = new Devices();
    const trainer = await make(devices);
    const planned = Array.from(
      { length: 1 + random.below(3) },
      () => 1 + random.below(trainer.totalSteps - 1),
    );
    const snapshots = random.below(3);
    const left = planned.sort((a, b) => a - b);
    const found = await outcome(trainer, (event) => {
      if (event.type !== "steps") return;
      // Goes on from the beginning where no state was ever read.
      if (snapshots > 0 && random.below(3) < snapshots) trainer.snapshot().catch(() => {});
      if (left.length === 0 || event.firstStep + event.loss.length - 1 < left[0]) return;
      left.shift();
      devices.lose();
    });
    expect(found, `at steps ${planned} of run ${index}, seed ${seed}`).toEqual(undisturbed);
    trainer.destroy();
    devices.gpu?.destroy();
  }
  await report("losses", "at random steps, in Node", { tried: count, wrong: 0, seed });
});
