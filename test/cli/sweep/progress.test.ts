import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { expectedSteps } from "../../../src/cli/sweep/expected-steps.ts";
import { SweepProgress } from "../../../src/cli/sweep/sweep-progress.ts";
import { initialise } from "../../../src/model/initialise.ts";
import { initialSnapshot } from "../../../src/training/snapshot.ts";
import { createSweep } from "../../../src/training/sweep/sweep.ts";
import { dataset, small } from "../../training/sweep/group-suite.ts";

it("tells networks that are done, the time left at the present speed, and the best so far", () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  const snapshot = { ...initialSnapshot(initialise([196, 7, 5, 10], "zeros", 0)), step: 10 };
  const sweep = createSweep({
    // Four steps an epoch.
    configs: [1, 2, 3].map((seed) => ({ ...small, seed, epochs: 10, backend: "cpu" })),
    dataset,
    progress: {
      ends: new Map([[0, { reason: "finished", steps: 40, score: { loss: 1, accuracy: 0.9 } }]]),
      states: new Map([[2, { snapshot }]]),
    },
  });
  const progress = new SweepProgress(stream as unknown as NodeJS.WriteStream, sweep, [1, 4, 7], [40, 0, 10]);
  progress.begin([1, 2]);
  progress.steps(1, {
    ...{ type: "steps", epoch: 3, firstStep: 9, learningRate: 0.1, stepsPerSecond: 5 },
    ...{ loss: Float64Array.of(1, 1), learningRates: Float64Array.of(0.1, 0.1) },
    ...{ correct: Uint32Array.of(1, 1), sizes: Uint32Array.of(30, 30) },
  });
  progress.bar.clear();
  // Of three times 40 steps 40, 10 and 10 are made; 60 are left, of which the two networks make 10 a second.
  expect(String(stream.read())).toContain(
    "1/3 networks done [========--------] 50%  6.0s left  10 steps/s  best 90.00% (network 1)",
  );
});

it("expects of halved networks what half, a quarter, … of them make", () => {
  const configs = [1, 2, 3, 4].map((seed) => ({ ...small, seed, epochs: 8, backend: "cpu" as const }));
  const whole = createSweep({ configs, dataset });
  const halved = createSweep({ configs, dataset, halving: true });
  expect(halved.rungs).toEqual([2, 4]);
  // Four steps an epoch: all make 8, half of them 8 more, a quarter the other 16.
  expect([expectedSteps(whole, 0), expectedSteps(halved, 0)]).toEqual([32, 8 + 8 / 2 + 16 / 4]);
  expect([expectedSteps(halved, 0, 8), expectedSteps(halved, 0, 16)]).toEqual([8 + 16 / 2, 16]);
});
