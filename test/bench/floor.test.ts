import { describe, expect, it } from "vitest";
import { type Card, floorOf } from "../../bench/src/floor.ts";

const card: Card = { name: "a card", flops: 1e12, bandwidth: 1e11, dispatchSeconds: 5e-6 };

describe("floorOf", () => {
  it.each([
    { work: { dispatches: 4, flops: 2e6, bytes: 2e5 }, because: "dispatches", microseconds: 20 },
    { work: { dispatches: 4, flops: 1e9, bytes: 2e5 }, because: "arithmetic", microseconds: 1000 },
    { work: { dispatches: 4, flops: 2e6, bytes: 1e7 }, because: "memory", microseconds: 100 },
  ])("is $microseconds us because of $because", ({ work, because, microseconds }) => {
    const floor = floorOf(work, card);
    expect(floor.because).toBe(because);
    expect(floor.seconds * 1e6).toBeCloseTo(microseconds, 9);
  });
});
