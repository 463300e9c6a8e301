import { describe, expect, test } from "vitest";
import { imagesBetween } from "../../src/data/dataset.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { openGpu } from "../../src/gpu/gpu.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { DivergedError, type TrainingEvent } from "../../src/training/events.ts";
import { createGroupEngine } from "../../src/training/sweep/create-group-engine.ts";
import { createGroupTrainer } from "../../src/training/sweep/create-group-trainer.ts";
import type { Trainer } from "../../src/training/trainer.ts";
import { testAdapter } from "../helpers/gpu.ts";
import { expectClose } from "../helpers/tolerance.ts";

const gpu = await openGpu(await testAdapter());
const dataset = builtInDigits({ train: 700, test: 150 });

async function withTrainer<T>(changes: Partial<Config>, use: (trainer: Trainer) => Promise<T>): Promise<T> {
  const trainer = await createTrainer({ config: { ...defaultConfig, epochs: 2, ...changes }, dataset, gpu });
  try {
    return await use(trainer);
  } finally {
    trainer.destroy();
  }
}

/** Trains to the end and gives the parameters. */
function trained(changes: Partial<Config>): Promise<Parameters> {
  return withTrainer(changes, async (trainer) => {
    expect(await trainer.run()).toBe(true);
    return trainer.engine.readParameters();
  });
}

const bytes = (parameters: Parameters) =>
  Buffer.concat(
    parameters.flatMap(({ weight, bias }) =>
      [weight, bias].map((values) => Buffer.from(Float32Array.from(values).buffer)),
    ),
  ).toString("base64");

describe("reproducibility", () => {
  test("one seed, the same bytes; another seed, others", async () => {
    const once = bytes(await trained({}));
    expect(bytes(await trained({}))).toBe(once);
    expect(bytes(await trained({ seed: 2 }))).not.toBe(once);
  });

  test("the bytes do not depend on pauses, on the size of submissions, nor on where the images live", async () => {
    const straight = bytes(await trained({}));
    const paused = await withTrainer({}, async (trainer) => {
      await trainer.run({ until: "step" });
      expect(await trainer.run({ until: 4 })).toBe(false);
      expect(trainer.step).toBe(4);
      // A step that was made already is no reason to make another.
      await trainer.run({ until: 2 });
      expect(trainer.step).toBe(4);
      await trainer.run({ until: "epoch", targetMs: 1 });
      const abort = new AbortController();
      let submitted = 0;
      await trainer.run({
        signal: abort.signal,
        targetMs: 1,
        // Not by events: on a busy machine all steps are under way before the first of them is answered.
        onSubmit: () => {
          if (++submitted === 2) abort.abort();
        },
      });
      expect(trainer.finished).toBe(false);
      await trainer.run();
      return bytes(await trainer.engine.readParameters());
    });
    expect(paused).toBe(straight);
    expect(bytes(await trained({ residency: "streamed" }))).toBe(straight);
  });
});

describe("events", () => {
  test("cover every step once, in order, and every epoch", async () => {
    const events: TrainingEvent[] = [];
    await withTrainer({ evaluateEvery: 2 }, (trainer) =>
      trainer.run({ onEvent: (event) => events.push(event) }),
    );
    let step = 1;
    for (const event of events) {
      if (event.type === "epoch") continue;
      expect(event.firstStep).toBe(step);
      step += event.loss.length;
    }
    expect(step - 1).toBe(2 * Math.ceil(700 / 64));
    const epochs = events.filter((event) => event.type === "epoch");
    expect(epochs.map(({ epoch, steps }) => [epoch, steps])).toEqual([
      [1, 11],
      [2, 22],
    ]);
    expect(epochs[0].test).toBeUndefined();
    expect(epochs[1].test?.classes).toHaveLength(150);
    expect(epochs[1].loss).toBeLessThan(epochs[0].loss);
  });

  test("--steps ends training inside an epoch", async () => {
    await withTrainer({ steps: 13 }, async (trainer) => {
      expect(await trainer.run()).toBe(true);
      expect(trainer.step).toBe(13);
    });
  });

  test("a learning rate changed in flight takes effect", async () => {
    const rates = await withTrainer({}, async (trainer) => {
      const seen: number[] = [];
      await trainer.run({ until: "epoch" });
      trainer.learningRate = 0.5;
      await trainer.run({ onEvent: (event) => seen.push(event.learningRate) });
      return seen;
    });
    expect(new Set(rates)).toEqual(new Set([0.5]));
  });
});

