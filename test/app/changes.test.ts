import { expect, test, vi } from "vitest";
import { Exploration } from "../../src/app/sweep/exploration.ts";
import type { Training } from "../../src/app/training.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { initialise } from "../../src/model/initialise.ts";
import { presetConfig } from "../../src/model/presets.ts";
import {
  type Config,
  formatSetting,
  type SettingName,
  settingNames,
  settings,
} from "../../src/model/settings.ts";
import { begin, rested, small, trained } from "../helpers/training.ts";

/** Another value than the one in force of a setting, which any small network can have. */
function other(name: SettingName, config: Config): never {
  const { kind, choices } = settings[name] as { kind: string; choices?: readonly string[] };
  const count = { batchSize: 4, epochs: 3, limit: 30, validation: 10, seed: 9 }[name as string] ?? 2;
  const values: Record<string, unknown> = { integer: count, number: 0.25, widths: [4] };
  const value =
    kind === "boolean" ? !small[name] : (values[kind] ?? choices?.find((each) => each !== small[name]));
  return (
    formatSetting(name, config[name]) === formatSetting(name, value as never) ? small[name] : value
  ) as never;
}

const inPanel = settingNames.filter((name) => "panel" in settings[name] && name !== "dataset");

test("of settings changed one right after another none is lost, whichever two they are", async () => {
  const training = await begin();
  const pairs = inPanel.flatMap((name, index) =>
    inPanel.slice(index + 1).map((next) => [name, next] as const),
  );
  expect(pairs.length).toBeGreaterThan(300);
  for (const [a, b] of pairs) {
    const wanted = { [a]: other(a, training.config), [b]: other(b, training.config) };
    const changes = [training.change({ [a]: wanted[a] }), training.change({ [b]: wanted[b] })];
    expect(training.wanted).toMatchObject(wanted);
    await Promise.all(changes);
    for (const name of [a, b]) {
      expect(formatSetting(name, training.config[name]), `${a}, ${b}`).toBe(
        formatSetting(name, wanted[name]),
      );
    }
  }
});

test("changes that wait together make one network", async () => {
  const training = await begin();
  let made = 0;
  training.replaced.listen(() => made++);
  const changes = [{ hidden: [5] }, { seed: 2 }, { activation: "relu" }, { hidden: [6] }] as const;
  await Promise.all(changes.map((change) => training.change(change)));
  expect(training.config).toEqual({ ...small, hidden: [6], seed: 2, activation: "relu" });
  expect(made).toBe(2);
});

test("an optimizer that is chosen while a preset waits has its own hyperparameters", async () => {
  const training = await begin();
  const preset = { ...presetConfig("quick"), hidden: [4], batchSize: 8 };
  const asked = [{ seed: 4 }, preset, { optimizer: "rmsprop" } as const].map((change) =>
    training.change(change),
  );
  const wanted = { seed: 4, optimizer: "rmsprop", beta2: 0.99, learningRate: 0.01 };
  expect(training.wanted).toMatchObject(wanted);
  await Promise.all(asked);
  expect(training.config).toMatchObject(wanted);
});

test("a change that is refused takes no other one with it, before or after", async () => {
  const training = await begin();
  const changes = [{ seed: 5 }, { batchSize: 257 }, { hidden: [6] }].map((change) => training.change(change));
  const outcomes = await Promise.allSettled(changes);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(training.config).toEqual({ ...small, seed: 5, hidden: [6] });
  expect(training.wanted).toEqual(training.config);
});

test("training that is started while another network is made goes on with that one", async () => {
  const training = await begin();
  const changed = training.change({ hidden: [6] });
  expect(training.work.tasks.map(({ what }) => what)).toEqual(["Hidden layers 6"]);
  training.train("epoch");
  expect(training.work.tasks).toHaveLength(2);
  await changed;
  await rested(training);
  expect([training.record.network, training.record.series.last]).toEqual(["784-6-10", 5]);
});

test("what is asked of a network whose device is being replaced has no answer, and is no failure", async () => {
  const training = await begin();
  const failures: Error[] = [];
  training.failed.listen((error) => failures.push(error));
  const recovered = training.recover();
  const answers = [];
  while (training.work.tasks.length > 0) {
    answers.push(training.inspect(new Uint8Array(784)));
    await new Promise((wake) => setImmediate(wake));
  }
  await recovered;
  expect(await Promise.all(answers)).toContain(undefined);
  expect(failures).toEqual([]);
  expect(await training.inspect(new Uint8Array(784))).toBeDefined();
});

test("fewer epochs than were trained are the end: of the best weights, with the test images' figures", async () => {
  const training = await begin({ epochs: 6, keepBest: true, evaluateEvery: 1, learningRate: 3 });
  training.train(20);
  await rested(training);
  await training.change({ epochs: 3 });
  const { trainer, record } = training;
  expect(trainer.finished).toBe(true);
  const best = trainer.position.selection.parameters!;
  const { parameters } = (await trainer.snapshot()).state;
  expect(parameters).not.toEqual(best);
  expect(await trainer.engine.readParameters()).toEqual(best);
  await vi.waitFor(() => expect(record.final?.step).toBe(20));
  await training.change({ epochs: 5 });
  await trained(training);
  expect(trainer.step).toBe(25);
});

test("a map or seeds that are refused leave what there was", async () => {
  const training = await begin({ validation: 0, batchSize: 40 });
  const exploration = new Exploration(training);
  for (const ask of [() => exploration.explore(1), () => exploration.trySeeds(1, 3)])
    await expect(ask()).rejects.toThrow("The batch size 40 is larger than the training set of 35 images");
  expect([exploration.map, exploration.seeds, exploration.running]).toEqual([undefined, [], false]);
});

