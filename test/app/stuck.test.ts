import { expect, test } from "vitest";
import { RunRecord } from "../../src/app/record.ts";
import { hintFor } from "../../src/app/stuck.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";

const dataset = builtInDigits({ train: 640, test: 10 });

/** The record of a real run of some steps. */
async function recordOf(changes: Partial<Config>, steps = 320): Promise<RunRecord> {
  const config: Config = {
    ...defaultConfig,
    backend: "cpu",
    batchSize: 16,
    steps,
    evaluateEvery: 0,
    ...changes,
  };
  const trainer = await createTrainer({ config, dataset });
  const record = new RunRecord(config, "a network", trainer.stepsPerEpoch);
  await trainer.run({ onEvent: (event) => event.type === "steps" && record.addSteps(event) });
  return record;
}

test.each([
  ["a learning rate of 100", { learningRate: 100 }, "100 is probably too large", { learningRate: 0.1 }],
  ["a learning rate of 1e-9", { learningRate: 1e-9 }, "1e-9 is probably too small", { learningRate: 0.1 }],
  [
    "adam's of 5",
    { learningRate: 5, optimizer: "adam" } as const,
    "5 is probably too large",
    { learningRate: 0.003 },
  ],
  [
    "zeros",
    { initialiser: "zeros", hidden: [4, 4] } as const,
    "all weights began at zero",
    { initialiser: "glorot-uniform" },
  ],
])("with %s the hint says so", async (_, changes, words, instead) => {
  const hint = hintFor(await recordOf(changes), 10);
  expect(hint?.text).toContain(words);
  expect(hint?.changes).toEqual(instead);
});

test("a network that learns, or has hardly begun, has none", async () => {
  expect(hintFor(await recordOf({}), 10)).toBeUndefined();
  expect(hintFor(await recordOf({ learningRate: 100 }, 200), 10)).toBeUndefined();
});

test.each([
  [1, 1, false],
  [2, 0.6, false],
  [2, 0.51, true],
  [3, 0.4, false],
  [10, 0.14, true],
  [10, 0.15, false],
])("of %i classes %d right is chance: %s", (classes, accuracy, isChance) => {
  const record = new RunRecord({ ...defaultConfig }, "a network", 100);
  const all = (value: number) => new Array(300).fill(value);
  const counts = { correct: Uint32Array.from(all(100 * accuracy)), sizes: Uint32Array.from(all(100)) };
  const event = {
    firstStep: 1,
    loss: Float64Array.from(all(1)),
    learningRates: all(0.1),
    stepsPerSecond: 100,
  };
  record.addSteps({ type: "steps", ...event, ...counts } as never);
  expect(hintFor(record, classes) !== undefined).toBe(isChance);
});
