import { describe, expect, it } from "vitest";
import { StepClock } from "../../bench/src/step-clock.ts";

const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

describe("StepClock", () => {
  it("knows how many steps take a while, as soon as something was timed", async () => {
    const clock = new StepClock();
    expect(clock.stepsIn(500)).toBe(1);
    const { ms } = await clock.time(4, async () => {
      await sleep(20);
      return { loss: 1, hostMs: 0 };
    });
    expect(clock.stepsIn(ms)).toBe(4);
    expect(clock.stepsIn(10 * ms)).toBe(40);
  });

  it("adds up stretches until the time is over", async () => {
    const clock = new StepClock();
    let stretches = 0;
    let steps = 0;
    const measured = await clock.measure(0.03, async (count) => {
      stretches++;
      steps += count;
      await sleep(10);
      return { loss: 1, ms: 500, hostMs: 3, processorMs: 5 };
    });
    expect(stretches).toBeGreaterThan(1);
    expect(measured).toEqual({
      steps,
      seconds: 0.5 * stretches,
      hostMs: 3 * stretches,
      processorMs: 5 * stretches,
    });
  });
});
