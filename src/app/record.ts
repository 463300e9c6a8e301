import type { Config } from "../model/settings.ts";
import { addStep, type EpochSums, epochFigures, noSums } from "../training/epoch-sums.ts";
import type { Evaluation, StepsEvent } from "../training/events.ts";
import type { RecordState } from "./autosave/record-state.ts";
import { StepSeries } from "./step-series.ts";

/** A learning rate in at most three digits. */
export function rateText(rate: number): string {
  return String(Number(rate.toPrecision(3)));
}

/** An epoch's figures over its mini-batches, as they were trained on. */
export interface EpochRow {
  readonly epoch: number;
  /** Steps since training began. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** Figures of evaluated images after `step` steps. */
export interface EvaluationRow {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** What one run of training measured: what charts and tables show, and what stays of it for comparison. */
export class RunRecord {
  /** What the run is called: it counts from 1 in a session; 0 until it has its network. */
  number = 0;
  /** Whether charts leave it out, once it is an earlier one. */
  hidden = false;
  readonly series = new StepSeries();
  readonly epochs: EpochRow[] = [];
  /** Of the test split, or of the validation images if there are any. */
  readonly evaluations: EvaluationRow[] = [];
  /** Figures of the test split when training was finished, where the evaluations are of validation images. */
  final: EvaluationRow | undefined;
  /** Whether the learning rate is another one at times. */
  rateChanges = false;
  /** Seconds spent training. */
  seconds = 0;
  /** Whether steps were made under settings, or with images, other than those that it has now. */
  steered = false;
  /** Steps a second, lately. */
  stepsPerSecond = 0;
  /** Of the epoch under way, without the time. */
  #sums: EpochSums = noSums;
  #firstRate: number | undefined;

  constructor(
    /** The settings of the run; live ones as they were last. */
    readonly config: Config,
    /** Widths of the network, as prose writes them. */
    readonly network: string,
    readonly stepsPerEpoch: number,
    /** Where its weights came from if they were not initialised: a file's name, or where else. */
    readonly loadedFrom?: string,
  ) {}

  /** Share of samples that were classified correctly, in the epoch under way; of the last one where none is. */
  get epochAccuracy(): number | undefined {
    return this.#sums.samples > 0 ? epochFigures(this.#sums).accuracy : this.epochs.at(-1)?.accuracy;
  }

  /** The record whose state was saved as `state`. */
  static restored(config: Config, state: RecordState): RunRecord {
    const record = new RunRecord(config, state.network, state.stepsPerEpoch, state.loadedFrom);
    record.series.restore(state.series);
    for (const epoch of state.epochs) record.epochs.push(epoch);
    for (const evaluation of state.evaluations) record.evaluations.push(evaluation);
    record.final = state.final;
    record.rateChanges = state.rateChanges;
    record.steered = state.steered;
    record.#firstRate = state.firstRate;
    record.#sums = { ...noSums, ...state.sums };
    return record;
  }

  /** What it measured, to be saved. */
  get state(): RecordState {
    const { network, stepsPerEpoch, loadedFrom, series, epochs, evaluations, final } = this;
    const { loss, correct, samples } = this.#sums;
    return {
      ...{ network, stepsPerEpoch, loadedFrom, epochs, evaluations, final },
      series: series.state,
      sums: { loss, correct, samples },
      firstRate: this.#firstRate,
      rateChanges: this.rateChanges,
      steered: this.steered,
    };
  }

  addSteps({ firstStep, loss, correct, sizes, learningRates, stepsPerSecond }: StepsEvent): void {
    for (const [index, value] of loss.entries())
      this.#addStep(firstStep + index, value, correct[index], sizes[index], learningRates[index]);
    this.stepsPerSecond = stepsPerSecond;
  }

  addEvaluation(step: number, { loss, accuracy }: Evaluation): void {
    if (step > (this.evaluations.at(-1)?.step ?? -1)) this.evaluations.push({ step, loss, accuracy });
  }

  #addStep(step: number, loss: number, correct: number, samples: number, learningRate: number): void {
    // After a lost device training goes on from a step before the last: these steps are here already.
    if (step <= this.series.last) return;
    this.series.add(step, loss, correct, samples, learningRate);
    this.#firstRate ??= learningRate;
    this.rateChanges ||= learningRate !== this.#firstRate;
    this.#sums = addStep(this.#sums, { size: samples, learningRate }, loss, correct);
    if (step % this.stepsPerEpoch !== 0) return;
    const { loss: mean, accuracy } = epochFigures(this.#sums);
    this.epochs.push({ epoch: step / this.stepsPerEpoch, step, loss: mean, accuracy });
    this.#sums = noSums;
  }
}
