import { expect, test } from "vitest";
import { RunRecord } from "../../src/app/record.ts";
import { steer } from "../../src/app/steer.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";

const dataset = builtInDigits({ train: 64, test: 10 });
const oneCycle = { schedule: "one-cycle" } as const;

test.each<[string, Partial<Config>, Partial<Config>, number, boolean]>([
  ["another learning rate", {}, { learningRate: 0.5 }, 1, true],
  ["another learning rate before the first step", {}, { learningRate: 0.5 }, 0, false],
  ["more epochs, on which no step depends", {}, { epochs: 9 }, 1, false],
  ["more epochs of a schedule over all of them", oneCycle, { epochs: 9 }, 1, true],
  ["more epochs of it before the first step", oneCycle, { epochs: 9 }, 0, false],
  ["more epochs where steps end it as before", { ...oneCycle, steps: 2 }, { epochs: 9 }, 1, false],
  ["more epochs before a calm end", { calmEnd: 0.5, shift: 1 }, { epochs: 9 }, 1, true],
])("a run of which the settings do not tell all: %s", async (_, settings, changes, steps, told) => {
  const config: Config = { ...defaultConfig, backend: "cpu", batchSize: 16, ...settings };
  const trainer = await createTrainer({ config, dataset });
  if (steps > 0) await trainer.run({ until: "step" });
  const record = new RunRecord({ ...config }, "a network", trainer.stepsPerEpoch);
  steer(trainer, record, { ...config, ...changes });
  expect(trainer.config).toEqual({ ...config, ...changes });
  expect(record.config).toEqual(trainer.config);
  expect(record.steered).toBe(told);
});
