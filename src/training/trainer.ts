import { batchAt, epochOrder, stepsPerEpoch } from "../data/batches.ts";
import { type Dataset, firstImages, imageSize } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { initialise } from "../model/initialise.ts";
import { allFinite, type Parameters } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import { type CpuEngineOptions, createCpuEngine } from "./cpu-engine.ts";
import type { Engine, Submission } from "./engine.ts";
import { DivergedError, type Evaluation, type TrainingEvent } from "./events.ts";
import { Pacer } from "./pacer.ts";
import { createWebGpuEngine } from "./webgpu-engine.ts";

export interface TrainerOptions {
  readonly config: Config;
  readonly dataset: Dataset;
  /** Needed unless the config's backend is `cpu`. */
  readonly gpu?: Gpu;
  /** Weights to start from instead of initialised ones. */
  readonly parameters?: Parameters;
  /** Steps that went into `parameters`: the order of the images goes on from there. 0 unless given. */
  readonly step?: number;
  /** Makes the engine of the `cpu` backend: a page gives one that computes in a worker. */
  readonly cpuEngine?: (options: CpuEngineOptions) => Engine;
}

export interface RunOptions {
  /** Where to pause: after the next step, at the end of the epoch, or, by default, at the end of training. */
  readonly until?: "step" | "epoch" | "end";
  /** Pauses at the next step that is not yet submitted; what was submitted is finished and reported. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** Milliseconds that one submission should take; 50 by default. */
  readonly targetMs?: number;
  /**
   * Sleep through the expected time of a submission before waiting for it. Right for Dawn in Node, where waiting
   * keeps a core busy; wrong for pages, whose timers are throttled when hidden.
   */
  readonly sleep?: boolean;
}

/** Widths of the network that `config` describes for `dataset`. */
export function networkSizes(config: Pick<Config, "hidden">, dataset: Dataset): number[] {
  return [imageSize(dataset.train), ...config.hidden, dataset.classes];
}

/**
 * Makes an engine and a trainer for it.
 * @throws UserError if the config does not fit the data or the adapter, or the parameters the network
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { config, dataset, gpu, step = 0, cpuEngine = createCpuEngine } = options;
  const train = firstImages(dataset.train, config.limit || Number.POSITIVE_INFINITY);
  if (config.batchSize > train.count) {
    throw new UserError(
      `The batch size ${config.batchSize} is larger than the training set of ${train.count} images. ` +
        `Use at most ${train.count}.`,
    );
  }
  const sizes = networkSizes(config, dataset);
  const { batchSize, residency, kernels } = config;
  if (config.backend === "webgpu" && !gpu) throw new Error("createTrainer: the webgpu backend needs a gpu");
  const engine =
    gpu && config.backend === "webgpu"
      ? await createWebGpuEngine({ gpu, sizes, batchSize, train, settings: config, residency, kernels })
      : cpuEngine({ sizes, batchSize, train, settings: config });
  try {
    const parameters = options.parameters ?? initialise(sizes, config.initialiser, config.seed);
    engine.setParameters(parameters);
    return new Trainer(config, { ...dataset, train }, engine, parameters, step);
  } catch (error) {
    engine.destroy();
    throw error;
  }
}

/** Steps that are under way. */
interface Pending {
  readonly submission: Submission;
  readonly epoch: number;
  readonly firstStep: number;
  readonly sizes: Uint32Array;
  readonly learningRate: number;
  readonly submittedAt: number;
  /** At the end of an epoch and of training: the parameters as they are then. */
  readonly parameters?: Promise<Parameters>;
  /** At the end of an epoch, if the config asks for it. */
  readonly test?: Promise<Evaluation>;
  readonly endsEpoch: boolean;
}

/**
 * Trains: epochs, mini-batches, metrics and events, on any engine. It can be paused and run on at any step; the
 * numbers do not depend on where it was paused, nor on how steps were grouped into submissions.
 */
export class Trainer {
  /** The settings in force. */
  readonly config: Config;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Steps in a whole epoch. */
  readonly stepsPerEpoch: number;
  #step: number;
  #orderOfEpoch = -1;
  #running = false;
  #lastFinite: Parameters;
  #epochLoss = 0;
  #epochCorrect = 0;
  #epochSamples = 0;
  #epochSeconds = 0;
  #settledAt = 0;

