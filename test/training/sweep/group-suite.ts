import { describe, expect, test } from "vitest";
import type { Dataset, Split } from "../../../src/data/dataset.ts";
import { builtInDigits } from "../../../src/data/digits.ts";
import type { Gpu } from "../../../src/gpu/gpu.ts";
import { optimizerNames } from "../../../src/model/optimizers.ts";
import type { Parameters } from "../../../src/model/parameters.ts";
import { type Config, changeSettings, defaultConfig } from "../../../src/model/settings.ts";
import { createTrainer } from "../../../src/training/create-trainer.ts";
import { DivergedError } from "../../../src/training/events.ts";
import { createGroupEngine } from "../../../src/training/sweep/create-group-engine.ts";
import { createGroupTrainer, type NetworkState } from "../../../src/training/sweep/create-group-trainer.ts";
import type { EndEvent, NetworkEvent } from "../../../src/training/sweep/group-network.ts";
import type { GroupRunOptions, GroupTrainer } from "../../../src/training/sweep/group-trainer.ts";

/** What computes. */
export interface GroupDevice {
  readonly backend: Config["backend"];
  readonly gpu?: Gpu | undefined;
}

/** 110 images to train on, of 14x14 pixels: mini-batches of 30, 30, 30 and 20; 25 more for validation. */
export const dataset: Dataset = (() => {
  const { train, test, ...rest } = builtInDigits({ train: 135, test: 40, seed: 3 });
  return { ...rest, train: smaller(train), test: smaller(test) };
})();

function smaller(split: Split): Split {
  const { rows, columns } = split;
  const kept = (index: number) => Math.floor(index / columns) % 2 === 0 && index % 2 === 0;
  const images = split.images.filter((_, index) => kept(index % (rows * columns)));
  return { ...split, images, rows: rows / 2, columns: columns / 2 };
}

export const small: Config = {
  ...defaultConfig,
  hidden: [7, 5],
  batchSize: 30,
  epochs: 3,
  validation: 25,
  evaluateEvery: 1,
};

/** Three networks that differ in `values` as well as in their seeds. */
function networksOf(changes: Partial<Config>, values: readonly Partial<Config>[]): Config[] {
  return values.map((value, index) => changeSettings(small, { seed: 5 + index, ...changes, ...value }));
}

const rates = [{ learningRate: 0.01 }, { learningRate: 0.05 }, { learningRate: 0.2 }];
const cases: Record<string, readonly Config[]> = {
  ...Object.fromEntries(
    optimizerNames.map((optimizer) => [
      optimizer,
      networksOf({ optimizer }, [
        { learningRate: 0.01 },
        { learningRate: 0.02, momentum: 0.5, beta2: 0.9 },
        { learningRate: 0.003, epsilon: 0.01, weightDecay: 0.1 },
      ]),
    ]),
  ),
  schedules: networksOf({}, [
    { schedule: "one-cycle", warmup: 3 },
    { schedule: "cosine", shuffle: false },
    { schedule: "step", decayEvery: 1, decayFactor: 0.5, initialiser: "he-normal" },
  ]),
  "hidden dropout": networksOf({ activation: "relu" }, [
    { hiddenDropout: 0.3 },
    { hiddenDropout: 0.1 },
    { hiddenDropout: 0 },
  ]),
  augmentation: networksOf({}, [
    { shift: 1, elastic: 0.7 },
    { rotation: 15, scale: 0.1, shear: 0.1, calmEnd: 0.4 },
    { inputDropout: 0.2 },
  ]),
  "an average, smoothed labels and the best weights": networksOf(
    { averageDecay: 0.8, labelSmoothing: 0.1, keepBest: true },
    [{ learningRate: 4 }, { learningRate: 0.1 }, { learningRate: 1 }],
  ),
  ...Object.fromEntries(
    (["portable", "unrolled", "tiled"] as const).map((kernels) => [
      `${kernels} kernels`,
      networksOf({ kernels, hidden: [40], optimizer: "adam", hiddenDropout: 0.2, steps: 2 }, rates.slice(1)),
    ]),
  ),
  "no hidden layer": networksOf({ hidden: [] }, rates),
  "evaluations now and then, and an end within an epoch": networksOf({ evaluateEvery: 2, steps: 10 }, rates),
  patience: networksOf({ patience: 1, epochs: 6 }, [
    { learningRate: 1e-37 },
    { learningRate: 0.3 },
    { learningRate: 3 },
  ]),
};

export const bytes = (parameters: Parameters) =>
  parameters.flatMap(({ weight, bias }) =>
    [weight, bias].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength).toString("base64"),
    ),
  );

/** What a network came to, without times. */
interface Outcome {
  epochs: object[];
  losses: number[];
  weights?: string[];
  best?: object | undefined;
  reason?: EndEvent["reason"];
}

/** Adds an event of a network to what it came to. */
function hear(outcome: Outcome, event: NetworkEvent): void {
  if (event.type === "steps") outcome.losses.push(...event.loss);
  if (event.type === "epoch") {
    const { seconds, stepsPerSecond, ...rest } = event;
    outcome.epochs.push(rest);
  }
  if (event.type !== "end") return;
  const { reason, parameters, best } = event;
  Object.assign(outcome, { reason, weights: bytes(parameters), best });
}

