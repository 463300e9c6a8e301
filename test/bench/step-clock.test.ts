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
    let stretches = 0;
    const measured = await clock.measure(0.03, async () => {
      stretches++;
      await sleep(10);
      return { count: 8, stretch: { loss: 1, ms: 500, hostMs: 3, processorMs: 5 } };
    });
    expect(stretches).toBeGreaterThan(1);
    expect(measured).toEqual({
      steps: 8 * stretches,
      seconds: 0.5 * stretches,
      hostMs: 3 * stretches,
      processorMs: 5 * stretches,
    });
  });
});
