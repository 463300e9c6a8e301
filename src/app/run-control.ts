import type { OnKernelsReady } from "../kernels/lib/steps.ts";
import { CompileTime } from "../training/compile-time.ts";
import type { TrainingEvent } from "../training/events.ts";
import type { RunOptions as TrainerRunOptions } from "../training/run-options.ts";
import type { Trainer } from "../training/trainer.ts";
import { Signal } from "./signal.ts";

/** `recovering`: a lost device is being replaced. */
export type Phase = "idle" | "training" | "recovering";

/** Where training pauses by itself: a number is one of steps since it began. */
export type Until = NonNullable<TrainerRunOptions["until"]>;

interface RunOptions extends Pick<TrainerRunOptions, "onSubmit"> {
  readonly until: Until;
  readonly onEvent: (event: TrainingEvent) => void;
  /** Called with the seconds that it took, just before training is at rest. */
  readonly spent: (seconds: number) => void;
}

/** The event with which that is reached; the end is where training ends. */
const reachedWith: Readonly<Partial<Record<Until, TrainingEvent["type"]>>> = {
  step: "steps",
  epoch: "epoch",
};

/** Milliseconds that one submission should take: with two under way, a drawn digit waits for at most twice that. */
const submissionMs = 20;

/** Starts and stops trainers, one at a time, and knows for how long one has been at work. */
export class RunControl {
  /** The phase is another one. */
  readonly changed = new Signal();
  #phase: Phase = "idle";
  #left: Until | undefined;
  #stop = new AbortController();
  #run: Promise<unknown> = Promise.resolve();
  #startedAt = 0;
  #steps = 0;
  #compileTime = new CompileTime();

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

  /** Where training that was started, and not told to halt since, has still to get to. */
  get left(): Until | undefined {
    return this.#stop.signal.aborted ? undefined : this.#left;
  }

  /** The kernels that are being compiled at their first use, if any are. */
  get compiling(): CompileTime["underWay"] {
    return this.#compileTime.underWay;
  }

  /** Seconds since training was started, without those in which kernels were compiled; 0 at rest. */
  get seconds(): number {
    if (this.#phase !== "training") return 0;
    return (performance.now() - this.#startedAt - this.#compileTime.ms) / 1000;
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
    this.#left = until;
    this.#startedAt = performance.now();
    this.#steps = 0;
    this.#compileTime = new CompileTime();
    const { heard: kernelsReady } = this.#compileTime;
    this.phase = "training";
    const heard = (event: TrainingEvent) => {
      if (event.type === "steps") this.#steps += event.loss.length;
      if (event.type === reachedWith[until]) this.#left = undefined;
      onEvent(event);
    };
    let failure: unknown;
    try {
      const onCompile: OnKernelsReady = (ready, kernels) => {
        kernelsReady(ready, kernels);
        this.changed.emit();
      };
      await trainer.run({ until, signal, onEvent: heard, onCompile, targetMs: submissionMs, ...others });
    } catch (error) {
      failure = error;
    }
    spent(this.seconds);
    this.phase = "idle";
    return failure;
  }
}
