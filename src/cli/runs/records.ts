import { epochFigures } from "../../training/epoch-sums.ts";
import type { EpochEvent, Evaluation, TrainingEvent } from "../../training/events.ts";
import type { EpochScore } from "../../training/selection.ts";
import type { Trainer } from "../../training/trainer.ts";
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
  /** Of the last step. */
  readonly learningRate: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** There if training stopped inside the epoch: the figures are those of the steps that were made. */
  readonly unfinished?: true;
  /** Figures of the test split, or of the validation images if there are any, where they were asked for. */
  readonly test?: Figures;
  readonly validation?: Figures;
}

/** The last line of metrics.jsonl, and of `--json`. */
export interface EndRecord {
  readonly event: "end";
  /** `halved`: it was among the worse half of its sweep when networks were compared. */
  readonly reason: "finished" | "stopped early" | "interrupted" | "diverged" | "halved";
  readonly steps: number;
  /** From the first step to the last. */
  readonly seconds: number;
  readonly network: string;
  readonly dataset: string;
  /** The best evaluation of the validation images. */
  readonly best?: EpochScore;
  /** Figures of the weights that were kept; of a sweep's networks only the one that it chose has seen the test split. */
  readonly test?: Figures;
  /** The run folder. */
  readonly folder: string;
}

/** The end of a run that has seen the test split. */
export type TestedEnd = EndRecord & Required<Pick<EndRecord, "test">>;

/** The figures of an evaluation, without its predictions. */
export function figuresOf({ loss, accuracy }: Evaluation): Figures {
  return { loss, accuracy };
}

/** Seconds of all epochs together; a record that was read may have no number of them. */
export function secondsOf(epochs: readonly EpochRecord[]): number {
  return epochs.reduce((sum, { seconds }) => sum + (Number.isFinite(seconds) ? seconds : 0), 0);
}

/** The record of an epoch that has ended. */
export function epochRecordOf({ type, test, validation, ...figures }: EpochEvent): EpochRecord {
  return {
    event: type,
    ...figures,
    ...(test && { test: figuresOf(test) }),
    ...(validation && { validation: figuresOf(validation) }),
  };
}

/** Turns the ends of epochs into one record each; an epoch that was not finished gives one when training stops. */
export class EpochLog implements Observer {
  readonly epochs: EpochRecord[];
  /** What the last epoch's evaluation of the test split found, if there was one. */
  lastTest: { readonly steps: number; readonly evaluation: Evaluation } | undefined;
  readonly #trainer: Pick<Trainer, "position" | "stepsPerEpoch">;
  readonly #onRecord: (record: EpochRecord) => void;

  /** @param earlier records of the epochs before, if training goes on */
  constructor(
    trainer: Pick<Trainer, "position" | "stepsPerEpoch">,
    onRecord: (record: EpochRecord) => void,
    earlier: readonly EpochRecord[] = [],
  ) {
    this.#trainer = trainer;
    this.#onRecord = onRecord;
    this.epochs = [...earlier];
  }

  handle(event: TrainingEvent): void {
    if (event.type === "epoch") this.#endEpoch(event);
  }

  stop(): void {
    const { position, stepsPerEpoch } = this.#trainer;
    const { step, sums } = position;
    if (sums.steps === 0) return;
    const epoch = Math.ceil(step / stepsPerEpoch);
    this.#add({ event: "epoch", epoch, steps: step, ...epochFigures(sums), unfinished: true });
  }

  #endEpoch(event: EpochEvent): void {
    const { steps, test } = event;
    if (test) this.lastTest = { steps, evaluation: test };
    this.#add(epochRecordOf(event));
  }

  #add(record: EpochRecord): void {
    this.epochs.push(record);
    this.#onRecord(record);
  }
}
