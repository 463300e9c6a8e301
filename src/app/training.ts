import type { Dataset } from "../data/dataset.ts";
import { DeviceLostError, type Gpu } from "../gpu/gpu.ts";
import type { Parameters } from "../model/parameters.ts";
import { type Config, changeSettings, type SettingName, settings } from "../model/settings.ts";
import type { Inspection } from "../reference/inspect.ts";
import type { Evaluation, TrainingEvent } from "../training/events.ts";
import type { Snapshot } from "../training/snapshot.ts";
import type { Trainer } from "../training/trainer.ts";
import { isDeviceFailure } from "./device.ts";
import type { Beginning, MadeNetwork, NetworkMaker } from "./network-maker.ts";
import type { RunRecord } from "./record.ts";
import { StepWitness } from "./shown-step.ts";
import { TrainingSignals } from "./training-signals.ts";
import { type Look, WeightsWatch } from "./weights-watch.ts";

/** `recovering`: a lost device is being replaced. */
export type Phase = "idle" | "training" | "recovering";

/** Milliseconds that one submission should take: with two under way, a drawn digit waits for at most twice that. */
const submissionMs = 20;
/** How long training must rest before the test split is evaluated again: stepping quickly evaluates once. */
const restMs = 150;
/** How often a device may be lost in a row, without a step between, before a person has to decide. */
const mostLosses = 3;
/** Earlier runs that are kept for comparison. */
const mostEarlier = 6;

/**
 * The network on the page and what happens to it: it trains, pauses, is replaced by another one, and survives the loss
 * of its device. Knows nothing of how any of it is shown.
 */
