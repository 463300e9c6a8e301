import { describe, expect, it } from "vitest";
import { Turns } from "../../bench/src/waiting.ts";
import { Pacer } from "../../src/training/pacer.ts";

const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
const batches = (count: number) => Array.from({ length: count }, (_, index) => index * 64);

describe("Turns", () => {
  it("hands over 50 ms of work at a time, the next lot before the last one is waited for", async () => {
    let now = 0;
    let doneAt = 0;
    const log: string[] = [];
    const turns = new Turns(new Pacer(() => now));
    const train = (count: number) =>
      turns.train(batches(count), (part) => {
        doneAt = Math.max(now, doneAt) + 4 * part.length;
        const answeredAt = doneAt;
        log.push(`start ${part.length}`);
        return {
          async loss() {
            log.push("wait");
            now = answeredAt;
            return 1;
          },
        };
      });
    await train(2000);
    log.length = 0;
    await train(40);
    expect(log).toEqual(["start 12", "start 12", "wait", "start 12", "wait", "start 4", "wait", "wait"]);
  });

  it("counts the time that handing over takes", async () => {
    let handedOverMs = 0;
    const startedAt = performance.now();
    const { loss, hostMs } = await new Turns().train(batches(1), async () => {
      const from = performance.now();
      await sleep(6);
      handedOverMs = performance.now() - from;
      return { loss: async () => sleep(30).then(() => 0.5) };
    });
    expect(loss).toBe(0.5);
    expect(hostMs).toBeGreaterThanOrEqual(handedOverMs);
    // The time in which the loss was waited for is not in it.
    expect(hostMs).toBeLessThan(performance.now() - startedAt - 25);
  });

  it("returns the loss of the last mini-batch", async () => {
    const { loss } = await new Turns().train(batches(40), (part) => ({
      loss: async () => part[part.length - 1],
    }));
    expect(loss).toBe(39 * 64);
  });
});
