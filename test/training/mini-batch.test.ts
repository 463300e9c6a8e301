import { describe, expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { gather } from "../../src/reference/gather.ts";
import type { Inspection } from "../../src/reference/inspect.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import type { TrainingStep } from "../../src/training/engine/engine.ts";
import type { StepsEvent } from "../../src/training/events.ts";
import { type MiniBatch, miniBatchOf } from "../../src/training/mini-batch.ts";
import type { Trainer } from "../../src/training/trainer.ts";
import { expectClose } from "../helpers/tolerance.ts";

const closeness = { atol: 1e-7, rtol: 1e-6, reason: "engines hand parameters out in float32" };
// An epoch of two whole mini-batches and a short one.
const dataset = builtInDigits({ train: 150, test: 10 });

const trainerOf = (changes: Partial<Config> = {}) =>
  createTrainer({
    config: { ...defaultConfig, backend: "cpu", hidden: [5], epochs: 3, ...changes },
    dataset,
  });

/** What one step trains on, what the network is inside before it, and what training says of it. */
const stepOf = async (trainer: Trainer) => {
  let seen: { step: TrainingStep; batch: MiniBatch; inspection: Promise<Inspection> } | undefined;
  let event: StepsEvent | undefined;
  await trainer.run({
    until: "step",
    onSubmit: ([step]) => {
      const batch = miniBatchOf(trainer, step);
      seen = { step, batch, inspection: trainer.engine.inspect(batch.images, batch.labels, "training") };
    },
    onEvent: (heard) => {
      if (heard.type === "steps") event = heard;
    },
  });
  const inspection = await seen!.inspection;
  return { ...seen!, inspection, event: event! };
};

describe("what a step trains on", () => {
  test.each<[string, Partial<Config>]>([
    ["shuffled", {}],
    ["in file order", { shuffle: false }],
    ["of another seed, seven images a batch", { seed: 9, batchSize: 7 }],
    ["with a schedule and warm-up", { schedule: "one-cycle", warmup: 4, learningRate: 0.4 }],
    ["of a run that ends inside an epoch", { schedule: "cosine", steps: 5 }],
  ])("%s: number, rate, size and loss are those that training reports", async (_, changes) => {
    const trainer = await trainerOf(changes);
    while (!trainer.finished) {
      const { step, batch, inspection, event } = await stepOf(trainer);
      const losses = Float64Array.from(inspection.backward!.losses);
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
      expect(event.firstStep).toBe(step.number);
      expect(event.learningRate).toBe(step.learningRate);
      expect(event.sizes).toEqual(Uint32Array.of(batch.labels.length));
      expect(Math.abs(event.loss[0] - mean)).toBeLessThan(1e-6);
    }
    trainer.destroy();
  });

  test("every image comes once in an epoch, with its own label", async () => {
    const trainer = await trainerOf({ epochs: 1 });
    const seen: number[] = [];
    while (!trainer.finished) {
      const { indices, images, labels } = (await stepOf(trainer)).batch;
      seen.push(...indices);
      const expected = gather(dataset.train.images, indices, { first: 0, size: indices.length }, 784);
      expect(Float64Array.from(images, (byte) => byte / 255)).toEqual(Float64Array.from(expected));
      expect([...labels]).toEqual(Array.from(indices, (index) => dataset.train.labels[index]));
    }
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, index) => index));
    trainer.destroy();
  });

  test("looked into, it is the update to come, and training does not notice", async () => {
    const [watched, alone] = await Promise.all([trainerOf(), trainerOf()]);
    while (!watched.finished) {
      const { step, inspection } = await stepOf(watched);
      await alone.run({ until: "step" });
      const after = await watched.engine.readParameters();
      expect(after).toEqual(await alone.engine.readParameters());
      for (const [layer, { weight }] of inspection.parameters.entries()) {
        const { dW } = inspection.backward!.layers[layer];
        const expected = weight.map((value, at) => value - step.learningRate * dW[at]);
        expectClose(after[layer].weight, expected, { ...closeness, what: `weight ${layer}` });
      }
    }
    for (const trainer of [watched, alone]) trainer.destroy();
  });

  test("weights that were put aside for the best ones are back before it is looked into", async () => {
    const trainer = await trainerOf({
      ...{ validation: 30, keepBest: true, evaluateEvery: 1, epochs: 1, learningRate: 30 },
    });
    await trainer.run();
    const last = (await trainer.snapshot()).state.parameters;
    trainer.epochs = 2;
    expect((await stepOf(trainer)).inspection.parameters).toEqual(last);
    trainer.destroy();
  });
});
