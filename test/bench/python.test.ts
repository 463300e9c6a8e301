import { describe, expect, it } from "vitest";
import { missingInPython } from "../../bench/src/missing.ts";
import { create } from "../../bench/src/python.ts";
import { create as createReference } from "../../bench/src/reference.ts";
import { workload } from "../../bench/src/workload.ts";
import { upTo } from "../../src/data/batches.ts";
import { builtInDigits } from "../../src/data/digits.ts";

describe.skipIf(missingInPython("import numpy"))("numpy as a contender", () => {
  const options = { workload: workload([10], 64), dataset: builtInDigits({ train: 256, test: 100 }) };

  it("tells how much of making it was handing over the data, and does the same work", async () => {
    const startedAt = performance.now();
    const contender = await create(options, "numpy");
    const ms = performance.now() - startedAt;
    expect(contender.dataMs).toBeGreaterThan(0);
    // Python has yet to start and to load numpy.
    expect(contender.dataMs).toBeLessThan(ms);
    const reference = await createReference(options);
    for (const each of [contender, reference]) await each.setOrder(upTo(256));
    const [{ loss }, expected] = [await contender.train([0, 64, 128]), await reference.train([0, 64, 128])];
    // Float32 sums in another order than float64's.
    expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-4);
    const { test } = options.dataset;
    expect(await contender.countCorrect(test)).toBe(await reference.countCorrect(test));
    await contender.destroy();
  });
});
