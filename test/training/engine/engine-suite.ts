import { describe, expect, test } from "vitest";
import type { Split } from "../../../src/data/dataset.ts";
import type { Engine } from "../../../src/training/engine/engine.ts";
import { type Golden, goldens, stepSplit } from "../../helpers/golden.ts";
import { expectClose } from "../../helpers/tolerance.ts";
import { describeMisuse, describeOwnership } from "./engine-contract.ts";
import { describeDeskew } from "./engine-deskew.ts";
import {
  type CreateEngine,
  type EngineTolerances,
  expectParameters,
  odd,
  withEngine,
} from "./engine-fixture.ts";
import { describeInspection } from "./engine-inspection.ts";

/** The suite that every engine passes: what `src/training/engine/engine.ts` promises, and the golden networks. */
export function describeEngine(name: string, create: CreateEngine, tolerances: EngineTolerances): void {
  describeComputing(name, create, tolerances);
  describe(name, () => {
    describe("images to be deskewed", () => describeDeskew(create));
    describe("the inside", () => describeInspection(create, tolerances));
  });
}

/** What of it depends on how products are computed. Images are deskewed, and the inside is looked into, in one way for all. */
export function describeComputing(name: string, create: CreateEngine, tolerances: EngineTolerances): void {
  describe(name, () => {
    describe.each(goldens)("on golden network $name", (golden) => {
      describeGolden(create, golden, tolerances);
    });
    describe("steps", () => describeSteps(create, tolerances));
    describe("predictions", () => describePredictions(create, tolerances));
    describe("ownership", () => describeOwnership(create));
    describe("misuse", () => describeMisuse(create));
  });
}

function describeGolden(create: CreateEngine, golden: Golden, tolerances: EngineTolerances): void {
  const { windows, steps } = golden;

  test("says what it is", async () => {
    await withEngine(create, golden, async (engine) => {
      expect(engine.sizes).toEqual(golden.sizes);
      expect(engine.batchSize).toBe(golden.batchSize);
      expect(engine.device).not.toBe("");
    });
  });

  test("follows the trajectory: loss and count of every step, parameters after the first and the last", async () => {
    await withEngine(create, golden, async (engine) => {
      const first = engine.train(windows.slice(0, 1));
      const afterFirst = engine.readParameters();
      const rest = engine.train(windows.slice(1));
      const afterLast = engine.readParameters();
      const metrics = [await first.metrics(), await rest.metrics()];
      const losses = metrics.flatMap(({ loss }) => [...loss]);
      const expected = steps.map((step) => step.meanLoss);
      expectClose(losses, expected, { ...tolerances.loss, what: "mean loss of each step" });
      const correct = metrics.flatMap((metric) => [...metric.correct]);
      expect(correct).toEqual(steps.map((step) => step.correct));
      expectParameters(await afterFirst, steps[0].after!, tolerances.parameters, "after step 0");
      expectParameters(await afterLast, steps[steps.length - 1].after!, tolerances.parameters, "at the end");
    });
  });

  test("predicts and evaluates the first mini-batch as its first step saw it", async () => {
    await withEngine(create, golden, async (engine) => {
      const split = stepSplit(golden, steps[0]);
      const { probabilities } = steps[0].inside!;
      const shape = [split.count, probabilities.length / split.count];
      expectClose(await engine.predict(split.images), probabilities, { ...tolerances.probabilities, shape });
      const { loss, classes } = await engine.evaluate(split);
      expectClose([loss], [steps[0].meanLoss], { ...tolerances.loss, what: "mean loss" });
      expect(classes.filter((value, image) => value === split.labels[image]).length).toBe(steps[0].correct);
    });
  });
}

