import { describe, expect, test } from "vitest";
import { gapUs, modelKernel, modelStep, modelTogether } from "../../../bench/src/compiler/model.ts";
import type { KernelStatistics, Tally } from "../../../bench/src/compiler/statistics.ts";
import type { StepKernel } from "../../../bench/src/compiler/step.ts";

/** 10 SIMDs at 1000 MHz: 1000 cycles are 1 us. */
const chip = { title: "a chip", simds: 10, megahertz: 1000, teraflops: 1, gigabytesPerSecond: 100 };
const none: Tally = { inLoops: 0, outside: 0 };

function statistics(latency: number, inverseThroughput: number, multiplyAdds = none): KernelStatistics {
  return {
    ...{ vgprs: 32, sgprs: 32, spills: 0, workgroupMemory: 0, waves: 16, codeBytes: 100 },
    ...{ latency, inverseThroughput },
    // All instructions in the loop.
    listing: { multiplyAdds, loads: none, instructions: { inLoops: 800, outside: 0 }, waits: none },
  };
}

function kernel(workgroups: number, bytes: number, multiplyAdds?: number): StepKernel {
  const pipeline = { label: "a kernel", code: "", entryPoint: "", constants: {}, layouts: [] };
  return {
    ...{ pipeline, workgroups, times: 1, workgroupSize: 64, bytes },
    ...(multiplyAdds !== undefined && { work: { of: "multiplyAdds", count: multiplyAdds } }),
  };
}

describe("the time of a dispatch", () => {
  test("of few workgroups is that of one wave", () => {
    expect(modelKernel(kernel(5, 1000), statistics(3000, 500), chip)).toEqual({
      us: 3,
      bound: "latency",
      rounds: 1,
    });
  });

  test("of many is that of all instructions on all SIMDs", () => {
    expect(modelKernel(kernel(200, 1000), statistics(3000, 500), chip)).toMatchObject({
      us: 10,
      bound: "issue",
    });
  });

  test("is never less than its traffic takes", () => {
    expect(modelKernel(kernel(200, 2e6), statistics(3000, 500), chip)).toMatchObject({
      us: 20,
      bound: "memory",
    });
  });

  test("grows with the rounds that a product's loops need", () => {
    // 128 multiply-adds an invocation, where eight rounds have 32: 32 rounds.
    const counted = statistics(3000, 500, { inLoops: 32, outside: 0 });
    const product = kernel(5, 0, 128 * 5 * 64);
    expect(modelKernel(product, counted, chip)).toMatchObject({ us: 12, rounds: 4 });
    // What is not in loops is there once.
    expect(modelKernel(kernel(5, 0, 5 * 64), counted, chip).rounds).toBe(1 / 8);
  });
});

test("networks together take the time of one until they fill the card, and then that of their work", () => {
  const step = { kernels: [kernel(5, 1000)], dispatches: 1, bytes: 1000, calls: 2 };
  // 5 waves of 500 cycles on 10 SIMDs: 0.25 us of work a network, 3 us for one wave.
  const together = (networks: number) => modelTogether(step, [statistics(3000, 500)], chip, networks) - gapUs;
  expect([1, 8, 12, 24, 48].map(together)).toEqual([3, 3, 3, 6, 12]);
});

test("a step is as slow as the slower of GPU and host", () => {
  const step = { kernels: [{ ...kernel(5, 1000), times: 2 }], dispatches: 2, bytes: 2000, calls: 4 };
  const modelled = modelStep(step, [statistics(3000, 500)], chip, 1e6);
  expect(modelled).toMatchObject({ gpuUs: 2 * 3 + 2 * gapUs, arithmeticUs: 1, memoryUs: 0.02 });
  expect(modelled.us).toBe(modelled.gpuUs);
  const encoded = modelStep({ ...step, calls: 400 }, [statistics(3000, 500)], chip, 1e6);
  expect(encoded.us).toBe(encoded.hostUs);
});
