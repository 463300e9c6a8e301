import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../src/model/settings.ts";
import {
  dependsOnTotal,
  learningRateAt,
  magnitudeAt,
  type ScheduleSettings,
} from "../../src/training/schedule.ts";

/** Rates of all steps of a run of 20 steps, 4 an epoch. */
const rates = (changes: Partial<ScheduleSettings>, steps = 20) =>
  Array.from({ length: steps }, (_, index) =>
    learningRateAt({ ...defaultConfig, learningRate: 2, ...changes }, index + 1, 4, steps),
  );
const near = (value: number) => expect.closeTo(value, 12);

describe("learning rate", () => {
  test("constant", () => {
    expect(new Set(rates({}))).toEqual(new Set([2]));
  });

  test("step: falls after every so many epochs", () => {
    const found = rates({ schedule: "step", decayEvery: 2, decayFactor: 0.5 });
    expect(found).toEqual([...Array(8).fill(2), ...Array(8).fill(1), ...Array(4).fill(0.5)]);
  });

  test("cosine: from the whole rate, half of it at half the steps, to next to nothing", () => {
    const found = rates({ schedule: "cosine" });
    expect(found[0]).toBe(2);
    expect(found[10]).toEqual(near(1));
    expect(found[5]).toEqual(near(1 + Math.SQRT1_2));
    expect(found[19]).toEqual(near(1 - Math.cos(Math.PI / 20)));
  });

  test("one-cycle: rises for 30% of the steps and falls to a ten-thousandth", () => {
    const found = rates({ schedule: "one-cycle" });
    expect(found[0]).toEqual(near(2 / 25));
    // Steps are counted as PyTorch does: the sixth of 20 is the top.
    expect(found[5]).toEqual(near(2));
    expect(found[19]).toEqual(near(2e-4));
    for (let step = 1; step < 20; step++) expect(found[step] > found[step - 1]).toBe(step <= 5);
    for (const steps of [1, 2, 3, 10])
      for (const rate of rates({ schedule: "one-cycle" }, steps)) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(2);
      }
  });

  test("warm-up: from 0 in a straight line, times what the schedule says", () => {
    expect(rates({ warmup: 4 }).slice(0, 6)).toEqual([0.5, 1, 1.5, 2, 2, 2]);
    const cosine = rates({ schedule: "cosine" });
    const warmed = rates({ schedule: "cosine", warmup: 10 });
    warmed.forEach((rate, index) => {
      expect(rate).toEqual(near(cosine[index] * Math.min(1, (index + 1) / 10)));
    });
  });
});

describe("magnitude of deformations", () => {
  const magnitudes = (calmEnd: number, steps: number) =>
    Array.from({ length: steps }, (_, index) => magnitudeAt({ calmEnd }, index + 1, steps));

  test("is 1, and half in the share of the steps that comes last", () => {
    expect(magnitudes(0, 3)).toEqual([1, 1, 1]);
    expect(magnitudes(0.5, 4)).toEqual([1, 1, 0.5, 0.5]);
    expect(magnitudes(0.999, 2)).toEqual([0.5, 0.5]);
  });

  test("has as many calm steps as decimal fractions say", () => {
    for (let percent = 0; percent < 100; percent++) {
      const calm = magnitudes(percent / 100, 700).filter((magnitude) => magnitude < 1);
      expect(calm).toHaveLength(7 * percent);
    }
  });
});

test("what makes a step depend on how many there will be", () => {
  const of = (schedule: ScheduleSettings["schedule"], calmEnd = 0) =>
    dependsOnTotal({ ...defaultConfig, shift: 1, schedule, calmEnd });
  expect([of("constant"), of("step")]).toEqual([undefined, undefined]);
  expect([of("cosine"), of("one-cycle", 0.1)]).toEqual(["A cosine schedule", "A one-cycle schedule"]);
  expect(of("step", 0.1)).toBe("A calm end");
  // Nothing is deformed.
  expect(dependsOnTotal({ ...defaultConfig, calmEnd: 0.1 })).toBeUndefined();
});
