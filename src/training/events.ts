import { UserError } from "../errors.ts";
import type { Predictions } from "./engine/engine.ts";

/** What happens while training, in order. */
export type TrainingEvent = StepsEvent | EpochEvent;

/** A run of steps is done. */
export interface StepsEvent {
  readonly type: "steps";
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Number of the first of the steps since training began, from 1. */
  readonly firstStep: number;
  /** Mean loss and number correct of each step, measured before its update, and how many samples it had. */
  readonly loss: Float64Array;
  readonly correct: Uint32Array;
  readonly sizes: Uint32Array;
  /** Of the last of the steps, and of each. */
  readonly learningRate: number;
  readonly learningRates: Float64Array;
  /** Over the last two seconds, or the last few submissions if they take longer. */
  readonly stepsPerSecond: number;
}

/** An epoch is done. */
export interface EpochEvent {
  readonly type: "epoch";
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Steps since training began. */
  readonly steps: number;
  /** Mean loss and fraction correct over the epoch's mini-batches, as they were trained on. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /**
   * Seconds that the epoch took, without those in which kernels were compiled by implementations that do so at their first use;
   * steps per second within it.
   */
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** Figures of the test split, or of the validation images if there are any, where the config asks for them. */
  readonly test?: Evaluation;
  readonly validation?: Evaluation;
}

/** Predictions with the fraction of them that is right. */
export interface Evaluation extends Predictions {
  readonly accuracy: number;
}

/** The loss or a weight ceased to be a finite number. The trainer has gone back to the last finite parameters that it had kept. */
export class DivergedError extends UserError {
  override name = "DivergedError";
  /**
   * @param step the first step at which it was seen, from 1
   * @param what what ceased to be finite, and at which learning rate
   * @param advice what to do, in whole sentences; which weights are kept is told by whoever keeps them
   */
  constructor(
    readonly step: number,
    what: string,
    advice: string,
  ) {
    super(`Training diverged: ${what}. ${advice}`);
  }
}
