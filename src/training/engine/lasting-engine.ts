import type { Split } from "../../data/dataset.ts";
import type { OnKernelsReady } from "../../kernels/lib/steps.ts";
import type { Parameters, Sizes, Slots, TrainingState } from "../../model/parameters.ts";
import type { Inspection } from "../../reference/inspect.ts";
import type { Engine, Predictions, StepMetrics, Submission, TrainingStep } from "./engine.ts";
import { type Call, LastingCalls, type MakeEngine } from "./lasting-calls.ts";

/**
 * An engine that outlasts its device: where one is lost, all that was asked since the state was last read (`readState`) is
 * asked of another engine, which gives the same numbers. Whoever waits for an answer waits a little longer. Once devices were
 * lost too often in a row, or there is no other, that is the answer.
 * @throws whatever `make` does; of losses of devices, only those that are too many
 */
export async function createLastingEngine(make: MakeEngine<Engine>): Promise<Engine> {
  return new LastingEngine(await LastingCalls.begin(make, readState));
}

class LastingEngine implements Engine {
  readonly backend: Engine["backend"];
  readonly device: string;
  readonly sizes: Sizes;
  readonly batchSize: number;
  readonly #calls: LastingCalls<Engine>;

  constructor(calls: LastingCalls<Engine>) {
    const { backend, device, sizes, batchSize } = calls.engine;
    this.#calls = calls;
    this.backend = backend;
    this.device = device;
    this.sizes = sizes;
    this.batchSize = batchSize;
  }

  setParameters(parameters: Parameters, slots: Slots = {}): void {
    void this.#calls.ask(settingState({ parameters, slots }));
  }

  readParameters(): Promise<Parameters> {
    return this.#question((engine) => engine.readParameters());
  }

  readState(): Promise<TrainingState> {
    return this.#calls.ask(readState);
  }

  compileFor(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void> {
    return this.#question(async (engine) => engine.compileFor?.(what, onReady));
  }

  setOrder(order: Uint32Array): void {
    const kept = order.slice();
    void this.#calls.ask({ kind: "order", ask: (engine) => engine.setOrder(kept) });
  }

  train(steps: readonly TrainingStep[]): Submission {
    const kept = [...steps];
    const ask = (engine: Engine) => engine.train(kept).metrics();
    const metrics = this.#calls.ask<StepMetrics>({ kind: "steps", ask });
    return { metrics: () => metrics };
  }

  evaluate(split: Split): Promise<Predictions> {
    return this.#question((engine) => engine.evaluate(split));
  }

  predict(images: Uint8Array): Promise<Float32Array> {
    const kept = images.slice();
    return this.#question((engine) => engine.predict(kept));
  }

  inspect(images: Uint8Array, labels?: Uint8Array, of?: "training" | "evaluation"): Promise<Inspection> {
    const [kept, keptLabels] = [images.slice(), labels?.slice()];
    return this.#question((engine) => engine.inspect(kept, keptLabels, of));
  }

  destroy(): void {
    this.#calls.destroy();
  }

  #question<T>(ask: (engine: Engine) => Promise<T>): Promise<T> {
    return this.#calls.ask({ kind: "question", ask });
  }
}

/** Reads what training changes, and sets it on other engines. */
const readState: Call<Engine> = {
  kind: "question",
  ask: (engine) => engine.readState(),
  becomes: (state) => settingState(state as TrainingState),
};

/** Sets what training changes, whatever becomes of the arrays. */
function settingState(state: TrainingState): Call<Engine> {
  const { parameters, slots } = structuredClone(state);
  return { kind: "state", ask: (engine) => engine.setParameters(parameters, slots) };
}
