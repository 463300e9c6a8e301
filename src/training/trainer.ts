import { stepsPerEpoch } from "../data/batches.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import type { OnKernelsReady } from "../kernels/lib/steps.ts";
import { allFinite, type Parameters, type TrainingState } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import { divergenceAdvice } from "./divergence.ts";
import type { Engine, TrainingStep } from "./engine.ts";
import { addSteps, epochFigures, noSums } from "./epoch-sums.ts";
import { DivergedError, type EpochEvent, type Evaluation, type TrainingEvent } from "./events.ts";
import { orderOf, stepAt } from "./mini-batch.ts";
import { type Answer, PacedSteps } from "./paced-steps.ts";
import { select, stopsEarly } from "./selection.ts";
import { type Position, PositionWaiters, type Snapshot } from "./snapshot.ts";

export interface RunOptions {
  /** Where to pause: after the next step, at the end of the epoch, or, by default, at the end of training. */
  readonly until?: "step" | "epoch" | "end";
  /** Pauses at the next step that is not yet submitted; what was submitted is finished and reported. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** Hears of steps just before the engine does: what it is asked then, it answers as of before them. */
  readonly onSubmit?: (steps: readonly TrainingStep[]) => void;
  /** Hears how many kernels are compiled, of how many, where they are compiled at their first use: no step has it in its time. */
  readonly onCompile?: OnKernelsReady;
  /** Milliseconds that one submission should take; 50 by default. */
  readonly targetMs?: number;
}

/** Steps that are under way. */
interface Pending {
  readonly steps: readonly TrainingStep[];
  readonly answer: Promise<Answer>;
  /** At the end of an epoch and of training: the parameters as they are then. */
  readonly parameters?: Promise<Parameters>;
  /** At the end of an epoch, if the config asks for it: what the watched images say. */
  readonly evaluation?: Promise<Evaluation>;
}

/**
 * Trains: epochs, mini-batches, metrics and events, on any engine. It can be paused and run on at any step; the
 * numbers do not depend on where it was paused, nor on how steps were grouped into submissions.
 */
export class Trainer {
  /** The settings in force. */
  readonly config: Config;
  /** The training images without those that were set apart, and the test images. */
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** The images that evaluations during training look at: those set apart for validation, else the test split. */
  readonly watched: { readonly name: "validation" | "test"; readonly split: Split };
  /** Steps in a whole epoch. */
  readonly stepsPerEpoch: number;
  #step: number;
  #orderOfEpoch = -1;
  #running = false;
  /** As of the last step that was reported; `#step` is ahead of it while steps are under way. */
  #position: Position;
  readonly #waiters = new PositionWaiters();
  /** What training failed of while steps were under way: what they gave is lost, and no step can follow. */
  #failure: { readonly error: unknown } | undefined;
  /** What training goes on from while the engine holds the best weights instead. */
  #aside: Promise<TrainingState> | undefined;
  readonly #paced: PacedSteps;
  /** Whether the kernels of evaluations are compiled. */
  #canEvaluate = false;

  /** @param position what went into the parameters that the engine holds */
  constructor(
    config: Config,
    { dataset, validation }: { readonly dataset: Dataset; readonly validation?: Split },
    engine: Engine,
    { step, sums, selection, finite }: Position,
  ) {
    this.config = { ...config };
    this.dataset = dataset;
    this.engine = engine;
    this.#paced = new PacedSteps(engine);
    this.watched = validation
      ? { name: "validation", split: validation }
      : { name: "test", split: dataset.test };
    this.stepsPerEpoch = stepsPerEpoch(dataset.train.count, config.batchSize);
    this.#position = { step, sums, selection, finite };
    this.#step = step;
  }

  /** Steps submitted since training began. */
  get step(): number {
    return this.#step;
  }

