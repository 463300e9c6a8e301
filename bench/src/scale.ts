import { upTo } from "../../src/data/batches.ts";
import { firstImages, imageSize, type Split } from "../../src/data/dataset.ts";
import type { FormName } from "../../src/kernels/forms.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { findGpu, openFound } from "../../src/node/adapter.ts";
import { loadDataset } from "../../src/node/mnist-files.ts";
import { createWebGpuEngine, type WebGpuEngineOptions } from "../../src/training/webgpu/webgpu-engine.ts";
import { handOver } from "./ours.ts";
import { type Spread, spread } from "./statistics.ts";
import { StepClock } from "./step-clock.ts";
import { Turns } from "./waiting.ts";
import {
  type BatchStart,
  batchesFrom,
  flopsPerStep,
  initialParameters,
  StepNumbers,
  type Workload,
  wholeBatches,
  workload,
} from "./workload.ts";

/** How cost grows with one quantity. */
export interface Series {
  readonly title: string;
  /** What grows, for the axis. */
  readonly quantity: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly value: number;
  readonly line: string;
  readonly stepsPerSecond: Spread;
  readonly gigaflops: number;
  readonly imagesPerSecond: number;
}

export type SeriesName = "width" | "depth" | "batch" | "data";

export const seriesNames: readonly SeriesName[] = ["width", "depth", "batch", "data"];

/** One engine to be measured. */
interface Case {
  readonly value: number;
  readonly line: string;
  readonly workload: Workload;
  readonly images: number;
  readonly residency: "resident" | "streamed";
}

/** Images for the series in which their number does not matter: each case has its own copy on the adapter. */
const fewImages = 8192;

const plans: Record<SeriesName, { title: string; quantity: string; cases: Case[] }> = {
  width: {
    title: "784-h-10 at batch 64",
    quantity: "width of the hidden layer",
    cases: [8, 16, 32, 64, 128, 256, 512, 1024, 2048].map((width) => resident(width, workload([width], 64))),
  },
  depth: {
    title: "Hidden layers of 64 at batch 64",
    quantity: "hidden layers",
    cases: [0, 1, 2, 3, 4, 6, 8, 12].map((depth) => resident(depth, workload(Array(depth).fill(64), 64))),
  },
  batch: {
    title: "784-128-10",
    quantity: "batch size",
    cases: [1, 4, 16, 64, 256, 1024, 4096].map((size) => resident(size, workload([128], size))),
  },
  data: {
    title: "784-10-10 at batch 64",
    quantity: "training images",
    cases: [1000, 4000, 15_000, 60_000, 120_000].flatMap((images) =>
      (["resident", "streamed"] as const).map((residency) => ({
        value: images,
        line: residency,
        workload: workload([10], 64),
        images,
        residency,
      })),
    ),
  },
};

function resident(value: number, load: Workload): Case {
  return { value, line: "resident", workload: load, images: fewImages, residency: "resident" };
}

export interface ScaleOptions {
  readonly series: SeriesName;
  readonly rounds: number;
  readonly seconds: number;
  readonly adapter?: string | undefined;
  readonly kernels?: FormName | undefined;
}

/** Measures one series: all its engines are made first, then take turns. */
export async function measureScale({
  series,
  rounds,
  seconds,
  adapter,
  kernels,
}: ScaleOptions): Promise<Series> {
  const { title, quantity, cases } = plans[series];
  const dataset = await loadDataset({ dataset: "auto", notice: () => {} }, { digits: { train: 20_480 } });
  const gpu = await openFound(await findGpu({ adapter }));
  const runs = [];
  for (const entry of cases) {
    const train = repeated(dataset.train, entry.images);
    runs.push(await startCase({ gpu, train, ...(kernels && { kernels }) }, entry));
  }
  const speeds: number[][] = cases.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of runs.entries()) speeds[index].push(await run(seconds));
  }
  gpu.destroy();
  const points = cases.map(({ value, line, workload }, index) => {
    const stepsPerSecond = spread(speeds[index]);
    return {
      value,
      line,
      stepsPerSecond,
      gigaflops: (stepsPerSecond.median * flopsPerStep(workload)) / 1e9,
      imagesPerSecond: stepsPerSecond.median * workload.batchSize,
    };
  });
  return { title, quantity, points };
}

/** Makes an engine and warms it up; what is returned trains it for some seconds and tells the steps per second. */
async function startCase(
  given: Pick<WebGpuEngineOptions, "gpu" | "train" | "kernels">,
  { workload, residency }: Case,
) {
  const { sizes, batchSize } = workload;
  const engine = await createWebGpuEngine({
    ...given,
    sizes,
    batchSize,
    settings: defaultConfig,
    residency,
  });
  engine.setParameters(initialParameters(workload));
  engine.setOrder(upTo(given.train.count));
  const whole = wholeBatches(given.train, workload);
  const clock = new StepClock();
  const numbers = new StepNumbers(workload);
  const turns = new Turns();
  const trainOn = (batches: readonly BatchStart[]) =>
    turns.train(batches, (part) => handOver(engine, numbers.steps(part)));
  let next = 0;
  const train = (count: number) => {
    const batches = batchesFrom(next, count, whole, batchSize);
    next += count;
    return clock.time(count, () => trainOn(batches));
  };
  await trainOn([0]);
  await train(4);
  return async (seconds: number): Promise<number> => {
    const measured = await clock.measure(seconds, train);
    return measured.steps / measured.seconds;
  };
}

/** `count` images: the first ones of `split`, over and over if there are not so many. */
function repeated(split: Split, count: number): Split {
  if (count <= split.count) return firstImages(split, count);
  const images = new Uint8Array(count * imageSize(split));
  const labels = new Uint8Array(count);
  for (let first = 0; first < count; first += split.count) {
    const part = firstImages(split, count - first);
    images.set(part.images, first * imageSize(split));
    labels.set(part.labels, first);
  }
  return { ...split, count, images, labels };
}