test("a run that diverges stops, names the step, and goes back to finite weights", async () => {
  await withTrainer({ learningRate: 1000, hidden: [], epochs: 50 }, async (trainer) => {
    const huge = [
      { inputs: 784, outputs: 10, weight: new Float32Array(7840).fill(3e38), bias: new Float32Array(10) },
    ];
    trainer.engine.setParameters(huge);
    const failure = await trainer.run().catch((error) => error);
    expect(failure).toBeInstanceOf(DivergedError);
    expect(failure.step).toBe(1);
    expect(failure.message).toMatch(/step 1 .* learning rate 1000/);
    const [{ weight }] = await trainer.engine.readParameters();
    expect(weight.every(Number.isFinite)).toBe(true);
  });
});

test("the best weights are not put into the engine while training changes its own", async () => {
  const config = { backend: "cpu", hidden: [], validation: 100, evaluateEvery: 1, keepBest: true } as const;
  await withTrainer(config, async (trainer) => {
    const refused: Promise<unknown>[] = [];
    const onEvent = () => refused.push(trainer.installBest().catch(({ message }) => message));
    await trainer.run({ until: "epoch", onEvent });
    expect(new Set(await Promise.all(refused))).toEqual(
      new Set(["installBest() was called while training runs"]),
    );
    await trainer.installBest();
    await trainer.run();
    const best = bytes(await trainer.engine.readParameters());
    expect(best).toBe(bytes(await trained(config)));
  });
});

test("a trainer that is destroyed as its kernels are compiled leaves the device to others", async () => {
  await withTrainer({ hidden: [11] }, async (other) => {
    await withTrainer({ hidden: [12], activation: "tanh" }, async (trainer) => {
      let heard = 0;
      const onCompile = () => {
        heard++;
        trainer.destroy();
      };
      await expect(trainer.run({ onCompile })).rejects.toThrow("destroy()");
      expect(heard).toBeGreaterThan(0);
    });
    expect(await other.run({ until: "step" })).toBe(false);
    expect((await other.evaluate()).classes).toHaveLength(150);
  });
});

test.each([
  ["train", "There are no training images"],
  ["test", "There are no test images to evaluate the network with"],
] as const)("data without images to %s are refused", async (part, message) => {
  const none = { ...dataset, [part]: imagesBetween(dataset[part], 0, 0) };
  const config: Config = { ...defaultConfig, backend: "cpu", evaluateEvery: 1 };
  await expect(createTrainer({ config, dataset: none })).rejects.toThrow(message);
});

test("settings that take effect at once are told as they are", async () => {
  await withTrainer({ backend: "cpu" }, async (trainer) => {
    trainer.learningRate /= 2;
    trainer.epochs += 3;
    expect([trainer.learningRate, trainer.epochs]).toEqual([defaultConfig.learningRate / 2, 5]);
    expect(trainer.config).toMatchObject({ learningRate: trainer.learningRate, epochs: 5 });
  });
});

test("training that is never evaluated needs no test images", async () => {
  const none = { ...dataset, test: imagesBetween(dataset.test, 0, 0) };
  const config = { ...defaultConfig, backend: "cpu", steps: 2 } as const;
  expect(await (await createTrainer({ config, dataset: none })).run()).toBe(true);
});

test.each([Number.NaN, 0.5, -1])("a snapshot after %s steps is refused", async (step) => {
  await withTrainer({ backend: "cpu" }, async (trainer) => {
    const snapshot = { ...(await trainer.snapshot()), step };
    const options = { config: trainer.config, dataset, snapshot };
    await expect(createTrainer(options)).rejects.toThrow("expected a whole number from 0 on");
    const states = [{ snapshot }];
    const group = createGroupTrainer({ configs: [trainer.config], dataset, states }, createGroupEngine);
    await expect(group).rejects.toThrow("expected a whole number from 0 on");
  });
});