test("of starts that wait the last one counts, until it is taken back", async () => {
  const training = await begin();
  const waiting = () => training.work.tasks.map(({ what }) => what);
  const changed = training.change({ hidden: [6] });
  training.train("epoch");
  training.train();
  training.train("step");
  expect([training.starts.waits, waiting()]).toEqual([true, ["Hidden layers 6", "Step"]]);
  await changed;
  await rested(training);
  expect([training.starts.waits, training.trainer.step]).toEqual([false, 1]);

  const again = training.change({ hidden: [4] });
  training.train();
  training.starts.withdraw();
  expect([training.starts.waits, waiting()]).toEqual([false, ["Hidden layers 4"]]);
  await again;
  await rested(training);
  expect(training.trainer.step).toBe(0);
});

test.each([
  ["goes on behind", false, 10],
  ["stays paused, if that is asked for, behind", true, 0],
] as const)("training %s work for which it rests", async (_, isWithdrawn, steps) => {
  const training = await begin();
  const halfway = new Promise<void>((resolve) => training.progressed.listen(resolve));
  training.train();
  await halfway;
  let before = 0;
  await training.work.add({ what: "Others" }, async () => {
    await training.rests();
    before = training.trainer.step;
    expect(training.work.tasks.map(({ what }) => what)).toEqual(["Others", "Train"]);
    if (isWithdrawn) training.starts.withdraw();
    await new Promise((wake) => setTimeout(wake, 50));
    expect([training.phase, training.trainer.step]).toEqual(["idle", before]);
  });
  await rested(training);
  expect(before).toBeLessThan(10);
  expect(training.trainer.step).toBe(steps || before);
});

test.each([
  { until: "epoch", steps: 5 },
  { until: "end", steps: 10 },
] as const)(
  "training to the $until that a recovery halts goes on to there, unless paused meanwhile",
  async (to) => {
    const started = async () => {
      const training = await begin();
      const halfway = new Promise<void>((resolve) => training.progressed.listen(resolve));
      training.train(to.until);
      await halfway;
      expect(training.phase).toBe("training");
      return training;
    };
    const training = await started();
    await training.recover();
    await rested(training);
    expect(training.trainer.step).toBe(to.steps);

    const paused = await started();
    const recovered = paused.recover();
    await paused.pause();
    await recovered;
    expect([paused.phase, paused.trainer.finished]).toEqual(["idle", false]);
  },
);

test("a network that begins has no figures of the one before, and has some of its own before its first epoch is over", async () => {
  const training = await begin({ validation: 0 });
  await trained(training);
  expect(training.evaluation).toBeDefined();
  let atStart: unknown[] = [1];
  training.replaced.listen(() => {
    atStart = [training.evaluation, training.evaluations.reading, ...training.record.evaluations];
  });
  await training.replace();
  expect(atStart).toEqual([undefined, undefined]);
  await trained(training, "step");
  const { reading } = training.evaluations;
  expect(reading?.step).toBe(1);
});

const ways: readonly (readonly [way: string, begin: (training: Training) => Promise<void>])[] = [
  ["a reset", (training) => training.replace()],
  ["a changed setting", (training) => training.change({ activation: "relu" })],
  ["a preset", (training) => training.change({ ...presetConfig("quick"), batchSize: 8 })],
  [
    "loaded weights",
    (training) => {
      const parameters = initialise([784, 5, 10], "article", 9);
      return training.replace({ hidden: [5] }, { origin: { parameters, file: "some.safetensors" } });
    },
  ],
  [
    "other data",
    (training) => {
      const data = builtInDigits({ seed: 9, train: 40, test: 20 });
      return training.replace({}, { data, given: { name: "others", as: "files", files: [] } });
    },
  ],
];

test.each(ways)(
  "what was trained before %s is brought back, and goes on to the same numbers",
  async (_, begins) => {
    const config = { optimizer: "adam", hiddenDropout: 0.2, validation: 8, keepBest: true } as const;
    const whole = await begin(config);
    await trained(whole);
    const training = await begin(config);
    await trained(training, "step");
    await trained(training, "step");
    const left: number[] = [];
    training.leftBehind.listen(({ record }) => left.push(record.number));
    await begins(training);
    expect(left).toEqual([1]);
    expect(training.record.number).toBe(2);
    // The one that came between is kept too, once it was trained.
    await trained(training, "step");
    await training.bringBack(training.earlier.last!);
    expect(training.earlier.all.map(({ record }) => record.number)).toEqual([2]);
    expect([training.record.number, training.trainer.step, training.given]).toEqual([1, 2, undefined]);
    await trained(training);
    expect(training.config).toEqual(whole.config);
    expect(training.record.series.state).toEqual(whole.record.series.state);
    expect(await training.trainer.engine.readState()).toEqual(await whole.trainer.engine.readState());
    await training.replace();
    expect(training.record.number).toBe(3);
  },
);

test("a network that was neither trained nor loaded leaves nothing behind", async () => {
  const training = await begin();
  await training.replace();
  await training.change({ hidden: [4] });
  expect(training.earlier.all).toEqual([]);
  expect(training.record.number).toBe(1);
});

test("figures at the end are of the best weights, where training goes back to them", async () => {
  const training = await begin({ validation: 15, keepBest: true, learningRate: 20, epochs: 12 });
  await trained(training);
  const { evaluations } = training.record;
  const { selection } = training.trainer.position;
  expect(selection.best!.epoch).toBeLessThan(12);
  await vi.waitFor(() => expect(training.evaluation!.loss).toBe(selection.best!.loss), 5000);
  expect(training.evaluations.reading).toMatchObject({ accuracy: selection.best!.accuracy, whole: true });
  // What was measured while it trained stays.
  expect(evaluations.at(-1)!.loss).not.toBe(selection.best!.loss);
});
