import { stepsPerEpoch, totalSteps } from "../data/batches.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import type { Parameters } from "../model/parameters.ts";
import { type Config, checkSetting } from "../model/settings.ts";
import { BestWeights } from "./best-weights.ts";
import type { Engine, StepMetrics, TrainingStep } from "./engine/engine.ts";
import type { Evaluation, TrainingEvent } from "./events.ts";
import { handled } from "./handled.ts";
import { Listeners } from "./listeners.ts";
import { orderOf, stepAt } from "./mini-batch.ts";
import { type Answer, PacedSteps, type Work } from "./paced-steps.ts";
import { evaluationOf, settleRead, settleSteps, type WatchedImages, watchedOf } from "./reports.ts";
import { checkRun, type RunOptions } from "./run-options.ts";
import { evaluatesAfter, stopsEarly } from "./selection.ts";
import { type Position, PositionWaiters, type Snapshot } from "./snapshot.ts";

/** Steps that are under way. */
interface Pending {
  readonly steps: readonly TrainingStep[];
  readonly answer: Promise<Answer<StepMetrics>>;
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
  readonly watched: WatchedImages;
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
  readonly #best: BestWeights;
  readonly #paced: PacedSteps<TrainingStep, StepMetrics>;

  /** @param position what went into the parameters that the engine holds */
  constructor(
    config: Config,
    { dataset, validation }: { readonly dataset: Dataset; readonly validation?: Split },
    engine: Engine,
    { step, sums, selection, finite, slotsSince }: Position,
  ) {
    this.config = { ...config };
    this.dataset = dataset;
    this.engine = engine;
    this.#best = new BestWeights(engine);
    this.#paced = new PacedSteps(engine);
    this.watched = watchedOf(dataset, validation);
    this.stepsPerEpoch = stepsPerEpoch(dataset.train.count, config.batchSize);
    this.#position = structuredClone({ step, sums, selection, finite, slotsSince });
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
    return totalSteps(this.config, this.stepsPerEpoch);
  }

