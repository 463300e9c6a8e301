import type { Split } from "../../data/dataset.ts";
import type { OnKernelsReady } from "../../kernels/lib/steps.ts";
import type { Parameters, Sizes, Slots, TrainingState } from "../../model/parameters.ts";
import type { Predictions, StepMetrics } from "./engine.ts";
import type { GroupEngine, GroupStep, GroupSubmission } from "./group-engine.ts";
import { type Call, LastingCalls, type MakeEngine } from "./lasting-calls.ts";

/** A group's engine that outlasts its device: see `createLastingEngine`. */
export async function createLastingGroup(make: MakeEngine<GroupEngine>): Promise<GroupEngine> {
  return new LastingGroup(await LastingCalls.begin(make, readStates));
}

class LastingGroup implements GroupEngine {
  readonly backend: GroupEngine["backend"];
  readonly device: string;
  readonly networks: number;
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #calls: LastingCalls<GroupEngine>;

  constructor(calls: LastingCalls<GroupEngine>) {
    const { backend, device, networks, sizes, batchSize } = calls.engine;
    this.#calls = calls;
    this.backend = backend;
    this.device = device;
    this.networks = networks;
    this.sizes = sizes;
    this.batchSize = batchSize;
  }

  setParameters(network: number, parameters: Parameters, slots: Slots = {}): void {
    const kept = structuredClone({ parameters, slots });
    const ask = (engine: GroupEngine) => engine.setParameters(network, kept.parameters, kept.slots);
    void this.#calls.ask({ kind: "change", ask });
  }

  readParameters(): Promise<Parameters[]> {
    return this.#question((engine) => engine.readParameters());
  }

  readStates(): Promise<TrainingState[]> {
    return this.#calls.ask(readStates);
  }

  compileFor(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void> {
    return this.#question(async (engine) => engine.compileFor?.(what, onReady));
  }

  setOrders(orders: readonly Uint32Array[]): void {
    const kept = orders.map((order) => order.slice());
    void this.#calls.ask({ kind: "order", ask: (engine) => engine.setOrders(kept) });
  }

  train(steps: readonly GroupStep[]): GroupSubmission {
    const kept = [...steps];
    const ask = (engine: GroupEngine) => engine.train(kept).metrics();
    const metrics = this.#calls.ask<StepMetrics[]>({ kind: "steps", ask });
    return { metrics: () => metrics };
  }

  evaluate(split: Split): Promise<Predictions[]> {
    return this.#question((engine) => engine.evaluate(split));
  }

  destroy(): void {
    this.#calls.destroy();
  }

  #question<T>(ask: (engine: GroupEngine) => Promise<T>): Promise<T> {
    return this.#calls.ask({ kind: "question", ask });
  }
}

/** Reads what training changes of every network, and sets it on other engines. */
const readStates: Call<GroupEngine> = {
  kind: "question",
  ask: (engine) => engine.readStates(),
  becomes: (states) => settingStates(states as TrainingState[]),
};

/** Sets what training changes of every network. */
function settingStates(states: readonly TrainingState[]): Call<GroupEngine> {
  const kept = structuredClone(states);
  const ask = (engine: GroupEngine) => {
    for (const [network, { parameters, slots }] of kept.entries())
      engine.setParameters(network, parameters, slots);
  };
  return { kind: "state", ask };
}
