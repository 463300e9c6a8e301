import { stepsPerEpoch, totalSteps } from "../../data/batches.ts";
import type { Dataset, Split } from "../../data/dataset.ts";
import type { Parameters } from "../../model/parameters.ts";
import type { Predictions, StepMetrics, TrainingStep } from "../engine/engine.ts";
import type { GroupEngine, GroupStep } from "../engine/group-engine.ts";
import { handled } from "../handled.ts";
import { Listeners } from "../listeners.ts";
import { orderOf, stepAt } from "../mini-batch.ts";
import { type Answer, PacedSteps, type Work } from "../paced-steps.ts";
import { evaluationOf, type WatchedImages, watchedOf } from "../reports.ts";
import { checkRun, type RunOptions } from "../run-options.ts";
import { evaluatesAfter } from "../selection.ts";
import type { Snapshot } from "../snapshot.ts";
import { GroupNetwork, type NetworkEvent, type NetworkStart } from "./group-network.ts";

/** How the networks of a group are trained on, and who hears of it. */
export interface GroupRunOptions extends Pick<RunOptions, "signal" | "onCompile" | "targetMs"> {
  /** Where to pause: at the end of the epoch, or, by default, at the end of training. */
  readonly until?: "epoch" | "end" | undefined;
  /** Hears what happens to each network, by its place in the group. */
  readonly onEvent?: ((network: number, event: NetworkEvent) => void) | undefined;
}

/** Steps of all networks that are under way. */
interface Pending {
  /** Of each network. */
  readonly steps: readonly (readonly TrainingStep[])[];
  readonly answer: Promise<Answer<StepMetrics[]>>;
  readonly parameters?: Promise<Parameters[]>;
  readonly evaluation?: Promise<Predictions[]>;
}

/**
 * Trains several networks of one shape in step with each other, on any engine for groups: a `Trainer` for many. Each of
 * them comes out as if it had been trained alone. One that diverges or stops early is done, and the others go on.
 */
export class GroupTrainer {
  readonly dataset: Dataset;
  readonly engine: GroupEngine;
  /** The images that evaluations look at: those set apart for validation, else the test split. */
  readonly watched: WatchedImages;
  readonly stepsPerEpoch: number;
  /** Steps after which training ends. */
  readonly totalSteps: number;
  readonly #networks: readonly GroupNetwork[];
  readonly #paced: PacedSteps<GroupStep, StepMetrics[]>;
  #step: number;
  #orderOfEpoch = -1;
  #running = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param starts what the engine's networks hold: all at one step, with the settings in common that groups have */
  constructor(
    starts: readonly NetworkStart[],
    { dataset, validation }: { readonly dataset: Dataset; readonly validation?: Split },
    engine: GroupEngine,
  ) {
    const [{ config, snapshot }] = starts;
    this.dataset = dataset;
    this.engine = engine;
    this.watched = watchedOf(dataset, validation);
    this.stepsPerEpoch = stepsPerEpoch(dataset.train.count, config.batchSize);
    this.totalSteps = totalSteps(config, this.stepsPerEpoch);
    this.#step = snapshot.step;
    const course = { dataset, stepsPerEpoch: this.stepsPerEpoch, totalSteps: this.totalSteps };
    this.#networks = starts.map((start) => new GroupNetwork(start, course, this.watched.name));
    this.#paced = new PacedSteps(engine);
  }

  /** Steps submitted since training began, of each network. */
  get step(): number {
    return this.#step;
  }

