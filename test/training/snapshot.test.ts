import { describe, expect, test } from "vitest";
import type { Dataset, Split } from "../../src/data/dataset.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { openGpu } from "../../src/gpu/gpu.ts";
import { initialise } from "../../src/model/initialise.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { DivergedError, type TrainingEvent } from "../../src/training/events.ts";
import type { RunOptions } from "../../src/training/run-options.ts";
import { noSelection, select } from "../../src/training/selection.ts";
import type { Snapshot } from "../../src/training/snapshot.ts";
import type { Trainer } from "../../src/training/trainer.ts";
import { giveAway } from "../helpers/give-away.ts";
import { testAdapter } from "../helpers/gpu.ts";

const gpu = await openGpu(await testAdapter());
const digits = builtInDigits({ train: 120, test: 40 });
const dataset: Dataset = { ...digits, train: quarter(digits.train), test: quarter(digits.test) };
/** 100 images to train on: 4 steps an epoch, 12 in all. */
const small: Config = {
  ...{ ...defaultConfig, hidden: [6], epochs: 3, batchSize: 30, learningRate: 0.5, schedule: "cosine" },
  ...{ optimizer: "adam", averageDecay: 0.5, hiddenDropout: 0.2, shift: 1 },
  ...{ validation: 20, evaluateEvery: 1, keepBest: true, patience: 3 },
};

/** The images at half their height and width, of every other pixel: it is steps that count here, and there are many. */
function quarter(split: Split): Split {
  const { rows, columns, count } = split;
  const kept = (index: number) => Math.floor(index / columns) % 2 === 0 && index % 2 === 0;
  const images = split.images.filter((_, index) => kept(index % (rows * columns)));
  return { ...split, images, rows: rows / 2, columns: columns / 2, count };
}

async function withTrainer<T>(
  changes: Partial<Config>,
  snapshot: Snapshot | undefined,
  use: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const trainer = await createTrainer({
    config: { ...small, ...changes },
    dataset,
    gpu,
    snapshot,
  });
  try {
    return await use(trainer);
  } finally {
    trainer.destroy();
  }
}

const bytes = (parameters: Parameters) =>
  parameters.flatMap(({ weight, bias }) =>
    [weight, bias].map(({ buffer }) => Buffer.from(buffer).toString("base64")),
  );

/** An epoch's event without its times. */
function timeless(event: TrainingEvent) {
  if (event.type !== "epoch") return [];
  const { seconds, stepsPerSecond, ...rest } = event;
  return [rest];
}

/** Trains to the end: the weights that are kept, and the epochs that ended. */
async function toTheEnd(trainer: Trainer, options: RunOptions = {}) {
  const epochs: object[] = [];
  await trainer.run({
    ...options,
    onEvent: (event) => {
      epochs.push(...timeless(event));
      options.onEvent?.(event);
    },
  });
  const { sums, selection } = trainer.position;
  return {
    weights: bytes(await trainer.engine.readParameters()),
    epochs,
    sums,
    selection,
    test: await trainer.evaluate(),
  };
}

describe.each(["cpu", "webgpu"] as const)("on %s", (backend) => {
  test("training goes on from a snapshot of any step to the same bytes, figures and best weights", async () => {
    const straight = await withTrainer({ backend }, undefined, (trainer) => toTheEnd(trainer));
    expect(straight.epochs).toHaveLength(3);
    for (let step = 0; step <= 12; step++) {
      const begun: object[] = [];
      const snapshot = await withTrainer({ backend }, undefined, async (trainer) => {
        while (trainer.step < step)
          await trainer.run({ until: "step", onEvent: (event) => begun.push(...timeless(event)) });
        return trainer.snapshot();
      });
      expect(snapshot.step).toBe(step);
      const resumed = await withTrainer({ backend }, snapshot, (trainer) => toTheEnd(trainer));
      expect({ ...resumed, epochs: [...begun, ...resumed.epochs] }, `from step ${step}`).toEqual(straight);
    }
  });

  test("snapshots taken while training runs belong to their step, and disturb nothing", async () => {
    const changes = { backend, epochs: 8, patience: 0 };
    const straight = await withTrainer(changes, undefined, (trainer) => toTheEnd(trainer));
    const asked: Promise<Snapshot>[] = [];
    const watched = await withTrainer(changes, undefined, async (trainer) => {
      const found = await toTheEnd(trainer, {
        targetMs: 0.1,
        onEvent: () => asked.push(trainer.snapshot()),
      });
      asked.push(trainer.snapshot());
      await Promise.all(asked);
      return found;
    });
    expect(watched).toEqual(straight);
    const snapshots = await Promise.all(asked);
    expect(snapshots.at(-1)!.step).toBe(32);
    const steps = [...new Map(snapshots.map((snapshot) => [snapshot.step, snapshot])).values()];
    expect(steps.length).toBeGreaterThan(8);
    for (const snapshot of steps) {
      expect(snapshot.sums.steps).toBe(snapshot.step % 4);
      const { epochs, ...end } = await withTrainer(changes, snapshot, (trainer) => toTheEnd(trainer));
      const { epochs: all, ...expected } = straight;
      expect(end, `from step ${snapshot.step}`).toEqual(expected);
      expect(epochs).toEqual(all.slice(Math.floor(snapshot.step / 4)));
    }
  });
});

