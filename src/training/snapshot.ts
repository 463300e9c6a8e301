import type { Parameters, TrainingState } from "../model/parameters.ts";
import { type EpochSums, noSums } from "./epoch-sums.ts";
import { noSelection, type Selection } from "./selection.ts";

/** How far training has come, as of its last step that was reported. */
export interface Position {
  /** Steps since training began. */
  readonly step: number;
  /** Sums over the steps of the epoch under way. */
  readonly sums: EpochSums;
  readonly selection: Selection;
  /** The last parameters that were checked, at the end of an epoch or at the start: divergence goes back to them. */
  readonly finite: Parameters;
  /** Steps before what training remembers beside the parameters began: 0, unless it went back to those. */
  readonly slotsSince: number;
}

/**
 * All that training goes on from with the very same numbers. Random numbers are keyed by the step: there is nothing
 * else to remember.
 */
export interface Snapshot extends Position {
  /** What the engine holds after `step` steps. */
  readonly state: TrainingState;
}

/** Throws a RangeError if a snapshot is of no step that training can have come to. */
export function checkStep({ step }: Snapshot): void {
  if (Number.isSafeInteger(step) && step >= 0) return;
  throw new RangeError(`step of the snapshot: got ${step}, expected a whole number from 0 on`);
}

/** The snapshot before the first step. */
export function initialSnapshot(parameters: Parameters): Snapshot {
  return {
    step: 0,
    sums: noSums,
    selection: noSelection,
    finite: parameters,
    slotsSince: 0,
    state: { parameters, slots: {} },
  };
}

/** Those who wait until training has reported a step. */
export class PositionWaiters {
  #waiting: {
    readonly step: number;
    readonly resolve: (position: Position) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];

  /** Resolves with the position after `step` steps; rejects with what makes training fail before. */
  at(step: number): Promise<Position> {
    return new Promise((resolve, reject) => this.#waiting.push({ step, resolve, reject }));
  }

  reached(position: Position): void {
    const there = this.#waiting.filter(({ step }) => step === position.step);
    this.#waiting = this.#waiting.filter(({ step }) => step !== position.step);
    for (const { resolve } of there) resolve(position);
  }

  failed(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
