import { describe, expect, it } from "vitest";
import { StepClock } from "../../bench/src/step-clock.ts";

const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

describe("StepClock", () => {
  it("tells the work how long it is expected to take, as soon as something was timed", async () => {
    const clock = new StepClock();
    const expected: number[] = [];
    const work = async (expectedMs: number) => {
      expected.push(expectedMs);
      await sleep(20);
      return { loss: 1, hostMs: 0 };
    };
    const first = await clock.time(4, work);
    await clock.time(8, work);
    expect(expected[0]).toBe(0);
    expect(expected[1]).toBeCloseTo(2 * first.ms, 6);
  });

  it("notices work that was done in the sleep, and expects less the next time", async () => {
    const clock = new StepClock();
    clock.stepMs = 10;
    const stretch = await clock.time(4, async (expectedMs) => {
      await sleep(expectedMs);
      return { loss: 1, hostMs: 0, waitedMs: 0 };
    });
    expect(stretch.overslept).toBe(true);
    expect(clock.stepMs).toBe(8);
  });

  it("adds up nothing that was overslept", async () => {
    const clock = new StepClock();
    const stretches = [
      { ms: 100, overslept: true },
      { ms: 40, overslept: false },
    ];
    const measured = await clock.measure(0.000001, async () => {
      const stretch = { loss: 1, hostMs: 3, processorMs: 5, ...stretches.shift()! };
      return { count: 8, stretch };
    });
    expect(measured).toEqual({ steps: 8, seconds: 0.04, hostMs: 3, processorMs: 5 });
  });
});
