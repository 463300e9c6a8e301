import { describe, expect, it } from "vitest";
import { inTurns } from "../../bench/src/waiting.ts";

const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
const batches = Array.from({ length: 40 }, (_, index) => index * 64);

describe("inTurns", () => {
  it("hands over 50 ms of work at a time, the next lot before the last one is waited for", async () => {
    const log: string[] = [];
    let lot = 0;
    await inTurns(batches, 160, (part) => {
      const name = `${lot++}`;
      log.push(`start ${name}: ${part.length}`);
      return {
        loss: async () => {
          log.push(`wait ${name}`);
          return 1;
        },
      };
    });
    expect(log).toEqual([
      "start 0: 13",
      "start 1: 13",
      "wait 0",
      "start 2: 13",
      "wait 1",
      "start 3: 1",
      "wait 2",
      "wait 3",
    ]);
  });

  it("has every lot under way before it waits, even when handing over takes a while", async () => {
    const startedAt = performance.now();
    const { loss, hostMs } = await inTurns(batches.slice(0, 1), 60, async () => {
      await sleep(5);
      const done = sleep(60);
      return { loss: async () => done.then(() => 0.5) };
    });
    expect(loss).toBe(0.5);
    expect(hostMs).toBeGreaterThan(4);
    expect(performance.now() - startedAt).toBeLessThan(110);
  });

  it("returns the loss of the last mini-batch", async () => {
    const { loss } = await inTurns(batches, 0, (part) => ({ loss: async () => part[part.length - 1] }));
    expect(loss).toBe(39 * 64);
  });
});
