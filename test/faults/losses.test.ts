import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { beforeAll, expect, test } from "vitest";
import type { Beginning, MadeNetwork } from "../../src/app/network-maker.ts";
import { RunRecord } from "../../src/app/record.ts";
import { sweepOnPage } from "../../src/app/sweep/page-sweep.ts";
import { Training } from "../../src/app/training.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { DeviceLostError, type Gpu, openGpu } from "../../src/gpu/gpu.ts";
import { initialise } from "../../src/model/initialise.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer, networkSizes } from "../../src/training/create-trainer.ts";
import type { TrainingEvent } from "../../src/training/events.ts";
import { initialSnapshot } from "../../src/training/snapshot.ts";
import type { NetworkEvent } from "../../src/training/sweep/group-network.ts";
import { createSweep } from "../../src/training/sweep/sweep.ts";
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

/** The devices of one run; some of those to come are lost at the first kernel that is compiled for them. */
class Devices {
  opened = 0;
  toLoseCompiling = 0;
  gpu: Gpu | undefined;

  async open(): Promise<Gpu> {
    this.opened++;
    this.gpu = await openGpu(await testAdapter());
    if (this.toLoseCompiling > 0) {
      this.toLoseCompiling--;
      const { device } = this.gpu;
      const compile = device.createComputePipelineAsync.bind(device);
      device.createComputePipelineAsync = (descriptor) => {
        device.destroy();
        return compile(descriptor);
      };
    }
    return this.gpu;
  }

  lose(): void {
    this.gpu?.device.destroy();
  }

  readonly reopen = async (lost: DeviceLostError): Promise<Gpu> => {
    expect(lost).toBeInstanceOf(DeviceLostError);
    return this.open();
  };
}

