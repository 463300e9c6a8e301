import { expect, it } from "vitest";
import { GpuCounters } from "../../bench/src/gpu-counters.ts";
import { create } from "../../bench/src/ours.ts";
import { create as createReference } from "../../bench/src/reference.ts";
import { workload } from "../../bench/src/workload.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { findGpu } from "../../src/node/adapter.ts";

it("mnist-webgpu classifies from the bytes in the host's memory every time, as everybody does", async () => {
  const dataset = builtInDigits({ train: 64, test: 1100 });
  const options = { workload: workload([10], 64), dataset };
  const adapter = await findGpu({ adapter: process.env.TEST_ADAPTER || undefined });
  const contender = await create({ ...options, adapter });
  const reference = await createReference(options);
  const counters = new GpuCounters();
  const correct: number[] = [];
  for (let repeat = 0; repeat < 3; repeat++) {
    const { uploadBytes } = await counters.countCommands(async () => {
      correct.push(await contender.countCorrect(dataset.test));
    });
    expect(uploadBytes).toBeGreaterThan(dataset.test.images.length);
  }
  const expected = await reference.countCorrect(dataset.test);
  expect(correct).toEqual([expected, expected, expected]);
  contender.destroy();
});
