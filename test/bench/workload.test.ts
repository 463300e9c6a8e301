import { describe, expect, it } from "vitest";
import {
  batchesFrom,
  flopsPerStep,
  memoryBytesPerStep,
  workload,
  workloadName,
} from "../../bench/src/workload.ts";

describe("work of a step", () => {
  it.each([
    // 2 * batch * (2 * 784 * h + 3 * h * 10), in MFLOP, worked out by hand.
    { hidden: [10], batch: 64, megaflops: 2.05 },
    { hidden: [128], batch: 64, megaflops: 26.2 },
    { hidden: [800], batch: 64, megaflops: 163.6 },
    { hidden: [128], batch: 1024, megaflops: 419 },
  ])("is $megaflops MFLOP for hidden layers $hidden at batch $batch", ({ hidden, batch, megaflops }) => {
    expect(flopsPerStep(workload(hidden, batch)) / 1e6 / megaflops).toBeCloseTo(1, 2);
  });

  it("counts the bytes that must move", () => {
    // 784-2-10 at batch 1: 2 * 784 pixels, 3 * 4 bytes for each of 1,600 parameters, 16 bytes for each of 12 outputs.
    expect(memoryBytesPerStep(workload([2], 1))).toBe(2 * 784 + 12 * (784 * 2 + 2 + 2 * 10 + 10) + 16 * 12);
  });

  it("is named after the network and the batch", () => {
    expect(workloadName(workload([256, 128], 64))).toBe("784-256-128-10, batch 64");
  });
});

describe("batchesFrom", () => {
  it("goes on past the end of an order, so that no stretch ends there", () => {
    expect(batchesFrom(1, 5, 2, 4096)).toEqual([4096, 0, 4096, 0, 4096]);
    expect(batchesFrom(7, 3, 4, 64)).toEqual([192, 0, 64]);
  });
});
