import type { OnKernelsReady } from "../kernels/lib/steps.ts";
import { Pacer } from "./pacer.ts";

/** What computes steps, of one network or of several together. */
interface Computes<Step, Metrics> {
  compileFor?(what: "training" | "evaluation", onReady: OnKernelsReady): Promise<void>;
  train(steps: readonly Step[]): { metrics(): Promise<Metrics> };
}

/** How long steps took. */
export interface Times {
  /** Since the answer before, or since the beginning. */
  readonly seconds: number;
  /** Of late. */
  readonly stepsPerSecond: number;
}

/** What steps measured, and how long they took. */
export interface Answer<Metrics> extends Times {
  readonly metrics: Metrics;
}

/** Steps that are to be made, by whoever knows what they are. */
export interface Work<Pending> {
  /** How many may be submitted by now. */
  left(): number;
  /** Whether nothing may follow these steps until they are settled. */
  mayEnd(newest: Pending): boolean;
  /** Whether an evaluation follows the next `steps` steps. */
  evaluatesAfter(steps: number): boolean;
  /** Submits up to `most` steps. */
  submit(most: number): Pending;
  /** Waits for what was submitted first, and reports it. */
  settle(oldest: Pending): Promise<void>;
}

/** How work is done. */
export interface Manner {
  /** Submits no more once it is aborted; what was submitted is settled. */
  readonly signal?: AbortSignal | undefined;
  readonly onCompile: OnKernelsReady;
  /** Milliseconds that one submission should take. */
  readonly targetMs: number;
}

/** An engine's steps, handed over at the pace that suits whatever computes. */
export class PacedSteps<Step, Metrics> {
  readonly #engine: Computes<Step, Metrics>;
  /** Across runs: what it has learnt of the device stays. */
  readonly #pacer = new Pacer();
  #answeredAt = 0;
  /** Whether the kernels of evaluations are compiled. */
  #canEvaluate = false;

  constructor(engine: Computes<Step, Metrics>) {
    this.#engine = engine;
  }

  /** Does all of `work`, with as many submissions under way as keep the engine busy. */
  async run<Pending>(work: Work<Pending>, { signal, onCompile, targetMs }: Manner): Promise<void> {
    const pending: Pending[] = [];
    const settleAll = async () => {
      while (pending.length > 0) await work.settle(pending.shift()!);
    };
    if (work.left() > 0 && !signal?.aborted) await this.#engine.compileFor?.("training", onCompile);
    this.#begin(targetMs);
    while (work.left() > 0 && !signal?.aborted) {
      const newest = pending.at(-1);
      const steps = newest && work.mayEnd(newest) ? 0 : Math.min(this.#pacer.steps, work.left());
      if (steps > 0 && !this.#canEvaluate && work.evaluatesAfter(steps)) {
        await settleAll();
        // Compiling, which may take a minute, is no step.
        if (signal?.aborted) break;
        await this.#engine.compileFor?.("evaluation", onCompile);
        this.#canEvaluate = true;
        this.#begin(targetMs);
      } else if (steps > 0) pending.push(work.submit(steps));
      else await work.settle(pending.shift()!);
    }
    await settleAll();
  }

  /** Submits steps; the pacer hears of their answer when it comes, whoever waits for it. */
  async train(steps: readonly Step[]): Promise<Answer<Metrics>> {
    const handed = this.#pacer.handOver(steps.length);
    const metrics = await this.#engine.train(steps).metrics();
    this.#pacer.answer(handed);
    const now = performance.now();
    const seconds = (now - this.#answeredAt) / 1000;
    this.#answeredAt = now;
    return { metrics, seconds, stepsPerSecond: this.#pacer.stepsPerSecond };
  }

  /** Begins anew with nothing under way. */
  #begin(targetMs: number): void {
    this.#pacer.begin(targetMs);
    this.#answeredAt = performance.now();
  }
}