async function make(devices: Devices): Promise<Trainer> {
  const gpu = await devices.open();
  return createTrainer({ config, dataset, gpu, reopen: devices.reopen });
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
    ...{ losses, epochs },
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

/** When a device is lost, and whether others are right after it: `lose` is called as soon as `isNow` says so. */
const kinds = [
  { name: "at a random step", whole: 50, compiling: 0, evaluating: false },
  {
    name: "at a random step, and the next two while kernels compile",
    whole: 20,
    compiling: 2,
    evaluating: false,
  },
  { name: "while images are evaluated", whole: 20, compiling: 0, evaluating: true },
];

for (const kind of isWhole ? kinds : kinds.slice(0, 1)) {
  test(`a device that is lost ${kind.name}: the same events, weights and figures`, async () => {
    const random = new Random(xoroshiro128plus(seed));
    const count = isWhole ? kind.whole : 1;
    for (let index = 0; index < count; index++) {
      const devices = new Devices();
      const trainer = await make(devices);
      const at = 1 + random.below(trainer.totalSteps - 1);
      const snapshots = random.below(3);
      let lost = false;
      const lose = () => {
        lost = true;
        devices.toLoseCompiling = kind.compiling;
        devices.lose();
      };
      const { engine } = trainer;
      const evaluate = engine.evaluate.bind(engine);
      engine.evaluate = (split) => {
        const answer = evaluate(split);
        if (kind.evaluating && !lost && trainer.step >= at) lose();
        return answer;
      };
      const found = await outcome(trainer, (event) => {
        if (event.type !== "steps") return;
        // Where none is taken all goes on from the beginning.
        if (random.below(3) < snapshots) trainer.snapshot().catch(() => {});
        if (!kind.evaluating && !lost && event.firstStep + event.loss.length > at) lose();
      });
      expect(found, `run ${index} of seed ${seed}, lost at step ${at}`).toEqual(undisturbed);
      expect(devices.opened).toBe(2 + kind.compiling);
      trainer.destroy();
      devices.gpu?.destroy();
    }
    await report("losses", kind.name, { tried: count, wrong: 0, seed });
  });
}

/** What comes of a sweep of two kinds of networks, three of each trained together; hears how far the first network is. */
async function sweepOutcome(devices: Devices, onStep: (step: number) => void = () => {}) {
  const configs = [12, 7].flatMap((width) =>
    [1, 2, 3].map((seed) => ({ ...config, hidden: [width], epochs: 2, seed })),
  );
  const gpu = await devices.open();
  const sweep = createSweep({ configs, dataset, gpu, reopen: devices.reopen });
  const onEvent = (network: number, event: NetworkEvent) => {
    if (network === 0 && event.type === "steps") onStep(event.firstStep + event.loss.length - 1);
  };
  expect(await sweep.run({ onEvent, targetMs: 5 })).toBe(true);
  devices.gpu?.destroy();
  return {
    ends: [...sweep.ends].map(([network, end]) => ({ network, ...end, seconds: 0 })),
    best: sweep.best,
  };
}

test("a device that is lost while a sweep runs: the same networks", async () => {
  const random = new Random(xoroshiro128plus(seed));
  let steps = 0;
  const expected = await sweepOutcome(new Devices(), (step) => {
    steps = step;
  });
  const count = isWhole ? 20 : 1;
  for (let index = 0; index < count; index++) {
    const at = 1 + random.below(steps);
    const devices = new Devices();
    const lose = (step: number) => devices.opened === 1 && step >= at && devices.lose();
    expect(await sweepOutcome(devices, lose), `run ${index} of seed ${seed}, lost at step ${at}`).toEqual(
      expected,
    );
    // The second kind has yet to begin.
    expect(devices.opened).toBeGreaterThan(1);
  }
  await report("losses", "while a sweep runs", { tried: count, wrong: 0, seed });
});

test("a device that is lost at rest costs nothing, and too many in a row are an end", async () => {
  const devices = new Devices();
  const trainer = await make(devices);
  await trainer.run({ until: "epoch" });
  devices.lose();
  const [before] = undisturbed.epochs as { loss: number }[];
  await trainer.run({ until: "epoch", onEvent: () => {} });
  expect([trainer.epoch, devices.opened, before.loss > 0]).toEqual([2, 2, true]);

  devices.toLoseCompiling = 9;
  devices.lose();
  await expect(trainer.run()).rejects.toThrow(/The GPU device was lost \(destroyed\): .+ again and again/);
  expect(devices.opened).toBe(2 + 3);
  await expect(trainer.engine.readState()).rejects.toThrow(DeviceLostError);
  trainer.destroy();
  devices.gpu?.destroy();
});

test("a sweep on the page outlasts any number of devices that have made steps", async () => {
  const devices = new Devices();
  const few = { ...config, epochs: 3, steps: 12, averageDecay: 0, keepBest: false };
  const make = async (
    own: Config,
    known: { gpu?: Gpu | undefined } & Beginning = {},
  ): Promise<MadeNetwork> => {
    const gpu = known.gpu ?? (await devices.open());
    const fresh = initialSnapshot(initialise(networkSizes(own, dataset), own.initialiser, own.seed));
    const { snapshot = fresh, record = new RunRecord(own, "a network", 1) } = known;
    const trainer = await createTrainer({ config: own, dataset, gpu, snapshot });
    return { trainer, snapshot, gpu, data: dataset, given: undefined, mix: undefined, record };
  };
  const training = new Training({ make, data: async () => dataset }, await make(few));
  const failures: Error[] = [];
  training.failed.listen((error) => failures.push(error));
  let [lost, ended] = [0, false];
  await sweepOnPage(training, () => ({ configs: [few], dataset, begin: () => {} }), {
    what: "A sweep",
    signal: new AbortController().signal,
    onEvent: (_, { type }) => {
      ended ||= type === "end";
      if (type !== "steps" || lost === 5) return;
      lost++;
      devices.lose();
    },
  });
  expect({ lost, ended, failures }).toEqual({ lost: 5, ended: true, failures: [] });
  training.trainer.destroy();
  devices.gpu?.destroy();
});
