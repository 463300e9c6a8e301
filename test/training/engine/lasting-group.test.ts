import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { DeviceLostError } from "../../../src/gpu/gpu.ts";
import { initialise } from "../../../src/model/initialise.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { createCpuEngine } from "../../../src/training/engine/cpu-engine.ts";
import { engineOf, groupOf } from "../../../src/training/engine/group-engine.ts";
import { createLastingGroup } from "../../../src/training/engine/lasting-group.ts";
import { odd } from "./engine-fixture.ts";
import { describeEngine } from "./engine-suite.ts";

// Nothing is computed here: what the reference computes comes through. Losses of devices are in test/faults/losses.test.ts.
const exact = { atol: 1e-9, rtol: 1e-9, reason: "the golden networks were computed in float64 too" };
const tolerances = {
  parameters: exact,
  loss: exact,
  imageLoss: { atol: 1e-6, rtol: 1e-6, reason: "losses of single images are handed out in float32" },
  probabilities: { atol: 1e-6, rtol: 1e-6, reason: "probabilities are handed out in float32" },
};

describeEngine(
  "an engine that outlasts its device",
  async (options) => engineOf(await createLastingGroup(async () => groupOf([createCpuEngine(options)]))),
  tolerances,
);

describe("an engine whose device is lost while calls are pending", () => {
  const sizes = [25, 6, 10];
  /** Engines of the reference, of which the first loses its device as each of its calls for parameters has waited so long. */
  const losing = async (...delays: number[]) => {
    const engines: { destroy: ReturnType<typeof vi.fn>; train: ReturnType<typeof vi.fn> }[] = [];
    const { train, batchSize } = odd;
    const group = await createLastingGroup(async () => {
      const made = createCpuEngine({ sizes, batchSize, train, settings: defaultConfig });
      if (engines.length === 0)
        made.readParameters = async () => {
          await sleep(delays.shift());
          throw new DeviceLostError("the device was lost");
        };
      const spied = (method: "destroy" | "train") => vi.spyOn(made, method) as ReturnType<typeof vi.fn>;
      engines.push({ destroy: spied("destroy"), train: spied("train") });
      return groupOf([made]);
    });
    const engine = engineOf(group);
    engine.setParameters(initialise(sizes, "article", 1));
    const calls = (of: "destroy" | "train") => () => engines.map((made) => made[of].mock.calls.length);
    return { engine, destroyed: calls("destroy"), asked: calls("train") };
  };

  test("is replaced once, however late the lost device says so of the others", async () => {
    const { engine, destroyed } = await losing(1, 50);
    const answers = await Promise.all([engine.readParameters(), engine.readParameters()]);
    expect(answers[1]).toEqual(answers[0]);
    await sleep(100);
    expect(destroyed()).toEqual([1, 0]);
    expect(await engine.readParameters()).toEqual(answers[0]);
  });

  test("is replaced by one that is asked little, however much was asked and never read", async () => {
    const { engine, asked } = await losing(1);
    engine.setOrder(odd.order);
    for (let step = 0; step < 1000; step++) await engine.train([{ ...odd.windows[0], number: 1 }]).metrics();
    await engine.readParameters();
    expect(asked()[0]).toBe(1000);
    expect(asked()[1]).toBeLessThan(300);
  });

  test("is not replaced once it is destroyed: they are rejected", async () => {
    const { engine, destroyed } = await losing(1);
    const answer = engine.readParameters();
    engine.destroy();
    await expect(answer).rejects.toThrow("the device was lost");
    await sleep(50);
    expect(destroyed()).toEqual([1]);
    expect(() => engine.setOrder(odd.order)).toThrow("after destroy()");
  });
});