  /** Whole epochs among them. */
  get epoch(): number {
    return Math.floor(this.#step / this.stepsPerEpoch);
  }

  /** Steps after which training ends. */
  get totalSteps(): number {
    const steps = this.config.epochs * this.stepsPerEpoch;
    return this.config.steps > 0 ? Math.min(steps, this.config.steps) : steps;
  }

  get finished(): boolean {
    return this.stoppedEarly || this.#step >= this.totalSteps;
  }

  /** Whether the evaluations of the validation images ceased to improve. */
  get stoppedEarly(): boolean {
    return stopsEarly(this.config, this.#position.selection);
  }

  get running(): boolean {
    return this.#running;
  }

  /** What was reported so far. */
  get position(): Position {
    return this.#position;
  }

  /** The rate that schedules start from. Takes effect with the next submission. */
  set learningRate(value: number) {
    this.config.learningRate = value;
  }

  /** Takes effect at once: training ends after so many epochs. */
  set epochs(value: number) {
    this.config.epochs = value;
  }

  /**
   * Trains on from where it is.
   * @returns whether training is finished (as opposed to paused)
   * @throws DivergedError, or whatever made the engine fail: the latter again each time that it is called then
   */
  async run(options: RunOptions = {}) {
    const {
      until = "end",
      signal,
      onEvent = () => {},
      onCompile = () => {},
      onSubmit,
      targetMs = 50,
    } = options;
    if (this.#running) throw new Error("run() was called while training runs");
    if (this.#failure) throw this.#failure.error;
    this.#running = true;
    const pending: Pending[] = [];
    const pauseAt = this.#pauseOf(until);
    const left = () => (this.stoppedEarly ? 0 : Math.min(pauseAt, this.totalSteps) - this.#step);
    try {
      if (left() > 0) {
        await this.#takeBack();
        await this.engine.compileFor?.("training", onCompile);
      }
      this.#paced.begin(targetMs);
      while (left() > 0 && !signal?.aborted) {
        // An evaluation that may end training is waited for: no step may follow it then.
        const mayEnd = this.config.patience > 0 && pending.at(-1)?.evaluation;
        const steps = mayEnd ? 0 : Math.min(this.#paced.next, left());
        if (steps > 0 && !this.#canEvaluate && this.#evaluatesAfter(steps)) {
          while (pending.length > 0) await this.#settle(pending.shift()!, onEvent);
          await this.engine.compileFor?.("evaluation", onCompile);
          this.#canEvaluate = true;
          this.#paced.begin(targetMs);
        } else if (steps > 0) pending.push(this.#submit(steps, onSubmit));
        else await this.#settle(pending.shift()!, onEvent);
      }
      while (pending.length > 0) await this.#settle(pending.shift()!, onEvent);
      if (this.finished) await this.installBest();
      return this.finished;
    } catch (error) {
      if (this.#position.step !== this.#step) this.#failure = { error };
      this.#waiters.failed(error);
      throw error;
    } finally {
      this.#running = false;
    }
  }

  /**
   * All that training goes on from, after the steps submitted so far: another trainer that is given it makes the very
   * same numbers. May be asked for while training runs, and does not stop it.
   * @throws whatever makes `run` fail meanwhile, or made it fail before
   */
  async snapshot(): Promise<Snapshot> {
    if (this.#failure) throw this.#failure.error;
    const state = this.#aside ?? handled(this.engine.readState());
    const reported = this.#position.step === this.#step;
    const position = reported ? this.#position : await this.#waiters.at(this.#step);
    return { ...position, state: await state };
  }

  /**
   * Puts the best weights into the engine, if the config asks to keep them and there are any; `run` does so when
   * training is finished, and goes on from the last weights if it is called again.
   */
  async installBest(): Promise<void> {
    const { parameters } = this.#position.selection;
    if (!parameters || this.#aside) return;
    this.#aside = handled(this.engine.readState());
    this.engine.setParameters(parameters);
    await this.#aside;
  }

  /** Loss, accuracy and predictions on `split`. */
  async evaluate(split: Split = this.dataset.test): Promise<Evaluation> {
    const predictions = await this.engine.evaluate(split);
    const correct = predictions.classes.reduce(
      (sum, predicted, i) => sum + Number(predicted === split.labels[i]),
      0,
    );
    return { ...predictions, accuracy: correct / split.count };
  }

  destroy(): void {
    this.engine.destroy();
  }

  /** The step before which to pause; the end of training comes earlier perhaps, and may yet be moved. */
  #pauseOf(until: "step" | "epoch" | "end"): number {
    if (until === "end") return Number.POSITIVE_INFINITY;
    return until === "step" ? this.#step + 1 : (this.epoch + 1) * this.stepsPerEpoch;
  }

  /** Puts the last weights back where the best ones are. */
  async #takeBack(): Promise<void> {
    if (!this.#aside) return;
    const { parameters, slots } = await this.#aside;
    this.engine.setParameters(parameters, slots);
    this.#aside = undefined;
  }

  /** Submits up to `most` steps of the epoch under way. */
  #submit(most: number, onSubmit: RunOptions["onSubmit"]): Pending {
    const { engine, epoch, totalSteps } = this;
    if (epoch !== this.#orderOfEpoch) {
      engine.setOrder(orderOf(this, epoch));
      this.#orderOfEpoch = epoch;
    }
    const length = Math.min(most, (epoch + 1) * this.stepsPerEpoch - this.#step);
    const steps = Array.from({ length }, (_, index) => stepAt(this, this.#step + index + 1));
    onSubmit?.(steps);
    const pending = { steps, answer: handled(this.#paced.train(steps)) };
    this.#step += length;
    const endsEpoch = this.epoch > epoch;
    if (!endsEpoch && this.#step < totalSteps) return pending;
    const parameters = handled(engine.readParameters());
    if (!endsEpoch || !this.#evaluates(this.epoch)) return { ...pending, parameters };
    return { ...pending, parameters, evaluation: handled(this.evaluate(this.watched.split)) };
  }

  /** Whether the watched images are looked at after so many epochs. */
  #evaluates(epochs: number): boolean {
    const { evaluateEvery } = this.config;
    return evaluateEvery > 0 && epochs % evaluateEvery === 0;
  }

  /** Whether that comes after the next `steps` steps. */
  #evaluatesAfter(steps: number): boolean {
    const { epoch } = this;
    return this.#step + steps >= (epoch + 1) * this.stepsPerEpoch && this.#evaluates(epoch + 1);
  }

  /** Waits for the oldest submission and reports it. */
  async #settle({ steps, ...done }: Pending, onEvent: (event: TrainingEvent) => void): Promise<void> {
    const { loss, correct, seconds, stepsPerSecond } = await done.answer;
    const lost = loss.findIndex((value) => !Number.isFinite(value));
    if (lost >= 0)
      throw this.#diverged(steps[lost], `the loss of step ${steps[lost].number} is ${loss[lost]}`);
    const last = steps[steps.length - 1];
    const sums = addSteps(this.#position.sums, steps, { loss, correct }, seconds);
    onEvent({
      type: "steps",
      epoch: Math.ceil(last.number / this.stepsPerEpoch),
      firstStep: steps[0].number,
      loss,
      correct,
      sizes: Uint32Array.from(steps, ({ size }) => size),
      learningRate: last.learningRate,
      learningRates: Float64Array.from(steps, ({ learningRate }) => learningRate),
      stepsPerSecond,
    });
    const parameters = await done.parameters;
    if (parameters && !allFinite(parameters)) {
      throw this.#diverged(last, `after step ${last.number} some weights are not finite`, false);
    }
    const finite = parameters ?? this.#position.finite;
    const evaluation = await done.evaluation;
    this.#position = { ...this.#position, step: last.number, sums, finite };
    if (last.number % this.stepsPerEpoch === 0) onEvent(this.#endEpoch(evaluation));
    this.#waiters.reached(this.#position);
  }

  /** Goes back to the last finite parameters; steps still under way are forgotten. */
  #diverged({ number, learningRate }: TrainingStep, what: string, isUntrained = number === 1): DivergedError {
    this.engine.setParameters(this.#position.finite);
    this.#step = this.#position.step;
    const advice = divergenceAdvice(this.config, { learningRate, isUntrained });
    return new DivergedError(number, `${what} at learning rate ${learningRate}`, advice);
  }

  /** Closes the epoch whose last step was reported. */
  #endEpoch(evaluation: Evaluation | undefined): EpochEvent {
    const { step, sums, finite } = this.#position;
    let { selection } = this.#position;
    const epoch = step / this.stepsPerEpoch;
    const { name } = this.watched;
    if (evaluation && name === "validation") {
      const { loss, accuracy } = evaluation;
      selection = select(selection, { epoch, loss, accuracy }, this.config.keepBest ? finite : undefined);
    }
    this.#position = { ...this.#position, sums: noSums, selection };
    const figures = epochFigures(sums);
    return { type: "epoch", epoch, steps: step, ...figures, ...(evaluation && { [name]: evaluation }) };
  }
}

/** The same promise, whose rejection may be found only later: its owner awaits it in its turn. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
