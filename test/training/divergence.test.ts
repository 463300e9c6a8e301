import { expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { initialise } from "../../src/model/initialise.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { divergenceAdvice } from "../../src/training/divergence.ts";
import { DivergedError } from "../../src/training/events.ts";

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
  const trainer = await createTrainer({ config, dataset, ...(parameters && { parameters }) });
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
