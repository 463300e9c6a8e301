import type { Parameters, TrainingState } from "../model/parameters.ts";
import type { Engine } from "./engine/engine.ts";
import { handled } from "./handled.ts";

/** Has an engine hold the best weights, and the last ones again. */
export class BestWeights {
  readonly #engine: Engine;
  #last: Promise<TrainingState> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** What training goes on from while the engine holds the best weights; undefined while it holds that itself. */
  get last(): Promise<TrainingState> | undefined {
    return this.#last;
  }

  /** Puts `parameters` into the engine, and what it held aside; does nothing if that was done. */
  async install(parameters: Parameters): Promise<void> {
    if (this.#last) return;
    this.#last = handled(this.#engine.readState());
    this.#engine.setParameters(parameters);
    await this.#last;
  }

  /** Puts back what was set aside, if anything was. */
  async remove(): Promise<void> {
    if (!this.#last) return;
    const { parameters, slots } = await this.#last;
    this.#engine.setParameters(parameters, slots);
    this.#last = undefined;
  }
}
