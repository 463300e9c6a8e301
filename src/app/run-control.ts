import type { TrainingEvent } from "../training/events.ts";
import type { Trainer, RunOptions as TrainerRunOptions } from "../training/trainer.ts";
import { Signal } from "./signal.ts";

/** `recovering`: a lost device is being replaced. */
export type Phase = "idle" | "training" | "recovering";

/** Where training pauses by itself. */
export type Until = "step" | "epoch" | "end";

interface RunOptions extends Pick<TrainerRunOptions, "onSubmit"> {
  readonly until: Until;
  readonly onEvent: (event: TrainingEvent) => void;
  /** Called with the seconds that it took, just before training is at rest. */
  readonly spent: (seconds: number) => void;
}

/** Milliseconds that one submission should take: with two under way, a drawn digit waits for at most twice that. */
const submissionMs = 20;

/** Starts and stops trainers, one at a time, and knows for how long one has been at work. */
export class RunControl {
  /** The phase is another one. */
  readonly changed = new Signal();
  #phase: Phase = "idle";
  #stop = new AbortController();
  #run: Promise<unknown> = Promise.resolve();
  #startedAt = 0;
  #steps = 0;

  get phase(): Phase {
    return this.#phase;
  }

  set phase(phase: Phase) {
    this.#phase = phase;
    this.changed.emit();
  }

  /** Whether no step is done yet of those that were started. */
  get starting(): boolean {
    return this.#phase === "training" && this.#steps === 0;
  }

  /** Seconds since training was started; 0 at rest. */
  get seconds(): number {
    return this.#phase === "training" ? (performance.now() - this.#startedAt) / 1000 : 0;
  }

  /** Trains until it pauses; resolves, at rest, with what training failed of, if it did. */
  run(trainer: Trainer, how: RunOptions): Promise<unknown> {
    const run = this.#train(trainer, how);
    this.#run = run;
    return run;
  }

  /** Resolves when the steps under way are done. */
  async halt(): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }

  async #train(trainer: Trainer, { until, onEvent, spent, ...others }: RunOptions): Promise<unknown> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#startedAt = performance.now();
    this.#steps = 0;
    this.phase = "training";
    const heard = (event: TrainingEvent) => {
      if (event.type === "steps") this.#steps += event.loss.length;
      onEvent(event);
    };
    let failure: unknown;
    try {
      await trainer.run({ until, signal, onEvent: heard, targetMs: submissionMs, ...others });
    } catch (error) {
      failure = error;
    }
    spent(this.seconds);
    this.phase = "idle";
    return failure;
  }
}
