import type { Split } from "../../data/dataset.ts";
import type { DeviceLostError, Gpu } from "../../gpu/gpu.ts";
import type { OnKernelsReady } from "../../kernels/lib/steps.ts";
import type { Parameters, Sizes, Slots, TrainingState } from "../../model/parameters.ts";
import type { Inspection } from "../../reference/inspect.ts";
import type { Predictions, StepMetrics } from "./engine.ts";
import type { GroupEngine, GroupStep, GroupSubmission } from "./group-engine.ts";
import { type Call, LastingCalls, type MakeEngine } from "./lasting-calls.ts";

/**
 * A group's engine on `gpu`, and with `reopen` on whatever devices take its place: see `createLastingGroup`.
 * @param make makes it on one of them
 */
export function createGroupOn(
  gpu: Gpu,
  reopen: ((lost: DeviceLostError) => Promise<Gpu>) | undefined,
  make: (gpu: Gpu) => Promise<GroupEngine>,
): Promise<GroupEngine> {
  if (!reopen) return make(gpu);
  return createLastingGroup(async (lost) => make(lost ? await reopen(lost) : gpu));
}

/**
 * A group's engine that outlasts its device: where one is lost, all that was asked since the states were last read
 * (`readStates`) is asked of another engine, which gives the same numbers. Whoever waits for an answer waits a little longer.
 * Once devices were lost too often in a row, or there is no other, that is the answer.
 * @throws whatever `make` does; of losses of devices, only those that are too many
 */
export async function createLastingGroup(make: MakeEngine): Promise<GroupEngine> {
  return new LastingGroup(await LastingCalls.begin(make, readStates));
}

class LastingGroup implements GroupEngine {
  readonly backend: GroupEngine["backend"];
  readonly device: string;
  readonly networks: number;
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #calls: LastingCalls;

  constructor(calls: LastingCalls) {
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
    // Of several networks it leaves what the others were.
    void this.#calls.ask({ kind: this.networks === 1 ? "state" : "change", ask });
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

  predict(images: Uint8Array): Promise<Float32Array[]> {
    const kept = images.slice();
    return this.#question((engine) => engine.predict(kept));
  }

  inspect(
    network: number,
    images: Uint8Array,
    labels?: Uint8Array,
    of?: "training" | "evaluation",
  ): Promise<Inspection> {
    const [kept, keptLabels] = [images.slice(), labels?.slice()];
    return this.#question((engine) => engine.inspect(network, kept, keptLabels, of));
  }

  destroy(): void {
    this.#calls.destroy();
  }

  #question<T>(ask: (engine: GroupEngine) => Promise<T>): Promise<T> {
    return this.#calls.ask({ kind: "question", ask });
  }
}

/** Reads what training changes of every network, and sets it on other engines. */
const readStates: Call = {
  kind: "question",
  ask: (engine) => engine.readStates(),
  becomes: (states) => settingStates(states as TrainingState[]),
};

/** Sets what training changes of every network. */
function settingStates(states: readonly TrainingState[]): Call {
  const kept = structuredClone(states);
  const ask = (engine: GroupEngine) => {
    for (const [network, { parameters, slots }] of kept.entries())
      engine.setParameters(network, parameters, slots);
  };
  return { kind: "state", ask };
}
