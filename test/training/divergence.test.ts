import { describe, expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/model/checkpoint-file.ts";
import { initialise } from "../../src/model/initialise.ts";
import { type Parameters, sizesOf } from "../../src/model/parameters.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { checkpointOf, snapshotOf } from "../../src/training/checkpoint.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { divergenceAdvice } from "../../src/training/divergence.ts";
import { createCpuEngine } from "../../src/training/engine/cpu-engine.ts";
import { DivergedError, type EpochEvent, type TrainingEvent } from "../../src/training/events.ts";
import { orderOf } from "../../src/training/mini-batch.ts";
import { createGroupEngine } from "../../src/training/sweep/create-group-engine.ts";
import { createGroupTrainer } from "../../src/training/sweep/create-group-trainer.ts";
import type { NetworkEvent } from "../../src/training/sweep/group-network.ts";
import type { Trainer } from "../../src/training/trainer.ts";

test.each<[Partial<Config>, RegExp]>([
  [{}, /^Use a smaller learning rate\.$/],
  [{ optimizer: "adam", momentum: 0.99 }, /^Use a smaller learning rate\.$/],
  [
    { optimizer: "momentum", momentum: 0.99 },
    /^With momentum 0\.99 steps add up to 100 times .* or momentum\.$/,
  ],
  [{ optimizer: "lion", momentum: 0.99 }, /^Use a smaller learning rate\.$/],
  [{ optimizer: "nesterov", momentum: 0 }, /^Use a smaller learning rate\.$/],
  [
    { weightDecay: 5 },
    /^A step takes 2\.5 times a weight off it: use a smaller weight decay or learning rate\.$/,
  ],
  [{ optimizer: "adamw", weightDecay: 100 }, /^A step takes 50 times a weight off it/],
  [{ optimizer: "adam", weightDecay: 100 }, /^Use a smaller learning rate\.$/],
])("advice fits the settings: %j", (changes, advice) => {
  const config = { ...defaultConfig, ...changes };
  expect(divergenceAdvice(config, { learningRate: 0.5, isUntrained: false })).toMatch(advice);
  expect(divergenceAdvice(config, { learningRate: 0.5, isUntrained: true })).toMatch(
    /^No step had been made: /,
  );
});

const dataset = builtInDigits({ train: 60, test: 10 });

/** What a run says that diverges. */
async function failure(changes: Partial<Config>, parameters?: Parameters): Promise<string> {
  const config: Config = { ...defaultConfig, backend: "cpu", batchSize: 20, epochs: 500, ...changes };
  const trainer = await createTrainer({ config, dataset, parameters });
  try {
    const error: unknown = await trainer.run().catch((reason) => reason);
    expect(error).toBeInstanceOf(DivergedError);
    return (error as Error).message;
  } finally {
    trainer.destroy();
  }
}

const noNumbers = initialise([784, 10, 10], "uniform", 1);
noNumbers[1].weight[3] = Number.NaN;

test.each<[string, Partial<Config>, Parameters | undefined, RegExp]>([
  [
    "the weights at the start",
    {},
    noNumbers,
    /the loss of step 1 is NaN .* No step had been made: .* Begin with others\./,
  ],
  [
    "weight decay",
    { weightDecay: 100 },
    undefined,
    /at learning rate 0\.1\. A step takes 10 times a weight off it: /,
  ],
])("a run that diverges says what fits the cause: %s", async (_, changes, parameters, message) => {
  expect(await failure(changes, parameters)).toMatch(message);
});

/** Networks whose numbers cease to be finite: a loss inside an epoch, or weights at the end of one, after losses that all are. */
const diverging: Record<"loss" | "weights", Partial<Config>> = {
  loss: { weightDecay: 100, learningRate: 1, batchSize: 1 },
  weights: { weightDecay: 4, learningRate: 1, batchSize: 4 },
};

describe.each(["loss", "weights"] as const)("where %s cease to be finite", (what) => {
  const config: Config = {
    ...defaultConfig,
    ...{
      backend: "cpu",
      hidden: [8, 8, 8],
      activation: "relu",
      initialiser: "he-normal",
      optimizer: "adamw",
    },
    ...{ epochs: 20, evaluateEvery: 1 },
    ...diverging[what],
  };

  /** What is told of steps, one by one, and of epochs, without how long they took. */
  const teller = () => {
    const told = { steps: [] as (readonly number[])[], epochs: [] as EpochEvent[] };
    const hear = (event: TrainingEvent) => {
      if (event.type === "epoch") told.epochs.push({ ...event, seconds: 0, stepsPerSecond: 0 });
      else
        for (const [index, loss] of event.loss.entries()) {
          const { firstStep, epoch, correct, sizes } = event;
          told.steps.push([firstStep + index, epoch, loss, correct[index], sizes[index]]);
        }
    };
    return { told, hear };
  };

  const divergedTrainer = async (targetMs: number) => {
    const { told, hear } = teller();
    const trainer = await createTrainer({ config, dataset });
    const error = await trainer.run({ targetMs, onEvent: hear }).catch((reason) => reason);
    expect(error).toBeInstanceOf(DivergedError);
    return { trainer, told, hear, error: error as DivergedError };
  };

  /** Where training is, without how long it took. */
  const placeOf = ({ step, position: { sums, ...position } }: Trainer) => [
    step,
    { ...position, sums: { ...sums, seconds: 0 } },
  ];

  test("what is told and where training is do not depend on how steps were submitted, nor on who trains", async () => {
    const one = await divergedTrainer(0.01);
    const many = await divergedTrainer(1000);
    const { told, hear } = teller();
    let end: NetworkEvent | undefined;
    const group = await createGroupTrainer({ configs: [config], dataset }, createGroupEngine);
    await group.run({
      onEvent: (_, event) => {
        if (event.type === "end") end = event;
        else hear(event);
      },
    });
    expect(many.told).toEqual(one.told);
    expect(told).toEqual(one.told);
    expect(placeOf(many.trainer)).toEqual(placeOf(one.trainer));
    expect(many.error).toEqual(one.error);
    const { finite } = one.trainer.position;
    expect(end).toMatchObject({
      reason: "diverged",
      steps: one.error.step,
      error: one.error,
      parameters: finite,
    });
  });

  test("training that goes on tells of no step twice, and leaves none out", async () => {
    const { trainer, told, hear } = await divergedTrainer(1000);
    trainer.learningRate = 1e-3;
    await trainer.run({ until: "epoch", onEvent: hear });
    const { steps, epochs } = told;
    expect(steps.map(([number]) => number)).toEqual(Array.from(steps, (_, index) => index + 1));
    expect(steps.length).toBe(trainer.step);
    expect(epochs).toHaveLength(trainer.epoch);
    for (const [index, epoch] of epochs.entries()) {
      const own = steps.filter((step) => step[1] === index + 1);
      const sum = own.reduce((total, [, , loss, , size]) => total + loss * size, 0);
      expect(epoch).toMatchObject({ epoch: index + 1, loss: sum / trainer.dataset.train.count });
    }
  });

  test("training that goes on, or is gone on with, steps as an optimizer does that has just begun", async () => {
    const { trainer } = await divergedTrainer(1000);
    trainer.learningRate = 1e-3;
    const { finite } = trainer.position;
    const snapshot = await trainer.snapshot();
    const facts = { program: "", device: "", config: {}, seconds: 0, lines: 0 };
    const identity = { name: "", train: 0, test: 0, sha256: "" };
    const file = encodeCheckpoint(checkpointOf(snapshot, { ...facts, dataset: identity }));
    const resumed = await createTrainer({
      config: { ...config, learningRate: 1e-3 },
      dataset,
      snapshot: snapshotOf(decodeCheckpoint(file, "checkpoint")),
    });

    const { train } = dataset;
    const anew = createCpuEngine({
      sizes: sizesOf(finite),
      batchSize: config.batchSize,
      train,
      settings: config,
    });
    anew.setParameters(finite);
    anew.setOrder(orderOf(trainer, trainer.epoch));
    for (let number = 1; number <= 5; number++) {
      await trainer.run({
        until: "step",
        onSubmit: (steps) => anew.train(steps.map((step) => ({ ...step, number, slotsSince: 0 }))),
      });
      await resumed.run({ until: "step" });
      const { parameters, slots } = await anew.readState();
      expect((await trainer.snapshot()).state).toEqual({ parameters, slots });
      expect((await resumed.snapshot()).state).toEqual({ parameters, slots });
    }
  });
});
