import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { openGpu } from "../../src/gpu/gpu.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { report } from "../faults/reliability.ts";
import { testAdapter } from "../helpers/gpu.ts";
import { growthOf, type Point } from "./slope.ts";

/*
 * What a process takes while it trains for long, and makes and destroys much: memory, GPU buffers, handles. STEPS and CYCLES are
 * how much of it, where there is little time.
 */

const steps = Number(process.env.STEPS ?? 300_000);
const cycles = Number(process.env.CYCLES ?? 200);
const samples = 60;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Counts buffers that a device has been asked for and that were not destroyed. */
function countBuffers(device: GPUDevice): { live: number } {
  const count = { live: 0 };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let isLive = true;
    count.live++;
    buffer.destroy = () => {
      count.live -= Number(isLive);
      isLive = false;
      return destroy();
    };
    return buffer;
  };
  return count;
}

/** What a process takes, as of now. */
class Readings {
  readonly #resident: Point[] = [];
  readonly #handles: number[] = [];

  async take(at: number): Promise<void> {
    // What was found to be garbage is given back by native code in later turns.
    for (let turn = 0; turn < 3; turn++) {
      collectGarbage();
      await sleep(1);
    }
    this.#resident.push([at, process.memoryUsage.rss() / 2 ** 20]);
    this.#handles.push(process.getActiveResourcesInfo().length);
  }

  /** Growth over all of it, in MB, and its standard error; throws if it is more than it should be. */
  growth(mostMegabytes: number) {
    const handles = this.#handles.slice(Math.floor(this.#handles.length / 4));
    expect(Math.max(...handles) - handles[0], "handles").toBeLessThanOrEqual(2);
    const { growth, error } = growthOf(this.#resident);
    expect(growth - 2 * error, `growth in MB, +- ${error}`).toBeLessThan(mostMegabytes);
    return { "growth, MB": growth, "its error, MB": error };
  }
}

const dataset = builtInDigits({ train: 2000, test: 200 });

test.each(["webgpu", "cpu"] as const)("steps of one run, %s", async (backend) => {
  const gpu = await openGpu(await testAdapter());
  const buffers = countBuffers(gpu.device);
  const config: Config = {
    ...defaultConfig,
    ...{ backend, steps, epochs: 1_000_000, batchSize: backend === "cpu" ? 4 : 16, evaluateEvery: 50 },
  };
  const trainer = await createTrainer({ config, dataset, gpu });
  const readings = new Readings();
  const live = buffers.live;
  for (let reading = 1; !trainer.finished; reading++) {
    const pause = new AbortController();
    await trainer.run({
      signal: pause.signal,
      onEvent(event) {
        if (event.type === "steps" && event.firstStep >= (reading * steps) / samples) pause.abort();
      },
    });
    await readings.take(trainer.step);
  }
  const growth = readings.growth(8);
  // What an evaluation of the test split took when it was first made stays.
  expect(buffers.live - live).toBeLessThanOrEqual(8);
  trainer.destroy();
  expect(buffers.live).toBe(0);
  gpu.destroy();
  await report("endurance", `steps of one run, ${backend}`, { tried: steps, ...growth });
});

test("networks of several sizes, made and destroyed on one device", async () => {
  const gpu = await openGpu(await testAdapter());
  const buffers = countBuffers(gpu.device);
  const readings = new Readings();
  for (let cycle = 0; cycle < cycles; cycle++) {
    const hidden = [[10], [300, 40], [64], []][cycle % 4];
    const trainer = await createTrainer({ config: { ...defaultConfig, hidden, steps: 20 }, dataset, gpu });
    await trainer.run();
    await trainer.evaluate();
    trainer.destroy();
    expect(buffers.live).toBe(0);
    await readings.take(cycle);
  }
  gpu.destroy();
  await report("endurance", "networks made and destroyed", { tried: cycles, ...readings.growth(8) });
});

test("devices opened, trained on and destroyed", async () => {
  const readings = new Readings();
  const count = Math.ceil(cycles / 4);
  for (let cycle = 0; cycle < count; cycle++) {
    const gpu = await openGpu(await testAdapter());
    const config = { ...defaultConfig, steps: 20, kernels: "portable" } as const;
    const trainer = await createTrainer({ config, dataset, gpu });
    await trainer.run();
    trainer.destroy();
    gpu.destroy();
    await readings.take(cycle);
  }
  await report("endurance", "devices opened and destroyed", { tried: count, ...readings.growth(16) });
});
