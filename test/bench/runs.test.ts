import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  appendRun,
  type RunConditions,
  type RunRecord,
  ratiosOverRuns,
  readRuns,
  runRecord,
} from "../../bench/src/runs.ts";

const program = "mnist-webgpu 0.1.0";
const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

const usual: RunConditions = { kernels: "auto", dataset: "MNIST" };

/** A run whose only configuration had this ratio to jax-js webgpu. */
function run(median: number, name = "784-10-10, batch 64", conditions = usual) {
  return runRecord({ date: "2026-01-01T00:00:00.000Z", program, ...conditions }, [
    { name, ratios: { "jax-webgpu": spread(median) } },
  ]);
}

describe("runs that are kept", () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "bench-runs-")), "results");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("are none before the first one", async () => {
    expect(await readRuns(folder, "card", usual)).toEqual([]);
  });

  it("stay in their order, each adapter's in its own file", async () => {
    await appendRun(folder, "card", run(20));
    await appendRun(folder, "other", run(3));
    expect(await appendRun(folder, "card", run(30))).toEqual([run(20), run(30)]);
  });

  it.each([
    { kernels: "tiled", dataset: "MNIST" },
    { kernels: "auto", dataset: "built-in digits" },
  ] as const)(
    "are compared only with those of equal conditions: $kernels kernels, $dataset",
    async (others) => {
      await appendRun(folder, "card", run(20));
      const other = run(3, undefined, others);
      expect(await appendRun(folder, "card", other)).toEqual([other]);
      expect(await appendRun(folder, "card", run(30))).toEqual([run(20), run(30)]);
    },
  );

  it("are of the adapter's own kernels on MNIST where an older line does not tell", async () => {
    const { date, ratios } = run(20);
    await appendRun(folder, "card", { date, program, ratios } as RunRecord);
    expect(await readRuns(folder, "card", usual)).toEqual([run(20)]);
  });
});

describe("ratiosOverRuns", () => {
  it("ranges over the runs' medians, not over their rounds", () => {
    expect(ratiosOverRuns([run(20), run(30), run(22)])).toEqual([
      {
        configuration: "784-10-10, batch 64",
        peer: "jax-webgpu",
        runs: 3,
        medians: { median: 22, min: 20, max: 30 },
      },
    ]);
  });

  it("counts only the runs that measured a configuration", () => {
    const others = ratiosOverRuns([run(20), run(5, "784-800-10, batch 64"), run(24)]);
    expect(others.map(({ configuration, runs }) => [configuration, runs])).toEqual([
      ["784-10-10, batch 64", 2],
      ["784-800-10, batch 64", 1],
    ]);
  });
});