  /** Steps before the optimizer's memory began. */
  get slotsSince(): number {
    return this.#position.slotsSince;
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

  /** What was reported so far: a copy, as all that is handed out. */
  get position(): Position {
    return structuredClone(this.#position);
  }

  /** Whether an evaluation chose weights that are kept. */
  get hasBest(): boolean {
    return this.#position.selection.parameters !== undefined;
  }

  get learningRate(): number {
    return this.config.learningRate;
  }

  /** The rate that schedules start from. Takes effect with the next submission. Throws a UsageError for no valid one. */
  set learningRate(value: number) {
    this.config.learningRate = checkSetting("learningRate", value, "learningRate");
  }

  get epochs(): number {
    return this.config.epochs;
  }

  /** Takes effect at once: training ends after so many epochs. Throws a UsageError for no valid number. */
  set epochs(value: number) {
    this.config.epochs = checkSetting("epochs", value, "epochs");
  }

  /**
   * Trains on from where it is.
   * @returns whether training is finished (as opposed to paused)
   * @throws DivergedError, or whatever made the engine fail: the latter again each time that it is called then. What a listener
   * throws pauses training, and is thrown when the steps under way are done.
   */
  async run(options: RunOptions = {}) {
    const { until = "end", signal, targetMs = 50 } = options;
    checkRun({ until, targetMs }, ["step", "epoch", "end"], true);
    if (this.#running) throw new Error("run() was called while training runs");
    if (this.#failure) throw this.#failure.error;
    this.#running = true;
    const listeners = new Listeners();
    const [onEvent, onSubmit] = [listeners.careless(options.onEvent), listeners.careless(options.onSubmit)];
    const pauseAt = this.#pauseOf(until);
    const left = () =>
      this.stoppedEarly || listeners.failed ? 0 : Math.min(pauseAt, this.totalSteps) - this.#step;
    try {
      if (left() > 0) await this.#best.remove();
      const work: Work<Pending> = {
        left,
        // An evaluation that may end training is waited for: no step may follow it then.
        mayEnd: ({ evaluation }) => this.config.patience > 0 && evaluation !== undefined,
        evaluatesAfter: (steps) => this.#evaluatesAfter(steps),
        submit: (most) => this.#submit(most, onSubmit),
        settle: (oldest) => this.#settle(oldest, onEvent),
      };
      await this.#paced.run(work, { signal, onCompile: listeners.careless(options.onCompile), targetMs });
      if (this.finished) await this.#installBest();
    } catch (error) {
      if (this.#position.step !== this.#step) this.#failure = { error };
      this.#waiters.failed(error);
      await listeners.done();
      throw error;
    } finally {
      this.#running = false;
    }
    await listeners.rethrow();
    return this.finished;
  }

  /**
   * All that training goes on from, after the steps submitted so far: another trainer that is given it makes the very
   * same numbers. May be asked for while training runs, and does not stop it. Whoever asks may change it and give it away.
   * @throws whatever makes `run` fail meanwhile, or made it fail before
   */
  async snapshot(): Promise<Snapshot> {
    if (this.#failure) throw this.#failure.error;
    const state = this.#best.last ?? handled(this.engine.readState());
    const reported = this.#position.step === this.#step;
    const position = reported ? this.#position : await this.#waiters.at(this.#step);
    return structuredClone({ ...position, state: await state });
  }

  /**
   * Puts the best weights into the engine, if the config asks to keep them and there are any; `run` does so when
   * training is finished, and goes on from the last weights if it is called again.
   * @throws Error while training runs
   */
  async installBest(): Promise<void> {
    if (this.#running) throw new Error("installBest() was called while training runs");
    await this.#installBest();
  }

  async #installBest(): Promise<void> {
    const { parameters } = this.#position.selection;
    if (parameters) await this.#best.install(parameters);
  }

  /** Loss, accuracy and predictions on `split`. */
  async evaluate(split: Split = this.dataset.test): Promise<Evaluation> {
    return evaluationOf(await this.engine.evaluate(split), split);
  }

  destroy(): void {
    this.engine.destroy();
  }

  /** The step before which to pause; the end of training comes earlier perhaps, and may yet be moved. */
  #pauseOf(until: NonNullable<RunOptions["until"]>): number {
    if (typeof until === "number") return until;
    if (until === "end") return Number.POSITIVE_INFINITY;
    return until === "step" ? this.#step + 1 : (this.epoch + 1) * this.stepsPerEpoch;
  }

  /** Submits up to `most` steps of the epoch under way. */
  #submit(most: number, onSubmit: NonNullable<RunOptions["onSubmit"]>): Pending {
    const { engine, epoch, totalSteps } = this;
    if (epoch !== this.#orderOfEpoch) {
      engine.setOrder(orderOf(this, epoch));
      this.#orderOfEpoch = epoch;
    }
    const length = Math.min(most, (epoch + 1) * this.stepsPerEpoch - this.#step);
    const steps = Array.from({ length }, (_, index) => stepAt(this, this.#step + index + 1));
    onSubmit(steps);
    const pending = { steps, answer: handled(this.#paced.train(steps)) };
    this.#step += length;
    const endsEpoch = this.epoch > epoch;
    if (!endsEpoch && this.#step < totalSteps) return pending;
    const parameters = handled(engine.readParameters());
    if (!endsEpoch || !evaluatesAfter(this.config, this.epoch)) return { ...pending, parameters };
    return { ...pending, parameters, evaluation: handled(this.evaluate(this.watched.split)) };
  }

  /** Whether the watched images are looked at after the next `steps` steps. */
  #evaluatesAfter(steps: number): boolean {
    const { epoch } = this;
    return this.#step + steps >= (epoch + 1) * this.stepsPerEpoch && evaluatesAfter(this.config, epoch + 1);
  }

  /** Waits for the oldest submission and reports it. */
  async #settle({ steps, ...done }: Pending, onEvent: (event: TrainingEvent) => void): Promise<void> {
    const { metrics, ...times } = await done.answer;
    const made = settleSteps(this.#position, steps, { ...metrics, ...times }, this);
    if (made.event) onEvent(made.event);
    const parameters = made.diverged ? undefined : await done.parameters;
    const evaluation = parameters && (await done.evaluation);
    const read = parameters && { parameters, name: this.watched.name, evaluation };
    const settled = read ? settleRead(made.position, steps[steps.length - 1], read, this) : made;
    const { position, event, diverged } = settled;
    // Whoever hears of the end of an epoch finds training where it goes on from.
    if (diverged) this.#goBack(position);
    else this.#position = position;
    if (read && event) onEvent(event);
    if (diverged) throw diverged;
    this.#waiters.reached(position);
  }

  /** Goes back to the last finite parameters, after the steps that count; those still under way are forgotten. */
  #goBack(position: Position): void {
    this.engine.setParameters(position.finite);
    this.#position = { ...position, slotsSince: position.step };
    this.#step = position.step;
  }
}
