import type { EpochEvent, Evaluation, StepsEvent, TrainingEvent } from "../training/events.ts";
import type { Observer } from "./observer.ts";

/** Mean cross-entropy in nats and fraction correct. */
export interface Figures {
  readonly loss: number;
  readonly accuracy: number;
}

/** What metrics.jsonl and `--json` say of an epoch. */
export interface EpochRecord extends Figures {
  readonly event: "epoch";
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Steps since training began. */
  readonly steps: number;
  readonly learningRate: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** There if training stopped inside the epoch: the figures are those of the steps that were made. */
  readonly unfinished?: true;
  /** The test split's figures, where they were asked for. */
  readonly test?: Figures;
}

/** The last line of metrics.jsonl, and of `--json`. */
export interface EndRecord {
  readonly event: "end";
  readonly reason: "finished" | "interrupted" | "diverged";
  readonly steps: number;
  /** From the first step to the last. */
  readonly seconds: number;
  readonly network: string;
  readonly dataset: string;
  /** Figures of the weights that were kept. */
  readonly test: Figures;
  /** The run folder. */
  readonly folder: string;
}

/** The figures of an evaluation, without its predictions. */
export function figuresOf({ loss, accuracy }: Evaluation): Figures {
  return { loss, accuracy };
}

/** Turns the events of training into one record an epoch; an epoch that was not finished gives one at the end. */
export class EpochLog implements Observer {
  readonly epochs: EpochRecord[] = [];
  /** What the last epoch's evaluation found, if it was evaluated. */
  lastTest: { readonly steps: number; readonly evaluation: Evaluation } | undefined;
  readonly #onRecord: (record: EpochRecord) => void;
  #unfinished = nothing;

  constructor(onRecord: (record: EpochRecord) => void) {
    this.#onRecord = onRecord;
  }

  handle(event: TrainingEvent): void {
    if (event.type === "steps") this.#addSteps(event);
    else this.#endEpoch(event);
  }

  /** Training has stopped. */
  stop(): void {
    const { samples, loss, correct, made, ...rest } = this.#unfinished;
    if (samples === 0) return;
    this.#unfinished = nothing;
    this.#add({
      event: "epoch",
      ...rest,
      loss: loss / samples,
      accuracy: correct / samples,
      stepsPerSecond: made / rest.seconds,
      unfinished: true,
    });
  }

  #addSteps({ epoch, firstStep, loss, correct, sizes, learningRate, stepsPerSecond }: StepsEvent): void {
    const sums = { ...this.#unfinished };
    sizes.forEach((size, index) => {
      sums.samples += size;
      sums.loss += loss[index] * size;
      sums.correct += correct[index];
    });
    sums.made += sizes.length;
    sums.seconds += sizes.length / stepsPerSecond;
    this.#unfinished = { ...sums, epoch, steps: firstStep + sizes.length - 1, learningRate };
  }

  #endEpoch({ type, test, ...figures }: EpochEvent): void {
    this.#unfinished = nothing;
    if (test) this.lastTest = { steps: figures.steps, evaluation: test };
    this.#add({ event: type, ...figures, ...(test && { test: figuresOf(test) }) });
  }

  #add(record: EpochRecord): void {
    this.epochs.push(record);
    this.#onRecord(record);
  }
}

/** The sums of an epoch of which nothing was seen yet. */
const nothing = {
  epoch: 0,
  steps: 0,
  learningRate: 0,
  seconds: 0,
  made: 0,
  samples: 0,
  loss: 0,
  correct: 0,
};
