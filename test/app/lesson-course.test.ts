import { expect, test, vi } from "vitest";
import { Lesson } from "../../src/app/lesson/lesson.ts";
import { stations } from "../../src/app/lesson/stations.ts";
import type { Beginning } from "../../src/app/network-maker.ts";
import { Training } from "../../src/app/training.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import type { Config } from "../../src/model/settings.ts";
import { maker, rested, small, trained } from "../helpers/training.ts";

/** Fewer steps than the lesson has, and than its epochs have. */
const few = 20;
vi.mock("../../src/app/lesson/stations.ts", async (original) => ({
  ...(await original<object>()),
  lessonSteps: 20,
}));

/** As many images as the lesson's mini-batches need. */
const data = builtInDigits({ train: 80, test: 20 });
const make = (config: Config, known?: Beginning) => maker.make(config, { ...known, data });
const loss = stations.findIndex(({ stage }) => stage === "loss");

/** A lesson, the stages that it opened and what it offered when it ended. */
const begun = async (limit = 0) => {
  const training = new Training({ ...maker, make }, await make({ ...small, limit }));
  const opened: string[] = [];
  const lesson = new Lesson(training, {
    openStage: (stage) => opened.push(stage),
    hasStep: () => false,
    openUnit: () => {},
    askForWorst: () => {},
  });
  const offers: (() => void)[] = [];
  lesson.left.listen((back) => offers.push(back));
  return { training, lesson, opened, offers };
};

test("a lesson that is ended while a station is set up steers the page no more", async () => {
  const { training, lesson, opened, offers } = await begun();
  let begins = 0;
  training.work.changed.listen(() => {
    if (training.work.tasks.some(({ what }) => what === "Lesson") && ++begins === 1) lesson.close();
  });
  lesson.open(loss);
  await vi.waitFor(() => expect(begins).toBe(1), 5000);
  await rested(training);
  // But the network that was made has its settings.
  await vi.waitFor(() => expect(offers).toHaveLength(1), 5000);
  let shown = 0;
  training.stepShown.listen(() => shown++);
  // While the engine is asked what the step computed the page can say so.
  const asked: number[] = [];
  training.lookedInto.listen(() => asked.push(training.lookingInto));
  training.train("step");
  await vi.waitFor(() => expect(shown).toBe(1), 5000);
  expect([opened, training.trainer.step, asked]).toEqual([[], 1, [1, 0]]);
  // One that stays open does.
  lesson.open(loss);
  await vi.waitFor(() => expect(opened).toEqual(["loss"]), 5000);
});

test("a lesson leaves no limit to its network, and offers what there was before it", async () => {
  const { training, lesson, opened, offers } = await begun();
  const { record } = training;
  await trained(training, "step");
  const end = async (count: number) => {
    lesson.close();
    await vi.waitFor(() => expect(offers).toHaveLength(count), 5000);
  };
  lesson.open(stations.findIndex(({ trained }) => trained === "all"));
  await vi.waitFor(() => expect([training.trainer.step, training.phase]).toEqual([few, "idle"]), 20_000);
  await end(1);
  expect([training.trainer.finished, training.config.steps]).toEqual([false, 0]);
  // Opened again, it has not forgotten what was before it at first.
  lesson.open(loss);
  await vi.waitFor(() => expect(opened).toEqual(["loss"]), 5000);
  await end(2);
  offers[1]();
  await vi.waitFor(() => expect(training.record).toBe(record), 5000);
  expect(training.trainer.step).toBe(1);
  expect(training.config).toEqual({ ...small, limit: 0 });
});

test("a lesson brings back the settings alone where nothing was trained before it, and offers nothing where nothing differs", async () => {
  const { training, lesson, opened, offers } = await begun();
  lesson.open(loss);
  await vi.waitFor(() => expect(opened).toEqual(["loss"]), 5000);
  lesson.close();
  await vi.waitFor(() => expect(offers).toHaveLength(1), 5000);
  offers[0]();
  await vi.waitFor(() => expect(training.config).toEqual({ ...small, limit: 0 }), 5000);
  expect(training.earlier.all).toHaveLength(1);
  lesson.open(0);
  await vi.waitFor(() => expect(training.config.hidden).toEqual([10]), 5000);
  await training.change({ ...small, limit: 0 });
  lesson.close();
  await new Promise((wake) => setTimeout(wake));
  expect(offers).toHaveLength(1);
});

test("a lesson on fewer images than its mini-batches have takes all of them at a time", async () => {
  const { training, lesson } = await begun(24);
  for (const at of [0, loss, stations.length - 1]) {
    lesson.open(at);
    await vi.waitFor(() => expect(training.work.tasks).toEqual([]), 5000);
    await rested(training);
  }
  await vi.waitFor(() => expect(training.config.batchSize).toBe(24), 5000);
  await vi.waitFor(() => expect(training.trainer.step).toBe(few), 5000);
  // The network of the first station is that of all.
  expect(training.record.number).toBe(1);
});
