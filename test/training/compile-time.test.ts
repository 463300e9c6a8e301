import { expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { openGpu } from "../../src/gpu/gpu.ts";
import { initialise } from "../../src/model/initialise.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { CompileTime } from "../../src/training/compile-time.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { createWebGpuEngine } from "../../src/training/webgpu/webgpu-engine.ts";
import { testAdapter } from "../helpers/gpu.ts";

test("time goes by from the first word to the last kernel, as often as some are compiled", () => {
  let now = 100;
  const time = new CompileTime(() => now);
  expect([time.ms, time.underWay]).toEqual([0, undefined]);
  time.heard(0, 2);
  now = 130;
  expect([time.ms, time.underWay]).toEqual([30, { ready: 0, kernels: 2 }]);
  time.heard(1, 2);
  now = 150;
  time.heard(2, 2);
  now = 1000;
  expect([time.ms, time.underWay]).toEqual([50, undefined]);
  time.heard(0, 1);
  now = 1007;
  time.heard(1, 1);
  expect(time.ms).toBe(57);
});

/** A device of its own, on which nothing is compiled yet. */
const openAnother = async () => openGpu(await testAdapter());
const dataset = builtInDigits({ train: 64, test: 10 });

test("kernels are compiled once for training and once for evaluation, before use, and change nothing", async () => {
  const gpu = await openAnother();
  const sizes = [784, 10, 10];
  const options = { gpu, sizes, batchSize: 16, train: dataset.train, settings: defaultConfig };
  const engine = await createWebGpuEngine({ ...options, kernels: "portable" });
  const initial = initialise(sizes, "article", 1);
  engine.setParameters(initial);
  for (const what of ["training", "evaluation"] as const) {
    const heard: (readonly [number, number])[] = [];
    await engine.compileFor!(what, (ready, kernels) => heard.push([ready, kernels]));
    const [, kernels] = heard[0];
    expect(kernels).toBeGreaterThan(1);
    expect(heard).toEqual(Array.from({ length: kernels + 1 }, (_, ready) => [ready, kernels]));
    await engine.compileFor!(what, () => expect.fail("they are compiled already"));
  }
  expect((await engine.readParameters())[0].weight).toEqual(initial[0].weight);
  engine.destroy();
  gpu.destroy();
});

test("kernels that are being compiled for another engine are waited for", async () => {
  const gpu = await openAnother();
  const options = { gpu, sizes: [784, 10, 10], batchSize: 16, train: dataset.train, settings: defaultConfig };
  const engines = [await createWebGpuEngine(options), await createWebGpuEngine(options)];
  const heard: string[] = [];
  const compiling = engines.map((engine, index) =>
    engine.compileFor!("training", (ready, kernels) => ready === kernels && heard.push(`engine ${index}`)),
  );
  await compiling[1];
  expect(heard).toContain("engine 1");
  await compiling[0];
  expect(heard.sort()).toEqual(["engine 0", "engine 1"]);
  for (const engine of engines) {
    await engine.compileFor!("training", () => expect.fail("they are compiled already"));
    engine.destroy();
  }
  gpu.destroy();
});

test("a trainer compiles what steps need first, and what evaluations need before the first of them", async () => {
  const config = {
    ...defaultConfig,
    kernels: "portable",
    batchSize: 16,
    epochs: 2,
    evaluateEvery: 2,
  } as const;
  const gpu = await openAnother();
  const trainer = await createTrainer({ config, dataset, gpu });
  const happened: string[] = [];
  await trainer.run({
    targetMs: 1,
    onCompile: (ready, kernels) => ready === kernels && happened.push("compiled"),
    onEvent: ({ type }) => happened.push(type),
  });
  expect(happened[0]).toBe("compiled");
  expect(happened.filter((what) => what === "compiled")).toHaveLength(2);
  // After the first epoch, which is not evaluated.
  expect(happened.lastIndexOf("compiled")).toBeGreaterThan(happened.indexOf("epoch"));
  expect(happened.at(-1)).toBe("epoch");
  await trainer.run({ onCompile: () => expect.fail("they are compiled already") });
  trainer.destroy();
  gpu.destroy();
});

test("a trainer that is to pause compiles nothing more", async () => {
  const config = {
    ...defaultConfig,
    kernels: "portable",
    batchSize: 8,
    epochs: 1,
    evaluateEvery: 1,
  } as const;
  const gpu = await openAnother();
  const trainer = await createTrainer({ config, dataset, gpu });
  await trainer.run({ signal: AbortSignal.abort(), onCompile: () => expect.fail("no step is to be made") });
  const pause = new AbortController();
  let compiled = 0;
  await trainer.run({
    signal: pause.signal,
    // A step a submission: only the last one of eight has an evaluation behind it.
    targetMs: 1e-6,
    onCompile: (ready, kernels) => (compiled += Number(ready === kernels)),
    onEvent: (event) => event.type === "steps" && event.firstStep === 7 && pause.abort(),
  });
  expect([compiled, trainer.step]).toEqual([1, 7]);
  trainer.destroy();
  gpu.destroy();
});
