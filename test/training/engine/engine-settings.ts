import { beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import { activationNames } from "../../../src/model/activations.ts";
import { optimizerNames } from "../../../src/model/optimizers.ts";
import { defaultConfig, type StepSettings } from "../../../src/model/settings.ts";
import { slotsOf } from "../../../src/model/slots.ts";
import { createCpuEngine } from "../../../src/training/engine/cpu-engine.ts";
import type { Engine } from "../../../src/training/engine/engine.ts";
import { expectClose } from "../../helpers/tolerance.ts";
import { type CreateEngine, type EngineTolerances, expectParameters, odd } from "./engine-fixture.ts";

/** Three layers of odd widths and short mini-batches, on images with two dimensions. */
const { sizes, batchSize, initial, order } = odd;
const train = { ...odd.train, rows: 5, columns: 5 };
const windows = [...odd.windows, odd.windows[2]].map((window, index) => ({
  ...window,
  number: index + 1,
  learningRate: 0.05,
  magnitude: index < 5 ? 1 : 0.5,
}));

/**
 * Epsilon is larger than usual: where gradients cancel out to nearly nothing, their rounding errors must not become
 * whole steps. (At the usual one every implementation differs from every other there.)
 */
const rates = { momentum: 0.8, beta2: 0.97, epsilon: 0.05, weightDecay: 0.05 };

const otherActivations = activationNames.filter((name) => name !== defaultConfig.activation);
const otherOptimizers = optimizerNames.filter((name) => name !== defaultConfig.optimizer);

const changes: Record<string, Partial<StepSettings>> = {
  "no change": {},
  ...Object.fromEntries(otherActivations.map((activation) => [activation, { activation }])),
  "weight decay": { weightDecay: 0.05 },
  ...Object.fromEntries(otherOptimizers.map((optimizer) => [optimizer, { optimizer, ...rates }])),
  "momenta near 1": { optimizer: "adam", ...rates, momentum: 0.9999999, beta2: 0.9999999 },
  "hidden dropout": { hiddenDropout: 0.3 },
  "input dropout": { inputDropout: 0.2 },
  "label smoothing": { labelSmoothing: 0.2 },
  average: { averageDecay: 0.4 },
  shift: { shift: 1.5 },
  rotation: { rotation: 30 },
  scale: { scale: 0.3 },
  shear: { shear: 0.4 },
  elastic: { elastic: 1.2 },
  everything: {
    activation: "silu",
    optimizer: "adamw",
    ...rates,
    hiddenDropout: 0.2,
    inputDropout: 0.1,
    labelSmoothing: 0.1,
    averageDecay: 0.5,
    shift: 1,
    rotation: 15,
    scale: 0.1,
    shear: 0.1,
    elastic: 0.7,
  },
};

export const settingCases = Object.entries(changes).map(([name, change]) => ({
  name,
  settings: { ...defaultConfig, seed: 7, ...change },
}));

/** Those that remember something beside the parameters, and draw nothing. */
const remembering: readonly string[] = [...otherOptimizers, "average"];

/** Runs `use` on a new engine with the initial parameters and the order set, and destroys it. */
async function withSettings<T>(
  create: CreateEngine,
  settings: StepSettings,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await create({ sizes, batchSize, train, settings });
  try {
    engine.setParameters(initial);
    engine.setOrder(order);
    return await use(engine);
  } finally {
    engine.destroy();
  }
}

/** Those of every kind of engine by their settings: several tests ask for the same. */
const trajectories = new Map<CreateEngine, Map<string, ReturnType<typeof newTrajectory>>>();

/** What ten steps of a new engine measure and leave behind. */
function newTrajectory(create: CreateEngine, settings: StepSettings) {
  return withSettings(create, settings, async (engine) => {
    const metrics = await engine.train(windows).metrics();
    const { loss } = await engine.evaluate(train);
    return { metrics, loss, parameters: await engine.readParameters(), state: await engine.readState() };
  });
}

/** The same, of engines that may have been asked before. */
function trajectory(create: CreateEngine, settings: StepSettings) {
  const known = trajectories.get(create) ?? new Map<string, ReturnType<typeof newTrajectory>>();
  trajectories.set(create, known);
  const key = JSON.stringify(settings);
  const found = known.get(key) ?? newTrajectory(create, settings);
  known.set(key, found);
  return found;
}

/** An engine goes where the CPU engine goes, with every setting of a step. */
export function describeTrajectories(
  create: CreateEngine,
  tolerances: EngineTolerances,
  cases = settingCases,
): void {
  test.each(cases)("$name: ten steps are those of the CPU engine", async ({ settings }) => {
    const expected = await trajectory(createCpuEngine, settings);
    const actual = await trajectory(create, settings);
    expectClose(actual.metrics.loss, expected.metrics.loss, { ...tolerances.loss, what: "losses of steps" });
    expect(actual.metrics.correct).toEqual(expected.metrics.correct);
    expectParameters(actual.parameters, expected.parameters, tolerances.parameters, "parameters");
    expectClose([actual.loss], [expected.loss], { ...tolerances.loss, what: "evaluated loss" });
    expectParameters(actual.state.parameters, expected.state.parameters, tolerances.parameters, "state");
    expect(Object.keys(actual.state.slots)).toEqual(slotsOf(settings));
    for (const slot of slotsOf(settings)) {
      const [values, wanted] = [actual.state.slots[slot]!, expected.state.slots[slot]!];
      expectParameters(values, wanted, tolerances.parameters, slot);
    }
  });
}

/** What every engine promises of its settings and its state, without comparing it to another. */
export function describeSettings(create: CreateEngine): void {
  let plain: Awaited<ReturnType<typeof trajectory>>;
  beforeAll(async () => {
    plain = await trajectory(create, settingCases[0].settings);
  });

  test("ten steps of two engines are the same to the last bit", async () => {
    const { settings } = settingCases[settingCases.length - 1];
    expect(await newTrajectory(create, settings)).toEqual(await newTrajectory(create, settings));
  });

  test.each(settingCases.slice(1))("$name makes a difference", async ({ name, settings }) => {
    const { state, parameters } = await trajectory(create, settings);
    const kept = name === "average" ? parameters : state.parameters;
    expect(kept).not.toEqual(plain.parameters);
  });

  test("the average leaves training alone and is what is evaluated and read", async () => {
    const averaged = await trajectory(create, { ...settingCases[0].settings, averageDecay: 0.4 });
    const { state, metrics, loss } = plain;
    expect(averaged.state.parameters).toEqual(state.parameters);
    expect(averaged.metrics).toEqual(metrics);
    expect(averaged.parameters).toEqual(averaged.state.slots.average);
    const ofAverage = await withSettings(create, settingCases[0].settings, async (engine) => {
      engine.setParameters(averaged.parameters);
      return (await engine.evaluate(train)).loss;
    });
    expect(averaged.loss).toBe(ofAverage);
    expect(averaged.loss).not.toBe(loss);
  });

  test("dropout, smoothing and augmentation are for steps alone", async () => {
    const { settings } = settingCases[settingCases.length - 1];
    const evaluated = (given: StepSettings) =>
      withSettings(create, given, async (engine) => [
        await engine.evaluate(train),
        await engine.predict(train.images),
      ]);
    const { activation } = settings;
    expect(await evaluated(settings)).toEqual(await evaluated({ ...defaultConfig, activation }));
  });

  test("deformations are as large as settings times the step's magnitude", async () => {
    const deformed = { shift: 2, rotation: 20, scale: 0.25, shear: 0.5, elastic: 1 };
    const after = (settings: Partial<StepSettings>, magnitude?: number) =>
      withSettings(create, { ...defaultConfig, seed: 7, inputDropout: 0.2, ...settings }, async (engine) => {
        engine.train([{ ...windows[0], magnitude }]);
        return engine.readParameters();
      });
    const whole = await after(deformed);
    const half = await after(deformed, 0.5);
    expect(await after(deformed, 1)).toEqual(whole);
    expect(half).not.toEqual(whole);
    expect(await after({ shift: 1, rotation: 10, scale: 0.125, shear: 0.25, elastic: 0.5 }, 1)).toEqual(half);
    expect(await after({ shift: 1e-30 }, 1)).toEqual(await after(deformed, 0));
  });

  test("random numbers depend on the seed and the step's number", async () => {
    const loss = (seed: number, number: number) =>
      withSettings(create, { ...defaultConfig, hiddenDropout: 0.5, shift: 1, seed }, async (engine) => {
        return (await engine.train([{ ...windows[0], number }]).metrics()).loss[0];
      });
    const first = await loss(1, 1);
    expect(await loss(1, 1)).toBe(first);
    expect(await loss(2, 1)).not.toBe(first);
    expect(await loss(1, 2)).not.toBe(first);
  });

  test.each(settingCases)(
    "$name: training goes on from its state with the same bits",
    async ({ settings }) => {
      const [state, end] = await withSettings(create, settings, async (engine) => {
        engine.train(windows.slice(0, 4));
        const halfway = await engine.readState();
        engine.train(windows.slice(4));
        return [halfway, await engine.readState()];
      });
      const resumed = await withSettings(create, settings, async (engine) => {
        // What these steps leave behind must not show.
        engine.train(windows.slice(0, 6));
        engine.setParameters(state.parameters, state.slots);
        expect(await engine.readState()).toEqual(state);
        engine.train(windows.slice(4));
        return engine.readState();
      });
      expect(resumed).toEqual(end);
    },
  );

  test.each(settingCases)("$name: parameters without slots begin anew", async ({ settings }) => {
    const expected = await trajectory(create, settings);
    await withSettings(create, settings, async (engine) => {
      engine.train(windows.slice(0, 3));
      engine.setParameters(initial);
      const { parameters, slots } = await engine.readState();
      expect(slots.average ?? parameters).toEqual(parameters);
      engine.train(windows);
      expect(await engine.readState()).toEqual(expected.state);
    });
  });

  test.each(settingCases.filter(({ name }) => remembering.includes(name)))(
    "$name: what begins anew at a later step is corrected from there",
    async ({ settings }) => {
      const expected = await trajectory(create, settings);
      await withSettings(create, settings, async (engine) => {
        engine.train(windows.slice(0, 3));
        engine.setParameters(initial);
        engine.train(windows.map((step) => ({ ...step, number: step.number + 50, slotsSince: 50 })));
        expect(await engine.readState()).toEqual(expected.state);
      });
    },
  );

  describe("refuses", () => {
    test("slots of another network", async () => {
      await withSettings(create, { ...defaultConfig, optimizer: "momentum" }, async (engine) => {
        const before = await engine.readState();
        const momentum = initial.slice(1);
        expect(() => engine.setParameters(initial, { momentum })).toThrow(UserError);
        expect(() => engine.setParameters(initial, { momentum })).toThrow(/momentum.*25-13-7-5/);
        expect(await engine.readState()).toEqual(before);
      });
    });

    test("a step whose number is not from 1 on", async () => {
      await withSettings(create, defaultConfig, async (engine) => {
        for (const number of [0, 0.5, -1, Number.NaN]) {
          expect(() => engine.train([{ ...windows[0], number }])).toThrow(RangeError);
        }
      });
    });
  });
}
