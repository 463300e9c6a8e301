import type { Split } from "../../data/dataset.ts";
import type { Parameters, Sizes, Slots, TrainingState } from "../../model/parameters.ts";
import type { Inspection } from "../../reference/inspect.ts";
import type { CpuEngineOptions } from "../../training/engine/cpu-engine.ts";
import {
  type Engine,
  keptSplits,
  type Predictions,
  type Submission,
  type TrainingStep,
} from "../../training/engine/engine.ts";
import { checkParameters, checkSlots, checkSplit } from "../../training/engine/engine-checks.ts";
import { startWorker, type WorkerCalls } from "./calls.ts";
import type { CpuFunctions } from "./cpu.ts";

/**
 * The reference engine in a worker of its own, so that the page stays responsive however long a step takes.
 * @throws UserError if the network does not fit the training images
 */
export function createWorkerCpuEngine(options: CpuEngineOptions): Engine {
  checkSplit(options.train, options.sizes);
  return new WorkerCpuEngine(options);
}

class WorkerCpuEngine implements Engine {
  readonly backend = "cpu";
  readonly device = "CPU reference (float64)";
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #calls: WorkerCalls<CpuFunctions>;
  /** Where the worker keeps splits, in the order in which they were evaluated last. */
  readonly #places = new Map<Split, number>();
  /** The first failure of a call that nobody waits for: told by the next one that somebody does. */
  #failure: Error | undefined;
  #destroyed = false;

  constructor(options: CpuEngineOptions) {
    this.sizes = options.sizes;
    this.batchSize = options.batchSize;
    this.#calls = startWorker();
    this.#tell("create", options);
  }

  setParameters(parameters: Parameters, slots: Slots = {}): void {
    checkParameters(parameters, this.sizes);
    checkSlots(slots, this.sizes);
    this.#tell("setParameters", { parameters, slots });
  }

  readParameters(): Promise<Parameters> {
    return this.#ask("readParameters", undefined);
  }

  readState(): Promise<TrainingState> {
    return this.#ask("readState", undefined);
  }

  setOrder(order: Uint32Array): void {
    this.#tell("setOrder", order);
  }

  train(steps: readonly TrainingStep[]): Submission {
    const metrics = this.#ask("train", steps);
    // Whoever never asks for the metrics must not be told of a failure as an unhandled rejection.
    metrics.catch(() => {});
    return { metrics: () => metrics };
  }

  evaluate(split: Split): Promise<Predictions> {
    const known = this.#places.get(split);
    const place = known ?? this.#freePlace();
    if (known === undefined) this.#tell("keepSplit", { split, place });
    // The last one of them now.
    this.#places.delete(split);
    this.#places.set(split, place);
    return this.#ask("evaluate", place);
  }

  /** A place for another split: where there is none left, that of the one which was evaluated longest ago. */
  #freePlace(): number {
    if (this.#places.size < keptSplits) return this.#places.size;
    const [[oldest, place]] = this.#places;
    this.#places.delete(oldest);
    return place;
  }

  predict(images: Uint8Array): Promise<Float32Array> {
    return this.#ask("predict", images);
  }

  inspect(
    images: Uint8Array,
    labels?: Uint8Array,
    of: "training" | "evaluation" = "training",
  ): Promise<Inspection> {
    return this.#ask("inspect", { images, labels, of });
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#calls.end();
  }

  async #ask<Name extends keyof CpuFunctions & string>(
    name: Name,
    argument: globalThis.Parameters<CpuFunctions[Name]>[0],
  ): Promise<Awaited<ReturnType<CpuFunctions[Name]>>> {
    const result = this.#call(name, argument);
    try {
      return await result;
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  #tell<Name extends keyof CpuFunctions & string>(
    name: Name,
    argument: globalThis.Parameters<CpuFunctions[Name]>[0],
  ): void {
    this.#call(name, argument).catch((error: Error) => {
      this.#failure ??= error;
    });
  }

  #call<Name extends keyof CpuFunctions & string>(
    name: Name,
    argument: globalThis.Parameters<CpuFunctions[Name]>[0],
  ) {
    if (this.#destroyed) throw new Error("the engine was used after destroy()");
    return this.#calls.call(name, argument);
  }
}
