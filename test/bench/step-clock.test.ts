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

  it("adds up stretches until the time is over", async () => {
    const clock = new StepClock();
    const measured = await clock.measure(0.000001, async () => {
      await sleep(1);
      return { count: 8, stretch: { loss: 1, ms: 40, hostMs: 3, processorMs: 5 } };
    });
    expect(measured).toEqual({ steps: 8, seconds: 0.04, hostMs: 3, processorMs: 5 });
  });
});
