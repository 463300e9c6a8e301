import { describe, expect, test } from "vitest";
import { RunRecord } from "../../src/app/record.ts";
import { StepSeries, smooth, thin } from "../../src/app/step-series.ts";
import { pageDefaults } from "../../src/app/url.ts";
import { lossRange, lossText } from "../../src/app/views/loss-axis.ts";

describe("StepSeries", () => {
  test("keeps every step as it is while there are few", () => {
    const series = new StepSeries();
    for (let step = 1; step <= 10; step++) series.add(step, 1 / step, step % 3, 3, 0.5);
    expect(series.loss.steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(series.loss.values).toEqual(Array.from({ length: 10 }, (_, index) => 1 / (index + 1)));
    expect(series.accuracy.values[4]).toBe(2 / 3);
  });

  test("stays small and keeps the means however long it gets", () => {
    const series = new StepSeries();
    for (let step = 1; step <= 100_000; step++) series.add(step, step, 1, 2, 0.5);
    const { steps, values } = series.loss;
    expect(steps.length).toBeLessThanOrEqual(4096);
    expect(steps.at(-1)).toBe(100_000);
    expect(series.width).toBe(32);
    // Point i holds steps 32 i + 1 to 32 (i + 1).
    expect(values[7]).toBe(32 * 7 + 16.5);
    expect(new Set(series.accuracy.values)).toEqual(new Set([0.5]));
  });

  test("ignores steps that it has", () => {
    const series = new StepSeries();
    series.add(1, 2, 1, 1, 0.5);
    series.add(2, 3, 1, 1, 0.5);
    series.add(1, 99, 0, 1, 0.5);
    expect(series.loss).toEqual({ steps: [1, 2], values: [2, 3] });
  });
});

test("smooth leaves a constant alone from the first value on, and follows a change", () => {
  const steps = [1, 2, 3];
  for (const value of smooth({ steps, values: [5, 5, 5] }, 0.9).values) expect(value).toBeCloseTo(5, 12);
  const [first, second, third] = smooth({ steps, values: [0, 1, 1] }, 0.5).values;
  expect([first, second, third]).toEqual([0, 0.5 / 0.75, 0.75 / 0.875]);
  expect(smooth({ steps, values: [3, 1, 2] }, 0).values).toEqual([3, 1, 2]);
});

test("thin averages neighbours", () => {
  const curve = { steps: [1, 2, 3, 4, 5], values: [1, 3, 5, 7, 100] };
  expect(thin(curve, 3)).toEqual({ steps: [2, 4, 5], values: [2, 6, 100] });
  expect(thin(curve, 5)).toBe(curve);
});

test("losses of any size are told in a few digits", () => {
  const told = [0, 1e-16, 2.34e-5, 0.0312, 0.5, 2.3021, 999.994, 1815.43, 12_807.99, 9.96e7].map(lossText);
  expect(told).toEqual(["0", "1e-16", "2.3e-5", "0.031", "0.50", "2.30", "999.99", "1815", "1.3e4", "1e8"]);
});

test("a logarithmic axis of losses goes down no further than they tell anything, and is one whatever they are", () => {
  expect(lossRange(1e-16, 5e3)).toEqual([1e-7, 10_000]);
  expect(lossRange(0.021, 2.3)).toEqual([0.02, 10]);
  expect(lossRange(1e-20, 1e-19)).toEqual([expect.closeTo(1e-8, 12), expect.closeTo(1e-6, 12)]);
  expect(lossRange(null, null)).toEqual([null, null]);
});

describe("RunRecord", () => {
  const event = (firstStep: number, loss: number[], sizes: number[]) => ({
    type: "steps" as const,
    epoch: 1,
    firstStep,
    loss: Float64Array.from(loss),
    correct: Uint32Array.from(sizes, (size) => size / 2),
    sizes: Uint32Array.from(sizes),
    learningRate: 0.1,
    learningRates: new Float64Array(loss.length).fill(0.1),
    stepsPerSecond: 10,
  });

  test("sums epochs over samples, the short mini-batch with its own weight, and steps but once", () => {
    const record = new RunRecord(pageDefaults, "784-10", 3);
    record.addSteps(event(1, [3, 2], [4, 4]));
    // Training goes on from step 1 after a lost device.
    record.addSteps(event(2, [2, 1], [4, 2]));
    record.addSteps(event(4, [7], [4]));
    expect(record.epochs).toEqual([{ epoch: 1, step: 3, loss: (12 + 8 + 2) / 10, accuracy: 0.5 }]);
    expect(record.series.loss.values).toEqual([3, 2, 1, 7]);
  });

  test("goes on as if it had never been saved, in the middle of an epoch and of a point", () => {
    const steps = Array.from({ length: 5003 }, (_, index) => 1 / (index + 1));
    const whole = new RunRecord(pageDefaults, "784-10", 3, "a file");
    const first = new RunRecord(pageDefaults, "784-10", 3, "a file");
    for (const record of [whole, first]) {
      record.addSteps(event(1, steps.slice(0, 5000), new Array(5000).fill(4)));
      record.addEvaluation(4998, { loss: 1, accuracy: 0.5 } as never);
      record.steered = true;
    }
    const second = RunRecord.restored(pageDefaults, structuredClone(first.state));
    for (const record of [whole, second]) record.addSteps(event(5001, steps.slice(5000), [4, 4, 2]));
    expect(second.state).toEqual(whole.state);
    expect(second.series.loss).toEqual(whole.series.loss);
    expect(second.epochs.at(-1)).toMatchObject({ epoch: 1667, step: 5001 });
  });

  test("is restored with more epochs than a function takes arguments", () => {
    const { state } = new RunRecord(pageDefaults, "784-10", 3);
    const row = { step: 1, epoch: 1, loss: 1, accuracy: 0.5 };
    const rows = new Array(200_000).fill(row);
    const { epochs, evaluations } = RunRecord.restored(pageDefaults, {
      ...state,
      epochs: rows,
      evaluations: rows,
    });
    expect([epochs.length, evaluations.length]).toEqual([200_000, 200_000]);
  });
});
