import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchAt, epochOrder, stepsPerEpoch } from "../../src/data/batches.ts";

const samples = fc.integer({ min: 1, max: 2000 });
const batchSizes = fc.integer({ min: 1, max: 300 });
const seeds = fc.integer({ min: 0, max: 4_294_967_295 });
const epochs = fc.integer({ min: 0, max: 1_000_000 });

describe("mini-batches", () => {
  test("cover an epoch without gap or overlap, all full but the last", () => {
    fc.assert(
      fc.property(samples, batchSizes, (count, batchSize) => {
        const steps = stepsPerEpoch(count, batchSize);
        let next = 0;
        for (let step = 0; step < steps; step++) {
          const { first, size } = batchAt(step, batchSize, count);
          expect(first).toBe(next);
          if (step < steps - 1) expect(size).toBe(batchSize);
          else expect(size).toBeGreaterThanOrEqual(1);
          next += size;
        }
        expect(next).toBe(count);
      }),
    );
  });

  test.each([
    { count: 60_000, batchSize: 64, steps: 938, last: { first: 59_968, size: 32 } },
    { count: 128, batchSize: 64, steps: 2, last: { first: 64, size: 64 } },
    { count: 10, batchSize: 3, steps: 4, last: { first: 9, size: 1 } },
    { count: 5, batchSize: 5, steps: 1, last: { first: 0, size: 5 } },
    { count: 5, batchSize: 9, steps: 1, last: { first: 0, size: 5 } },
  ])("$count samples in batches of $batchSize are $steps steps", ({ count, batchSize, steps, last }) => {
    expect(stepsPerEpoch(count, batchSize)).toBe(steps);
    expect(batchAt(steps - 1, batchSize, count)).toEqual(last);
  });
});

describe("epochOrder", () => {
  test("visits every sample exactly once", () => {
    fc.assert(
      fc.property(samples, seeds, epochs, fc.boolean(), (count, seed, epoch, shuffle) => {
        const sorted = epochOrder(count, seed, epoch, shuffle).sort();
        expect(sorted.length).toBe(count);
        expect(sorted.every((index, position) => index === position)).toBe(true);
      }),
    );
  });

  test("without shuffling is file order, whatever the seed and epoch", () => {
    expect([...epochOrder(5, 3, 9, false)]).toEqual([0, 1, 2, 3, 4]);
  });

  test("depends on seed and epoch, and on nothing else", () => {
    const order = (seed: number, epoch: number) => epochOrder(500, seed, epoch, true).join();
    expect(order(1, 0)).toBe(order(1, 0));
    const different = new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1), order(1, 2)]);
    expect(different.size).toBe(5);
  });

  test("makes all 24 orders of 4 samples equally likely", () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 24_000; epoch++) {
      const order = epochOrder(4, 1, epoch, true).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // Five standard deviations: sqrt(24,000 * 1/24 * 23/24) = 31.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * 31);
  });
});
