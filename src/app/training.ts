import type { Gpu } from "../gpu/gpu.ts";
import { type Config, changedSettings, changeSettings, settings } from "../model/settings.ts";
import type { Evaluation, TrainingEvent } from "../training/events.ts";
import { isDeviceFailure } from "./device.ts";
import { DeviceWatch } from "./device-watch.ts";
import { type EarlierRun, EarlierRuns, isBlank } from "./earlier-runs.ts";
import { Evaluations } from "./evaluations.ts";
import { NetworkAtHand } from "./network-at-hand.ts";
import type { Beginning, Begins, MadeNetwork, NetworkMaker } from "./network-maker.ts";
import { PendingChanges } from "./pending-changes.ts";
import { PendingStart } from "./pending-start.ts";
import { type Phase, RunControl, type Until } from "./run-control.ts";
import { StepWitness } from "./shown-step.ts";
import { steer } from "./steer.ts";
import { WorkQueue } from "./work-queue.ts";

/** What training needs of a maker of networks. */
type Maker = Pick<NetworkMaker, "make" | "data">;

/**
 * The network on the page and what happens to it: it trains, pauses, is replaced by another one, and survives the loss
 * of its device. Knows nothing of how any of it is shown.
 */
export class Training extends NetworkAtHand {
  /** The networks that were trained before this one. */
  readonly earlier = new EarlierRuns();
  /** What makes other networks, recovers from lost devices and changes settings: one thing after another. */
  readonly work = new WorkQueue();
  readonly starts = new PendingStart(this.work);
  readonly evaluations: Evaluations;
  readonly #device = new DeviceWatch();
  readonly #control = new RunControl();
  /** Where training that a device's failure cut off is to get to with the next one. */
  #cutOff: Until | undefined;
  readonly #pending = new PendingChanges(this.work);

