import type { Engine, StepMetrics, TrainingStep } from "./engine.ts";
import { Pacer } from "./pacer.ts";

/** What steps measured, and how long they took. */
export interface Answer extends StepMetrics {
  /** Since the answer before, or since the beginning. */
  readonly seconds: number;
  /** Of late. */
  readonly stepsPerSecond: number;
}

/** An engine's steps, handed over at the pace that suits whatever computes. */
export class PacedSteps {
  readonly #engine: Engine;
  /** Across runs: what it has learnt of the device stays. */
  readonly #pacer = new Pacer();
  #answeredAt = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Begins anew with nothing under way. @param targetMs time that one submission should take */
  begin(targetMs: number): void {
    this.#pacer.begin(targetMs);
    this.#answeredAt = performance.now();
  }

  /** Steps to submit next; none if an answer must be waited for first. */
  get next(): number {
    return this.#pacer.steps;
  }

  /** Submits steps; the pacer hears of their answer when it comes, whoever waits for it. */
  async train(steps: readonly TrainingStep[]): Promise<Answer> {
    const handed = this.#pacer.handOver(steps.length);
    const metrics = await this.#engine.train(steps).metrics();
    this.#pacer.answer(handed);
    const now = performance.now();
    const seconds = (now - this.#answeredAt) / 1000;
    this.#answeredAt = now;
    return { ...metrics, seconds, stepsPerSecond: this.#pacer.stepsPerSecond };
  }
}