export class Training extends TrainingSignals {
  /** Runs before this one, newest first. */
  readonly earlier: RunRecord[] = [];
  evaluation: Evaluation | undefined;
  trainer: Trainer;
  record: RunRecord;
  /** All images that there are, of which the config may leave some out. */
  data: Dataset;
  #gpu: Gpu | undefined;
  #phase: Phase = "idle";
  #stop = new AbortController();
  #run: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #watch: WeightsWatch;
  #losses = 0;
  /** Whether training was cut off by a device's failure and is to go on with the next one. */
  #resume = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly maker: NetworkMaker,
    first: MadeNetwork,
  ) {
    super();
    this.trainer = first.trainer;
    this.record = first.record;
    this.data = first.data;
    this.#watch = watchOf(first);
    this.#adopt(first.gpu);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The settings in force. */
  get config(): Config {
    return this.trainer.config;
  }

  get dataset(): Dataset {
    return this.trainer.dataset;
  }

  /** The images that evaluations look at: those set apart for validation, else the test split. */
  get watched(): Trainer["watched"] {
    return this.trainer.watched;
  }

  /** The weights as they were read last. */
  get parameters(): Parameters {
    return this.#watch.parameters;
  }

  /** Where training can go on from, as of then. */
  get snapshot(): Snapshot {
    return this.#watch.snapshot;
  }

  get gpu(): Gpu | undefined {
    return this.#gpu;
  }

  /** Seconds spent training this network. */
  get seconds(): number {
    const now = this.#phase === "training" ? performance.now() - this.#startedAt : 0;
    return this.record.seconds + now / 1000;
  }

  /** Trains on; does nothing while it trains already, or when training is finished. */
  train(until: "step" | "epoch" | "end" = "end"): void {
    if (this.#phase !== "idle" || this.trainer.finished) return;
    this.#stop = new AbortController();
    this.#run = this.#train(until, this.#stop.signal);
  }

  /** Resolves when the steps under way are done. */
  pause(): Promise<void> {
    this.#resume = false;
    return this.#halt();
  }

  /**
   * Changes settings: live ones take effect in the middle of training, others make another network.
   * @throws UserError if that cannot be; the network there is then trains on as if nothing had been asked
   */
  async change(changes: Partial<Config>): Promise<void> {
    const config = changeSettings(this.config, changes);
    const names = Object.keys(changes) as SettingName[];
    // Who asks for a data set has done with their own.
    if (names.includes("dataset")) return this.replace(config, { given: undefined });
    if (names.some((name) => !settings[name].live)) return this.replace(config);
    const { learningRate } = this.config;
    if (config.learningRate !== learningRate && this.trainer.step > 0) this.record.steered = true;
    this.trainer.learningRate = config.learningRate;
    this.trainer.epochs = config.epochs;
    Object.assign(this.record.config, config);
    this.phaseChanged.emit();
  }

  /** Makes another network, or goes on with one that there was. Throws as `change` does. */
  replace(config: Config = this.config, beginning: Beginning = {}): Promise<void> {
    return this.#inTurn(async () => {
      const made = await this.maker.make(config, { gpu: this.#gpu, ...beginning });
      await this.pause();
      this.trainer.destroy();
      if (this.record.series.last > 0) this.earlier.unshift(this.record);
      this.earlier.splice(mostEarlier);
      // Until there are new predictions for the same images, the views show those of a similar network.
      const similar = !beginning.record && made.trainer.watched.split === this.watched.split;
      if (!similar) this.evaluation = undefined;
      this.record = made.record;
      this.#install(made);
      this.replaced.emit();
      void this.rest();
    });
  }

  /** Replaces a device that is of no more use, and goes on from the last weights, at their position. */
  recover(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#halt();
      this.#setPhase("recovering");
      try {
        const { snapshot, record } = this;
        const old = { trainer: this.trainer, gpu: this.#gpu };
        this.#gpu = undefined;
        old.trainer.destroy();
        old.gpu?.destroy();
        this.#install(await this.maker.make(this.config, { snapshot, record }));
      } finally {
        this.#setPhase("idle");
      }
      if (!this.#resume) return void this.rest();
      this.#resume = false;
      this.train();
    });
  }

  /** What lies inside the network that evaluations use while it reads one prepared image. */
  inspect(image: Uint8Array): Promise<Inspection | undefined> {
    return this.#ask((trainer) => trainer.engine.inspect(image, undefined, "evaluation"));
  }

  /** Brings weights and figures up to date, if nothing else happens meanwhile. */
  async rest(): Promise<void> {
    await this.#look();
    const { trainer } = this;
    const { step } = trainer;
    const unchanged = () => this.trainer === trainer && trainer.step === step && this.#phase === "idle";
    if (this.evaluation && this.record.evaluations.at(-1)?.step === step) return this.#testFinally();
    await new Promise((wake) => setTimeout(wake, restMs));
    if (!unchanged()) return;
    const evaluation = await this.#ask(() => trainer.evaluate(trainer.watched.split));
    if (evaluation && unchanged()) this.#evaluatedAt(step, evaluation);
    await this.#testFinally();
  }

  /** The test split has its turn only when training is finished, where other images are watched meanwhile. */
  async #testFinally(): Promise<void> {
    const { trainer, record } = this;
    const { step, finished, watched } = trainer;
    if (watched.name === "test" || !finished || record.final?.step === step) return;
    const evaluation = await this.#ask(() => trainer.evaluate());
    if (!evaluation || record !== this.record) return;
    const { loss, accuracy } = evaluation;
    record.final = { step, loss, accuracy };
    this.evaluated.emit();
  }

  async #train(until: "step" | "epoch" | "end", signal: AbortSignal): Promise<void> {
    this.#startedAt = performance.now();
    this.#setPhase("training");
    let trouble: unknown;
    const witness = until === "step" ? new StepWitness(this.trainer) : undefined;
    try {
      const onEvent = (event: TrainingEvent) => {
        witness?.heard(event);
        this.#heard(event);
      };
      const watching = witness && { onSubmit: witness.onSubmit };
      await this.trainer.run({ until, signal, onEvent, targetMs: submissionMs, ...watching });
    } catch (error) {
      trouble = error;
    }
    this.record.seconds = this.seconds;
    this.#setPhase("idle");
    if (isDeviceFailure(trouble)) {
      this.#resume = true;
      return;
    }
    if (trouble) this.troubled.emit(trouble as Error);
    else if (witness) void this.#show(witness);
    void this.rest();
  }

  async #show(witness: StepWitness): Promise<void> {
    const shown = await this.#ask(() => witness.answer());
    if (shown) this.stepShown.emit(shown);
  }

  async #halt(): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }

  #heard(event: TrainingEvent): void {
    if (event.type === "epoch") {
      const evaluation = event.test ?? event.validation;
      if (evaluation) this.#evaluatedAt(event.steps, evaluation);
      return;
    }
    this.#losses = 0;
    this.record.addSteps(event);
    this.progressed.emit();
    if (this.#watch.due) void this.#look();
  }

  #evaluatedAt(step: number, evaluation: Evaluation): void {
    this.evaluation = evaluation;
    this.record.addEvaluation(step, evaluation);
    this.evaluated.emit();
  }

  /** Reads the weights back. */
  async #look(): Promise<void> {
    const watch = this.#watch;
    const found = await watch.look(() => this.#ask(lookAt));
    if (found && watch === this.#watch) this.weightsRead.emit();
  }

  /** What the engine answers; nothing if the network was replaced or its device lost meanwhile. */
  async #ask<T>(question: (trainer: Trainer) => Promise<T>): Promise<T | undefined> {
    const { trainer } = this;
    try {
      const answer = await question(trainer);
      return trainer === this.trainer ? answer : undefined;
    } catch (error) {
      if (trainer === this.trainer && !isDeviceFailure(error)) this.troubled.emit(error as Error);
      return undefined;
    }
  }

  #install(made: MadeNetwork): void {
    const { trainer, gpu, data } = made;
    this.trainer = trainer;
    this.data = data;
    this.#watch = watchOf(made);
    if (gpu !== this.#gpu) this.#adopt(gpu);
  }

  /** Takes a device as its own, and hears of its end. */
  #adopt(gpu: Gpu | undefined): void {
    this.#gpu = gpu;
    void gpu?.failure.then((error) => {
      if (gpu === this.#gpu) this.#deviceFailed(error);
    });
  }

  #deviceFailed(error: Error): void {
    if (!(error instanceof DeviceLostError) || this.#losses >= mostLosses) {
      this.troubled.emit(error);
      return;
    }
    this.#losses++;
    this.recover().then(
      () => this.recovered.emit({ error, step: this.#watch.snapshot.step }),
      (reason) => this.troubled.emit(reason),
    );
  }

  #setPhase(phase: Phase): void {
    this.#phase = phase;
    this.phaseChanged.emit();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(task);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function watchOf({ snapshot }: MadeNetwork): WeightsWatch {
  return new WeightsWatch(snapshot.state.slots.average ?? snapshot.state.parameters, snapshot);
}

/** Reads what the trainer holds. Where no snapshot is to be had, the run that failed says why. */
async function lookAt(trainer: Trainer): Promise<Look> {
  const snapshot = trainer.snapshot().catch(() => undefined);
  return { parameters: await trainer.engine.readParameters(), snapshot: await snapshot };
}