  constructor(
    readonly maker: Maker,
    first: MadeNetwork,
  ) {
    super(first);
    this.record.number ||= 1;
    this.evaluations = new Evaluations(this, () => this.phase === "idle");
    this.#control.changed.listen(() => this.phaseChanged.emit());
    this.#device.failed.listen((error) => this.failed.emit(error));
    this.#device.lost.listen(({ gpu, error }) => {
      const { recovered, failed } = this;
      const told = (did: boolean) => did && recovered.emit({ error, step: this.snapshot.step });
      this.recover(gpu).then(told, (reason) => failed.emit(reason));
    });
    this.#device.adopt(first.gpu);
  }

  get phase(): Phase {
    return this.#control.phase;
  }

  /** Whether no step is done yet of those that training was started for. */
  get starting(): boolean {
    return this.#control.starting;
  }

  /** The kernels that are being compiled at their first use, if any are. */
  get compiling() {
    return this.#control.compiling;
  }

  /** The settings that will be in force when all that was asked for is done. */
  get wanted(): Config {
    return this.#pending.appliedTo(this.config);
  }

  /** What the network makes of all those images, as it was asked last. */
  get evaluation(): Evaluation | undefined {
    return this.evaluations.whole;
  }

  get gpu(): Gpu | undefined {
    return this.#device.gpu;
  }

  /** Seconds spent training this network. */
  get seconds(): number {
    return this.record.seconds + this.#control.seconds;
  }

  /**
   * Trains on, once what was asked for before is done, to where it was asked for last; does nothing while it trains already, or
   * when training is finished.
   */
  train(until: Until = "end"): void {
    if (this.phase !== "training") this.starts.ask(until, (until) => this.#start(until));
  }

  /** Pauses for the task under way; training goes on behind it to where it was to get to, unless that is withdrawn. */
  async rests(): Promise<void> {
    const until = this.phase === "training" ? this.#control.left : undefined;
    await this.pause();
    if (until) this.train(until);
  }

  /** Resolves when the steps under way are done. */
  pause(): Promise<void> {
    this.#cutOff = undefined;
    return this.#control.halt();
  }

  /**
   * Changes settings: live ones take effect in the middle of training, others make another network. Each change builds on
   * what those before it have left.
   * @param what what it is called while it waits its turn
   * @throws UserError if that cannot be; the network there is then trains on as if nothing had been asked
   */
  change(changes: Partial<Config>, what?: string): Promise<void> {
    return this.#pending.batch(changes, what, (all) => this.#bringIntoForce(all));
  }

  /**
   * Makes another network, or goes on with one that there was, with the settings in force at its turn and `changes`.
   * What was trained stays among the earlier runs. Throws as `change` does.
   * @param beginning or what finds it at its turn
   */
  replace(changes: Partial<Config> = {}, beginning: Begins = {}, what = "Reset"): Promise<void> {
    return this.#pending.add({ changes, what }, async () =>
      this.#begin(changes, typeof beginning === "function" ? await beginning() : beginning),
    );
  }

  /** Goes on with an earlier network. Throws as `change` does. */
  bringBack({ record, ...beginning }: EarlierRun): Promise<void> {
    return this.replace(record.config, { record, ...beginning }, `Run ${record.number}`);
  }

  /** The device at hand has made steps, of this network or of others: losses before it are forgotten. */
  deviceWorks(): void {
    this.#device.works();
  }

  /** Replaces a device that is of no more use, and goes on from the last weights, at their position. Returns whether it had to. */
  recover(lost: Gpu | undefined = this.gpu): Promise<boolean> {
    return this.work.add({ what: "Asking for the GPU again" }, async () => {
      // What was asked for before may have found another device by itself.
      if (lost !== this.gpu) return false;
      // Training may halt before it has failed of its device.
      if (this.phase === "training") this.#cutOff = this.#control.left;
      await this.#control.halt();
      this.#control.phase = "recovering";
      try {
        const { snapshot, record, data } = this;
        this.isGone = true;
        this.trainer.destroy();
        this.#device.adopt(undefined);
        this.#install(await this.#make(this.config, { snapshot, record, data }));
      } finally {
        this.#control.phase = "idle";
      }
      const until = this.#cutOff;
      this.#cutOff = undefined;
      if (until) this.#start(until);
      else void this.rest();
      return true;
    });
  }

  /** Brings weights and figures up to date, if nothing else happens meanwhile. */
  async rest(): Promise<void> {
    await this.look();
    await this.evaluations.rest();
  }

  async #bringIntoForce(changes: Partial<Config>): Promise<void> {
    const changed = changedSettings(this.config, changes);
    // Who asks for a data set has done with their own.
    const leaves = "dataset" in changes && this.given !== undefined;
    if (leaves || changed.some((name) => !settings[name].live))
      await this.#begin(changes, leaves ? { given: undefined } : {});
    else if (changed.length > 0) await this.#steer(changes);
  }

  async #begin(changes: Partial<Config>, beginning: Beginning): Promise<void> {
    const config = changeSettings(this.config, { ...changes, ...beginning.changes });
    const made = await this.#make(config, beginning);
    await this.pause();
    const aside = await this.#setAside();
    this.trainer.destroy();
    this.earlier.remove(made.record);
    made.record.number ||= this.earlier.nextNumber;
    this.#install(made);
    this.evaluations.forget();
    this.replaced.emit();
    if (aside) this.leftBehind.emit(aside);
    void this.rest();
  }

  /** Puts the network among the earlier ones, if there is anything in it that a new one would not have. */
  async #setAside(): Promise<EarlierRun | undefined> {
    const { record, data, given, mix, trainer } = this;
    if (isBlank(record)) return undefined;
    const snapshot = await trainer.snapshot().catch(() => this.snapshot);
    const { finished, engine } = trainer;
    return this.earlier.add({ record, snapshot, data, given, mix, finished, device: engine.device });
  }

  async #steer(changes: Partial<Config>): Promise<void> {
    steer(this.trainer, this.record, changeSettings(this.config, changes));
    this.phaseChanged.emit();
    if (this.phase !== "idle" || !this.trainer.finished) return;
    // Fewer epochs than were trained: that is the end.
    await this.trainer.installBest();
    void this.rest();
  }

  /** What `beginning` does not say of the user's own data and digits is as it was. */
  #make(config: Config, beginning: Beginning): Promise<MadeNetwork> {
    const { given, mix } = this;
    return this.#device.use((gpu) => this.maker.make(config, { gpu, given, mix, ...beginning }));
  }

  #install(made: MadeNetwork): void {
    this.install(made);
    this.#device.adopt(made.gpu);
  }

  #start(until: Until): void {
    // There is no device while a screen says that it is gone.
    const isGone = this.config.backend === "webgpu" && !this.gpu;
    if (this.phase !== "idle" || this.trainer.finished || isGone) return;
    void this.#train(until);
  }

  async #train(until: Until): Promise<void> {
    const { record } = this;
    const witness = until === "step" ? new StepWitness(this.trainer) : undefined;
    const error = await this.#control.run(this.trainer, {
      until,
      onEvent: (event) => {
        witness?.heard(event);
        this.#heard(event);
      },
      ...(witness && { onSubmit: witness.onSubmit }),
      spent: (seconds) => {
        record.seconds += seconds;
      },
    });
    if (isDeviceFailure(error)) {
      this.#cutOff ??= this.#control.left;
      return;
    }
    if (error) this.failed.emit(error as Error);
    else if (witness) void this.show(witness);
    void this.rest();
  }

  #heard(event: TrainingEvent): void {
    if (event.type === "epoch") {
      const evaluation = event.test ?? event.validation;
      if (evaluation) this.evaluations.add(event.steps, evaluation);
      return;
    }
    this.deviceWorks();
    this.record.addSteps(event);
    this.progressed.emit();
    void this.look(false);
  }
}
