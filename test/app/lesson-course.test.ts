import { expect, test, vi } from "vitest";
import { Lesson } from "../../src/app/lesson/lesson.ts";
import { stations } from "../../src/app/lesson/stations.ts";
import type { Beginning } from "../../src/app/network-maker.ts";
import { Training } from "../../src/app/training.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import type { Config } from "../../src/model/settings.ts";
import { maker, rested, small } from "../helpers/training.ts";

/** As many images as the lesson's mini-batches need. */
const data = builtInDigits({ train: 80, test: 20 });
const make = (config: Config, known?: Beginning) => maker.make(config, { ...known, data });
const loss = stations.findIndex(({ stage }) => stage === "loss");

test("a lesson that is ended while a station is set up steers the page no more", async () => {
  const training = new Training({ ...maker, make }, await make({ ...small, limit: 0 }));
  const opened: string[] = [];
  const lesson = new Lesson(training, {
    openStage: (stage) => opened.push(stage),
    hasStep: () => false,
    openUnit: () => {},
    askForWorst: () => {},
  });
  let begun = 0;
  training.work.changed.listen(() => {
    if (training.work.tasks.some(({ what }) => what === "Lesson") && ++begun === 1) lesson.close();
  });
  lesson.open(loss);
  await vi.waitFor(() => expect(begun).toBe(1), 5000);
  await rested(training);
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
