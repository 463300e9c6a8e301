import type { FloatArray, Parameters } from "../model/parameters.ts";
import type { Inspection, LossAndGradients } from "../reference/inspect.ts";
import type { TrainingStep } from "../training/engine/engine.ts";
import type { TrainingEvent } from "../training/events.ts";
import { type MiniBatch, miniBatchOf } from "../training/mini-batch.ts";
import type { Trainer } from "../training/trainer.ts";

/** A training step with all that it computed. */
export interface ShownStep extends MiniBatch {
  /** From 1. */
  readonly number: number;
  readonly learningRate: number;
  /** The network inside, before the update, and what its samples taught it. */
  readonly inspection: Inspection;
  readonly backward: LossAndGradients;
  /** The parameters that the step left. */
  readonly after: Parameters;
  /** The same samples' losses with them. */
  readonly lossesAfter: FloatArray;
}

/** Looks on while one step is trained, and asks the engine for its inside just before and just after it. */
export class StepWitness {
  readonly #trainer: Trainer;
  #before: { readonly step: TrainingStep; readonly batch: MiniBatch } | undefined;
  readonly #answers: Promise<Inspection>[] = [];

  constructor(trainer: Trainer) {
    this.#trainer = trainer;
  }

  /** To be given to `Trainer.run`. */
  readonly onSubmit = ([step]: readonly TrainingStep[]): void => {
    this.#before = { step, batch: miniBatchOf(this.#trainer, step) };
    this.#look();
  };

  heard({ type }: TrainingEvent): void {
    if (type === "steps") this.#look();
  }

  /** What there was to be seen; nothing if the step was not made, or failed. */
  async answer(): Promise<ShownStep | undefined> {
    const [before, after] = await Promise.all(this.#answers);
    if (!this.#before || !before?.backward || !after?.backward) return undefined;
    const { step, batch } = this.#before;
    return {
      ...batch,
      number: step.number,
      learningRate: step.learningRate,
      inspection: before,
      backward: before.backward,
      after: after.parameters,
      lossesAfter: after.backward.losses,
    };
  }

  #look(): void {
    if (!this.#before) return;
    const { images, labels } = this.#before.batch;
    const answer = this.#trainer.engine.inspect(images, labels, "training");
    // Whoever asks for the answer hears of its failure.
    answer.catch(() => {});
    this.#answers.push(answer);
  }
}