function describeSteps(create: CreateEngine, tolerances: EngineTolerances): void {
  const { windows } = odd;
  /** The parameters after each group of steps was submitted, one group after the other. */
  const trained = (...groups: (typeof windows)[]) =>
    withEngine(create, odd, async (engine) => {
      for (const group of groups) engine.train(group);
      return engine.readParameters();
    });

  test("give the same bits every time, however they are grouped into submissions", async () => {
    const together = await trained(windows);
    expect(await trained(windows)).toEqual(together);
    expect(await trained(windows.slice(0, 2), windows.slice(2, 3), windows.slice(3))).toEqual(together);
  });

  test("report to the submission they belong to, whichever is asked first", async () => {
    await withEngine(create, odd, async (engine) => {
      const first = engine.train(windows.slice(0, 4));
      const second = engine.train(windows.slice(4));
      const late = await second.metrics();
      const early = await first.metrics();
      const expected = odd.steps.map((step) => step.meanLoss);
      expectClose(early.loss, expected.slice(0, 4), tolerances.loss);
      expectClose(late.loss, expected.slice(4), tolerances.loss);
    });
  });

  test("have a learning rate each: at 0 they change nothing", async () => {
    const idle = windows.map((window) => ({ ...window, learningRate: 0 }));
    expect(await trained([idle[0], windows[1], idle[2]])).toEqual(await trained(windows.slice(1, 2)));
  });

  test("may visit the windows of the order in any sequence, the same one twice too", async () => {
    const sequence = [4, 1, 1, 8, 0].map((index) => windows[index]);
    expect(await trained(sequence)).toEqual(await trained(...sequence.map((window) => [window])));
  });

  test("of a short mini-batch see nothing of the full one before", async () => {
    const full = { ...windows[0], learningRate: 0 };
    const short = windows[2];
    expect(short.size).toBeLessThan(full.size);
    expect(await trained([full, short])).toEqual(await trained([short]));
  });

  test("may all be smaller than the engine's batch size", async () => {
    const use = async (engine: Engine) => {
      engine.train(windows);
      return engine.readParameters();
    };
    const parameters = await withEngine(create, odd, use, 50);
    expectParameters(parameters, odd.steps[windows.length - 1].after!, tolerances.parameters, "at the end");
  });

  test("may be none", async () => {
    await withEngine(create, odd, async (engine) => {
      const metrics = await engine.train([]).metrics();
      expect(metrics).toEqual({ loss: new Float64Array(), correct: new Uint32Array() });
    });
  });
}

function describePredictions(create: CreateEngine, tolerances: EngineTolerances): void {
  // More images than fit one mini-batch, and than there are to train on; the last mini-batch is short.
  const copies = 4;
  const { train } = odd;
  const split: Split = {
    ...train,
    count: copies * train.count,
    images: Uint8Array.from(
      { length: copies * train.images.length },
      (_, i) => train.images[i % train.images.length],
    ),
    labels: Uint8Array.from({ length: copies * train.count }, (_, i) => train.labels[i % train.count]),
  };
  const classes = odd.sizes[odd.sizes.length - 1];

  test("agree with each other on every image of a split", async () => {
    await withEngine(create, odd, async (engine) => {
      const probabilities = await engine.predict(split.images);
      const evaluated = await engine.evaluate(split);
      expect(probabilities.length).toBe(split.count * classes);
      const rows = Array.from({ length: split.count }, (_, i) => [
        ...probabilities.subarray(i * classes, (i + 1) * classes),
      ]);
      expect([...evaluated.classes]).toEqual(rows.map((row) => row.indexOf(Math.max(...row))));
      const losses = rows.map((row, image) => -Math.log(row[split.labels[image]]));
      expectClose(evaluated.losses, losses, { ...tolerances.imageLoss, what: "loss of each image" });
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / split.count;
      expectClose([evaluated.loss], [mean], { ...tolerances.imageLoss, what: "mean loss" });
    });
  });

  test("do not depend on an image's place", async () => {
    await withEngine(create, odd, async (engine) => {
      const probabilities = await engine.predict(split.images);
      const alone = await engine.predict(train.images.subarray(0, train.columns));
      for (let copy = 0; copy < copies; copy++) {
        const start = copy * train.count * classes;
        expectClose(probabilities.slice(start, start + classes), alone, tolerances.probabilities);
      }
    });
  });

  test("leave training as it was", async () => {
    const run = (between: (engine: Engine) => Promise<unknown>) =>
      withEngine(create, odd, async (engine) => {
        engine.train(odd.windows.slice(0, 3));
        await between(engine);
        engine.train(odd.windows.slice(3));
        return engine.readParameters();
      });
    const plain = await run(async () => {});
    expect(await run((engine) => engine.evaluate(split))).toEqual(plain);
    expect(await run((engine) => engine.predict(split.images))).toEqual(plain);
  });

  test("of no images are none", async () => {
    await withEngine(create, odd, async (engine) => {
      expect(await engine.predict(new Uint8Array())).toEqual(new Float32Array());
    });
  });
}