  /** Whole epochs among them. */
  get epoch(): number {
    return Math.floor(this.#step / this.stepsPerEpoch);
  }

  /** The networks that are not done. */
  get active(): number[] {
    return [...this.#networks.keys()].filter((network) => !this.#networks[network].ended);
  }

  get finished(): boolean {
    return this.active.length === 0;
  }

  /**
   * Trains on from where it is.
   * @returns whether all networks are done (as opposed to paused)
   * @throws whatever made the engine fail, again each time that it is called then. What a listener throws pauses training, and
   * is thrown when the steps under way are done.
   */
  async run(options: GroupRunOptions = {}): Promise<boolean> {
    const { until = "end", signal, targetMs = 50 } = options;
    checkRun({ until, targetMs }, ["epoch", "end"]);
    if (this.#running) throw new Error("run() was called while training runs");
    if (this.#failure) throw this.#failure.error;
    this.#running = true;
    const listeners = new Listeners();
    const onEvent = listeners.careless(options.onEvent);
    const pauseAt = until === "epoch" ? (this.epoch + 1) * this.stepsPerEpoch : Number.POSITIVE_INFINITY;
    const work: Work<Pending> = {
      left: () => (this.finished || listeners.failed ? 0 : Math.min(pauseAt, this.totalSteps) - this.#step),
      // What is kept of a network that stops early was read before: steps that follow do no harm.
      mayEnd: () => false,
      evaluatesAfter: (steps) =>
        this.#evaluatesAt(Math.min(this.#step + steps, (this.epoch + 1) * this.stepsPerEpoch)),
      submit: (most) => this.#submit(most),
      settle: (oldest) => this.#settle(oldest, onEvent),
    };
    try {
      for (const [network, state] of this.#networks.entries())
        state.endIfDone((event) => onEvent(network, event));
      await this.#paced.run(work, { signal, onCompile: listeners.careless(options.onCompile), targetMs });
    } catch (error) {
      this.#failure = { error };
      await listeners.done();
      throw error;
    } finally {
      this.#running = false;
    }
    await listeners.rethrow();
    return this.finished;
  }

  /** What the watched images said last of a network's weights, as far as they were asked. */
  scoreOf(network: number): GroupNetwork["score"] {
    return this.#networks[network].score;
  }

  /** All that training of the networks that are not done goes on from; not while it runs. */
  async snapshots(): Promise<Map<number, Snapshot>> {
    if (this.#running) throw new Error("snapshots() was called while training runs");
    if (this.#failure) throw this.#failure.error;
    const states = await this.engine.readStates();
    return new Map(
      this.active.map((network) => [
        network,
        { ...this.#networks[network].position, state: states[network] },
      ]),
    );
  }

  destroy(): void {
    this.engine.destroy();
  }

  /** Whether the watched images are looked at after step `step`: where the config asks for it, and at the end. */
  #evaluatesAt(step: number): boolean {
    const epochs = step / this.stepsPerEpoch;
    const { config } = this.#networks[0].course;
    return step >= this.totalSteps || (Number.isInteger(epochs) && evaluatesAfter(config, epochs));
  }

  /** Submits up to `most` steps of the epoch under way. */
  #submit(most: number): Pending {
    const { engine, epoch, watched } = this;
    const courses = this.#networks.map(({ course }) => course);
    if (epoch !== this.#orderOfEpoch) {
      engine.setOrders(courses.map((course) => orderOf(course, epoch)));
      this.#orderOfEpoch = epoch;
    }
    const length = Math.min(most, (epoch + 1) * this.stepsPerEpoch - this.#step);
    const numbers = Array.from({ length }, (_, index) => this.#step + index + 1);
    const steps = courses.map((course) => numbers.map((number) => stepAt(course, number)));
    const pending = { steps, answer: handled(this.#paced.train(inStep(steps))) };
    this.#step += length;
    if (this.epoch === epoch && this.#step < this.totalSteps) return pending;
    const parameters = handled(engine.readParameters());
    if (!this.#evaluatesAt(this.#step)) return { ...pending, parameters };
    return { ...pending, parameters, evaluation: handled(engine.evaluate(watched.split)) };
  }

  /** Waits for the oldest submission, and has each network report it. */
  async #settle(
    { steps, ...done }: Pending,
    onEvent: NonNullable<GroupRunOptions["onEvent"]>,
  ): Promise<void> {
    const { metrics, ...times } = await done.answer;
    const parameters = await done.parameters;
    const predictions = await done.evaluation;
    for (const [network, state] of this.#networks.entries()) {
      const predicted = predictions?.[network];
      const settled = {
        steps: steps[network],
        answer: { ...metrics[network], ...times },
        parameters: parameters?.[network],
        evaluation: predicted && evaluationOf(predicted, this.watched.split),
      };
      state.settle(settled, (event) => onEvent(network, event));
    }
  }
}

/** The steps of several networks, which have the same windows, as steps of them all. */
function inStep(networks: readonly (readonly TrainingStep[])[]): GroupStep[] {
  const [first] = networks;
  return first.map(({ first, size, number }, index) => ({
    ...{ first, size, number },
    scheduled: networks.map((steps) => steps[index]),
  }));
}