describe.each(["cpu", "webgpu"] as const)("what is handed out and in, on %s,", (backend) => {
  test("may be given away, by whoever asked for it", async () => {
    const straight = await withTrainer({ backend }, undefined, (trainer) => toTheEnd(trainer));
    await withTrainer({ backend }, undefined, async (trainer) => {
      const epochs: object[] = [];
      while (!trainer.finished) {
        await trainer.run({
          until: trainer.step < 5 ? "epoch" : "step",
          onEvent(event) {
            epochs.push(...timeless(structuredClone(event)));
            giveAway(event);
          },
        });
        const snapshot = await trainer.snapshot();
        const kept = structuredClone(snapshot);
        giveAway(snapshot);
        giveAway(trainer.position);
        expect(await trainer.snapshot(), `at step ${trainer.step}`).toEqual(kept);
      }
      expect({ ...(await toTheEnd(trainer)), epochs }).toEqual(straight);
    });
  });

  test("may be changed, by whoever made a trainer of it", async () => {
    const snapshot = await withTrainer({ backend }, undefined, async (trainer) => {
      await trainer.run({ until: "epoch" });
      await trainer.run({ until: "step" });
      return trainer.snapshot();
    });
    const kept = structuredClone(snapshot);
    await withTrainer({ backend }, snapshot, async (trainer) => {
      giveAway(snapshot);
      expect(await trainer.snapshot()).toEqual(kept);
    });
    const parameters = initialise([196, 6, 10], "he-normal", 3);
    const weights = bytes(parameters);
    const trainer = await createTrainer({ config: { ...small, backend }, dataset, gpu, parameters });
    giveAway(parameters);
    expect(bytes(trainer.position.finite)).toEqual(weights);
    trainer.destroy();
  });
});

test("training that goes on and diverges goes back to the weights that it would have gone back to", async () => {
  const changes = { backend: "cpu", averageDecay: 0 } as const;
  const snapshot = await withTrainer(changes, undefined, async (trainer) => {
    await trainer.run({ until: "epoch" });
    await trainer.run({ until: "step" });
    return trainer.snapshot();
  });
  expect(bytes(snapshot.finite)).not.toEqual(bytes(snapshot.state.parameters));
  await withTrainer(changes, snapshot, async (trainer) => {
    const huge = snapshot.finite.map((layer) => ({ ...layer, weight: layer.weight.map(() => 1e308) }));
    trainer.engine.setParameters(huge);
    await expect(trainer.run()).rejects.toThrow(DivergedError);
    expect(bytes(await trainer.engine.readParameters())).toEqual(bytes(snapshot.finite));
    expect(trainer.step).toBe(5);
  });
});

describe("selection", () => {
  test("stops after so many evaluations without a better one, at the same step whatever the pace", async () => {
    // With next to no learning rate nothing gets better after the first evaluation.
    const still = { backend: "cpu", learningRate: 1e-37, patience: 4, epochs: 50 } as const;
    for (const targetMs of [0.01, 1000]) {
      await withTrainer(still, undefined, async (trainer) => {
        expect(await trainer.run({ targetMs })).toBe(true);
        expect([trainer.step, trainer.stoppedEarly]).toEqual([20, true]);
        expect(trainer.position.selection).toMatchObject({ best: { epoch: 1 }, since: 4 });
      });
    }
  });

  test("keeps the weights of the best evaluation, and trains on from the last ones", async () => {
    // At this rate weights get worse and better by turns.
    const wild = { backend: "cpu", learningRate: 40, patience: 0, schedule: "constant", epochs: 9 } as const;
    const read = (trainer: Trainer) => trainer.engine.readParameters().then(bytes);
    const accuracies: number[] = [];
    const weights: string[][] = [];
    await withTrainer({ ...wild, keepBest: false }, undefined, async (trainer) => {
      while (!trainer.finished) {
        await trainer.run({
          until: "epoch",
          onEvent: (event) => event.type === "epoch" && accuracies.push(event.validation!.accuracy),
        });
        weights.push(await read(trainer));
      }
    });
    const best = accuracies.slice(0, 6).indexOf(Math.max(...accuracies.slice(0, 6)));
    expect(best).toBeLessThan(5);
    await withTrainer({ ...wild, epochs: 6 }, undefined, async (trainer) => {
      await trainer.run();
      expect(accuracies[trainer.position.selection.best!.epoch - 1]).toBe(accuracies[best]);
      expect(await read(trainer)).toEqual(weights[trainer.position.selection.best!.epoch - 1]);
      trainer.epochs = 9;
      await trainer.run({ until: "epoch" });
      expect(await read(trainer)).toEqual(weights[6]);
    });
  });

  test("never takes weights whose loss is no number for the best, however many images they have right", () => {
    const first = select(noSelection, { epoch: 1, loss: Number.NaN, accuracy: 0.9 });
    expect(first).toEqual({ since: 1 });
    const second = select(first, { epoch: 2, loss: 2, accuracy: 0.1 });
    expect(second).toEqual({ best: { epoch: 2, loss: 2, accuracy: 0.1 }, since: 0 });
    for (const loss of [Number.NaN, Infinity])
      expect(select(second, { epoch: 3, loss, accuracy: 0.8 })).toEqual({ ...second, since: 1 });
  });

  test("sets the last images apart", async () => {
    await withTrainer({ backend: "cpu", limit: 110 }, undefined, async ({ dataset: { train }, watched }) => {
      expect([train.count, watched.name, watched.split.count]).toEqual([90, "validation", 20]);
      expect(watched.split.images).toEqual(dataset.train.images.subarray(90 * 196, 110 * 196));
      expect(watched.split.labels).toEqual(dataset.train.labels.subarray(90, 110));
    });
  });

  test.each([
    [{ validation: 0 }, "--patience needs --validation above 0"],
    [{ evaluateEvery: 0 }, "--patience needs --evaluate-every above 0"],
    [
      { patience: 0, validation: 0, evaluateEvery: 0 },
      "--keep-best needs --validation above 0 and --evaluate-every above 0",
    ],
    [{ validation: 120 }, "--validation 120 leaves nothing of the 120 training images"],
    [{ batchSize: 101 }, "The batch size 101 is larger than the training set of 100 images."],
  ])("refuses %j", async (changes, message) => {
    await expect(withTrainer(changes, undefined, async () => {})).rejects.toThrow(message);
  });
});