/** A network by itself. */
async function alone(config: Config, { gpu }: GroupDevice): Promise<Outcome> {
  const trainer = await createTrainer({ config, dataset, gpu });
  try {
    const outcome: Outcome = { epochs: [], losses: [] };
    let diverged = false;
    await trainer.run({ onEvent: (event) => hear(outcome, event) }).catch((error: unknown) => {
      if (!(error instanceof DivergedError)) throw error;
      diverged = true;
    });
    await trainer.installBest();
    const weights = bytes(await trainer.engine.readParameters());
    const reason = diverged ? "diverged" : trainer.stoppedEarly ? "stopped early" : "finished";
    return { ...outcome, weights, reason, best: trainer.position.selection.best };
  } finally {
    trainer.destroy();
  }
}

/** Trains a group to its end, `run` by `run`. */
async function together(
  configs: readonly Config[],
  { gpu }: GroupDevice,
  run: (trainer: GroupTrainer, options: GroupRunOptions) => Promise<unknown>,
  states?: readonly NetworkState[],
): Promise<Outcome[]> {
  const trainer = await createGroupTrainer({ configs, dataset, gpu, states }, createGroupEngine);
  const outcomes = configs.map((): Outcome => ({ epochs: [], losses: [] }));
  try {
    await run(trainer, { onEvent: (network, event) => hear(outcomes[network], event) });
    return outcomes;
  } finally {
    trainer.destroy();
  }
}

/** The suite that groups pass on every kind of engine: each network is as if it had been trained alone, to the last bit. */
export function describeGroups(name: string, device: () => Promise<GroupDevice>): void {
  describe(name, () => {
    test.each(Object.entries(cases))("%s: the same bytes and figures as alone", async (_, list) => {
      const { backend, gpu } = await device();
      const configs = list.map((config) => ({ ...config, backend }));
      const expected = [];
      for (const config of configs) expected.push(await alone(config, { backend, gpu }));
      const toTheEnd = (trainer: GroupTrainer, options: GroupRunOptions) => trainer.run(options);
      expect(await together(configs, { backend, gpu }, toTheEnd)).toEqual(expected);
    });

    test("the bytes do not depend on pauses, nor on the size of submissions", async () => {
      const { backend, gpu } = await device();
      const configs = cases.augmentation.map((config) => ({ ...config, backend }));
      const straight = await together(configs, { backend, gpu }, (trainer, options) => trainer.run(options));
      const paused = await together(configs, { backend, gpu }, async (trainer, options) => {
        while (!(await trainer.run({ ...options, until: "epoch", targetMs: 0.1 }))) await trainer.snapshots();
      });
      expect(paused).toEqual(straight);
    });

    test("goes on from snapshots within an epoch, with fewer networks, to the same", async () => {
      const { backend, gpu } = await device();
      // Long beside the steps that are under way as it is told to pause.
      const longer = { epochs: 10, averageDecay: 0.9 };
      const configs = cases.adam.map((config) => ({ ...config, backend, ...longer }));
      const straight = await together(configs, { backend, gpu }, (trainer, options) => trainer.run(options));
      let states: NetworkState[] = [];
      const begun = await together(configs, { backend, gpu }, async (trainer, options) => {
        const pause = new AbortController();
        const onEvent = (network: number, event: NetworkEvent) => {
          options.onEvent?.(network, event);
          if (event.type === "steps" && event.firstStep + event.loss.length > 5) pause.abort();
        };
        await trainer.run({ onEvent, signal: pause.signal, targetMs: 0.01 });
        const snapshots = await trainer.snapshots();
        states = [...snapshots].map(([network, snapshot]) => ({ snapshot, score: trainer.scoreOf(network) }));
      });
      const { step } = states[0].snapshot;
      expect([step > 4, step < 40]).toEqual([true, true]);
      const rest = [2, 0];
      const ended = await together(
        rest.map((network) => configs[network]),
        { backend, gpu },
        (trainer, options) => trainer.run(options),
        rest.map((network) => states[network]),
      );
      const whole = rest.map((network, place) => ({
        ...ended[place],
        epochs: [...begun[network].epochs, ...ended[place].epochs],
        losses: [...begun[network].losses, ...ended[place].losses],
      }));
      expect(whole).toEqual(rest.map((network) => straight[network]));
    });

    test("a network that diverges is marked and keeps its last finite weights, and the others go on", async () => {
      const { backend, gpu } = await device();
      const configs = [{ learningRate: 0.1 }, { learningRate: 900 }, { learningRate: 0.2 }].map((change) => ({
        ...small,
        ...{ backend, hidden: [], weightDecay: 3 },
        ...change,
      }));
      const outcomes = await together(configs, { backend, gpu }, (trainer, options) => trainer.run(options));
      expect(outcomes.map(({ reason }) => reason)).toEqual(["finished", "diverged", "finished"]);
      for (const network of [0, 2])
        expect(outcomes[network]).toEqual(await alone(configs[network], { backend, gpu }));
      const { weights, best } = await alone(configs[1], { backend, gpu });
      expect(outcomes[1]).toMatchObject({ weights, best });
    });
  });
}
