import type { Split } from "../../data/dataset.ts";
import type { TrainingState } from "../../model/parameters.ts";
import { type CpuEngineOptions, createCpuEngine } from "../../training/engine/cpu-engine.ts";
import type { Engine, TrainingStep } from "../../training/engine/engine.ts";

/* The reference engine, away from the page's thread: each of its calls does all its work before it returns. */

let engine: Engine;
const splits: Split[] = [];

/** What to look into. */
interface Inspected {
  readonly images: Uint8Array;
  readonly labels: Uint8Array | undefined;
  readonly of: "training" | "evaluation";
}

export const cpuFunctions = {
  create(options: CpuEngineOptions): void {
    engine = createCpuEngine(options);
  },
  setParameters: ({ parameters, slots }: TrainingState) => engine.setParameters(parameters, slots),
  readParameters: (_: undefined) => engine.readParameters(),
  readState: (_: undefined) => engine.readState(),
  setOrder: (order: Uint32Array) => engine.setOrder(order),
  train: (steps: readonly TrainingStep[]) => engine.train(steps).metrics(),
  /** Keeps a split for `evaluate`, which names it by its place, instead of another one that was there. */
  keepSplit({ split, place }: { split: Split; place: number }): void {
    splits[place] = split;
  },
  evaluate: (split: number) => engine.evaluate(splits[split]),
  predict: (images: Uint8Array) => engine.predict(images),
  inspect: ({ images, labels, of }: Inspected) => engine.inspect(images, labels, of),
};

export type CpuFunctions = typeof cpuFunctions;