describe.each(["cpu", "webgpu"] as const)("a listener that throws, on %s,", (backend) => {
  const changes = { backend, epochs: 8, patience: 0 };
  const wrong = new Error("the chart is gone");

  test.each([
    ["steps", "at once"],
    ["epoch", "at once"],
    ["onSubmit", "at once"],
    ["steps", "asynchronously"],
    ["epoch", "asynchronously"],
    ["onSubmit", "asynchronously"],
  ])("at %s, %s, costs nothing of what is trained", async (where, when) => {
    const straight = await withTrainer(changes, undefined, (trainer) => toTheEnd(trainer));
    await withTrainer(changes, undefined, async (trainer) => {
      let heard = 0;
      const epochs: object[] = [];
      const throwing = (at: string) => {
        if (at !== where || ++heard !== 2) return undefined;
        if (when === "asynchronously") return Promise.reject(wrong);
        throw wrong;
      };
      const onEvent = (event: TrainingEvent) => {
        epochs.push(...timeless(event));
        return throwing(event.type);
      };
      await expect(
        trainer.run({ onEvent, onSubmit: () => throwing("onSubmit"), targetMs: 0.1 }),
      ).rejects.toBe(wrong);
      expect(trainer.running).toBe(false);
      const snapshot = await trainer.snapshot();
      expect(snapshot.step).toBe(trainer.step);
      for (const start of [undefined, snapshot]) {
        const rest = start
          ? await withTrainer(changes, start, (other) => toTheEnd(other))
          : await toTheEnd(trainer);
        expect({ ...rest, epochs: [...epochs, ...rest.epochs] }).toEqual(straight);
      }
    });
  });
});

test("a listener that rejects when all steps are done is waited for, and what it threw is thrown", async () => {
  await withTrainer({ epochs: 2 }, undefined, async (trainer) => {
    const wrong = new Error("the file cannot be sent");
    let waits = 0;
    const onEvent = async (event: TrainingEvent) => {
      if (event.type !== "epoch" || event.epoch < 2) return;
      await new Promise((done) => setTimeout(done, 20));
      waits++;
      throw wrong;
    };
    await expect(trainer.run({ onEvent })).rejects.toBe(wrong);
    expect([waits, trainer.finished]).toEqual([1, true]);
    expect(await trainer.run()).toBe(true);
  });
});

test("after a failure with steps under way there is no snapshot, and no further step", async () => {
  await withTrainer({ backend: "cpu" }, undefined, async (trainer) => {
    const wrong = new Error("no more");
    const { engine } = trainer;
    const train = engine.train.bind(engine);
    let submitted = 0;
    engine.train = (steps) => (++submitted === 2 ? { metrics: () => Promise.reject(wrong) } : train(steps));
    const during = trainer.run({ targetMs: 1 }).catch((error: unknown) => [error, trainer.snapshot()]);
    const [error, asked] = (await during) as [unknown, Promise<Snapshot>];
    expect(error).toBe(wrong);
    await expect(asked).rejects.toBe(wrong);
    await expect(trainer.snapshot()).rejects.toBe(wrong);
    await expect(trainer.run()).rejects.toBe(wrong);
  });
});