  /** @param step steps that went into the `initial` parameters */
  constructor(config: Config, dataset: Dataset, engine: Engine, initial: Parameters, step = 0) {
    this.config = { ...config };
    this.dataset = dataset;
    this.engine = engine;
    this.stepsPerEpoch = stepsPerEpoch(dataset.train.count, config.batchSize);
    this.#lastFinite = initial;
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
    return this.#step >= this.totalSteps;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Takes effect with the next submission. */
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
   * @throws DivergedError, or whatever made the engine fail
   */
  async run({ until = "end", signal, onEvent = () => {}, targetMs = 50, sleep = false }: RunOptions = {}) {
    if (this.#running) throw new Error("run() was called while training runs");
    this.#running = true;
    const pacer = new Pacer(targetMs);
    const pending: Pending[] = [];
    const pauseAt = this.#pauseOf(until);
    const left = () => Math.min(pauseAt, this.totalSteps) - this.#step;
    this.#settledAt = performance.now();
    try {
      while (left() > 0 && !signal?.aborted) {
        pending.push(this.#submit(Math.min(pacer.steps, left()), sleep ? pacer : undefined));
        // One submission is computed while the next one waits behind it: the GPU never idles, progress lags by one.
        if (pending.length > 1) await this.#settle(pending.shift()!, pacer, sleep, onEvent);
      }
      while (pending.length > 0) await this.#settle(pending.shift()!, pacer, sleep, onEvent);
      return this.finished;
    } finally {
      this.#running = false;
    }
  }

  /** Loss, accuracy and predictions on the test split. */
  async evaluate(): Promise<Evaluation> {
    const { test } = this.dataset;
    const predictions = await this.engine.evaluate(test);
    const correct = predictions.classes.reduce(
      (sum, predicted, i) => sum + Number(predicted === test.labels[i]),
      0,
    );
    return { ...predictions, accuracy: correct / test.count };
  }

  destroy(): void {
    this.engine.destroy();
  }

  /** The step before which to pause; the end of training comes earlier perhaps, and may yet be moved. */
  #pauseOf(until: "step" | "epoch" | "end"): number {
    if (until === "end") return Number.POSITIVE_INFINITY;
    return until === "step" ? this.#step + 1 : (this.epoch + 1) * this.stepsPerEpoch;
  }

  /** Submits up to `most` steps of the epoch under way. */
  #submit(most: number, sleeper: Pacer | undefined): Pending {
    const { config, dataset, engine } = this;
    const { count } = dataset.train;
    const { epoch } = this;
    if (epoch !== this.#orderOfEpoch) {
      engine.setOrder(epochOrder(count, config.seed, epoch, config.shuffle));
      this.#orderOfEpoch = epoch;
    }
    const stepInEpoch = this.#step - epoch * this.stepsPerEpoch;
    const steps = Math.min(most, this.stepsPerEpoch - stepInEpoch);
    const { learningRate } = config;
    const batches = Array.from({ length: steps }, (_, i) => ({
      ...batchAt(stepInEpoch + i, config.batchSize, count),
      number: this.#step + i + 1,
      learningRate,
    }));
    const pending = {
      submission: engine.train(batches),
      epoch: epoch + 1,
      firstStep: this.#step + 1,
      sizes: Uint32Array.from(batches, ({ size }) => size),
      learningRate,
      submittedAt: performance.now(),
    };
    this.#step += steps;
    const endsEpoch = this.epoch > epoch;
    if (!endsEpoch && !this.finished) return { ...pending, endsEpoch };
    // The submission before this one is still under way.
    const parameters = handled(engine.readParameters(sleeper?.expectedMs(2 * steps)));
    const evaluate = endsEpoch && config.evaluateEvery > 0 && this.epoch % config.evaluateEvery === 0;
    return { ...pending, endsEpoch, parameters, ...(evaluate && { test: handled(this.evaluate()) }) };
  }

  /** Waits for the oldest submission and reports it. */
  async #settle(
    done: Pending,
    pacer: Pacer,
    sleep: boolean,
    onEvent: (event: TrainingEvent) => void,
  ): Promise<void> {
    const startedAt = Math.max(this.#settledAt, done.submittedAt);
    const steps = done.sizes.length;
    const remaining = startedAt + pacer.expectedMs(steps) - performance.now();
    const { loss, correct } = await done.submission.metrics(sleep ? remaining : 0);
    const now = performance.now();
    pacer.measured(steps, now - startedAt);
    this.#epochSeconds += (now - this.#settledAt) / 1000;
    this.#settledAt = now;

    const { epoch, firstStep, sizes, learningRate } = done;
    const lost = loss.findIndex((value) => !Number.isFinite(value));
    if (lost >= 0) {
      const step = firstStep + lost;
      throw this.#diverged(step, `the loss of step ${step} is ${loss[lost]}`, learningRate);
    }
    sizes.forEach((size, i) => {
      this.#epochLoss += loss[i] * size;
      this.#epochCorrect += correct[i];
      this.#epochSamples += size;
    });
    const stepsPerSecond = (steps / (now - startedAt)) * 1000;
    onEvent({ type: "steps", epoch, firstStep, loss, correct, sizes, learningRate, stepsPerSecond });
    const parameters = await done.parameters;
    if (parameters && !allFinite(parameters)) {
      const step = firstStep + steps - 1;
      throw this.#diverged(step, `after step ${step} some weights are not finite`, learningRate);
    }
    if (parameters) this.#lastFinite = parameters;
    if (done.endsEpoch) await this.#endEpoch(done, onEvent);
  }

  #diverged(step: number, what: string, learningRate: number): DivergedError {
    this.engine.setParameters(this.#lastFinite);
    return new DivergedError(step, what, learningRate);
  }

  async #endEpoch(done: Pending, onEvent: (event: TrainingEvent) => void): Promise<void> {
    const test = await done.test;
    const seconds = this.#epochSeconds;
    onEvent({
      type: "epoch",
      epoch: done.epoch,
      steps: done.epoch * this.stepsPerEpoch,
      loss: this.#epochLoss / this.#epochSamples,
      accuracy: this.#epochCorrect / this.#epochSamples,
      learningRate: done.learningRate,
      seconds,
      stepsPerSecond: this.stepsPerEpoch / seconds,
      ...(test && { test }),
    });
    this.#epochLoss = this.#epochCorrect = this.#epochSamples = this.#epochSeconds = 0;
  }
}

/** The same promise, whose rejection may be found only later: its owner awaits it in its turn. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