test("a mini-batch larger than the training set is refused", async () => {
  await expect(withTrainer({ batchSize: 701 }, async () => {})).rejects.toThrow(/701 is larger than .* 700/);
});

test.each([
  [{ validation: 0.1 }, "validation: got 0.1, expected a whole number from 0"],
  [{ epochs: 1.5 }, "epochs: got 1.5, expected a whole number from 1"],
  [{ learningRate: Number.NaN }, "learningRate: got null, expected a number above 0"],
  [{ hidden: [0] }, "hidden: got [0], expected up to 64 whole numbers"],
  [{ activation: "rellu" }, 'activation: got "rellu", expected one of sigmoid'],
  [{ seed: undefined }, "seed: got undefined, expected"],
] as [object, string][])("a config that no flag could give is refused: %o", async (changes, message) => {
  await expect(withTrainer(changes, async () => {})).rejects.toThrow(message);
});

describe("what is set after a trainer was made is checked as well", () => {
  const refused: [string, (trainer: Trainer) => unknown, string][] = [
    [
      "a learning rate",
      (trainer) => Object.assign(trainer, { learningRate: -1 }),
      "learningRate: got -1, expected",
    ],
    [
      "no learning rate",
      (trainer) => Object.assign(trainer, { learningRate: Number.NaN }),
      "learningRate: got null",
    ],
    [
      "epochs",
      (trainer) => Object.assign(trainer, { epochs: Number("ten") }),
      "epochs: got null, expected a whole",
    ],
    [
      "an end",
      (trainer) => trainer.run({ until: "stpe" as "step" }),
      "until: got stpe, expected one of step, epoch",
    ],
    [
      "an end that is no number",
      (trainer) => trainer.run({ until: Number.NaN }),
      "until: got NaN, expected one of step, epoch, end, or a whole number of steps",
    ],
    [
      "an end within a step",
      (trainer) => trainer.run({ until: 2.5 }),
      "until: got 2.5, expected one of step, epoch, end, or a whole number of steps",
    ],
    [
      "a pace",
      (trainer) => trainer.run({ targetMs: Number.NaN }),
      "targetMs: got NaN, expected a finite number above 0",
    ],
    [
      "a pace without end",
      (trainer) => trainer.run({ targetMs: Infinity }),
      "targetMs: got Infinity, expected a finite number above 0",
    ],
  ];
  test.each(refused)("%s", async (_, set, message) => {
    await withTrainer({ backend: "cpu", steps: 2 }, async (trainer) => {
      await expect(async () => set(trainer)).rejects.toThrow(message);
      expect([trainer.running, await trainer.run()]).toEqual([false, true]);
    });
  });

  test("and its config is its own, and its engine's", async () => {
    const given = { ...defaultConfig, backend: "cpu", hidden: [], steps: 3, optimizer: "momentum" } as Config;
    const weights = async (change: (config: Config) => unknown) => {
      const config = { ...given };
      const trainer = await createTrainer({ config, dataset });
      change(config);
      await trainer.run();
      return bytes(await trainer.engine.readParameters());
    };
    const misfit = (config: Config) => Object.assign(config, { momentum: 5, batchSize: 1 });
    expect(await weights(misfit)).toBe(await weights(() => {}));
  });
});

describe("the GPU follows the reference", () => {
  const config = { hidden: [33, 17], shuffle: false, epochs: 1000 };
  // Issue: within 1e-3 after 1,000 steps. Rounding differences grow along the way: 1e-6 is measured on MNIST.
  const closeness = { atol: 1e-3, rtol: 0, reason: "float32 rounding along 1,000 steps" };

  test.each([
    ["auto", 1000],
    ["portable", 60],
    ["tiled", 20],
  ] as const)("%s kernels, %i steps of 784-33-17-10", async (kernels, steps) => {
    const expected = await trained({ ...config, steps, backend: "cpu" });
    const actual = await trained({ ...config, steps, kernels });
    actual.forEach(({ weight, bias }, layer) => {
      expectClose(weight, expected[layer].weight, { ...closeness, what: `weight ${layer}` });
      expectClose(bias, expected[layer].bias, { ...closeness, what: `bias ${layer}` });
    });
  });
});
