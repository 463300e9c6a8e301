import type { Dataset } from "../data/dataset.ts";
import type { Parameters } from "../model/parameters.ts";
import type { Config } from "../model/settings.ts";
import type { Inspection } from "../reference/inspect.ts";
import type { Snapshot } from "../training/snapshot.ts";
import type { Trainer } from "../training/trainer.ts";
import { isDeviceFailure } from "./device.ts";
import type { MadeNetwork } from "./network-maker.ts";
import type { RunRecord } from "./record.ts";
import type { StepWitness } from "./shown-step.ts";
import { TrainingSignals } from "./training-signals.ts";
import { type Look, WeightsWatch } from "./weights-watch.ts";

/** The network on the page at the moment: its trainer, its record, its data, and what it answers. */
export class NetworkAtHand extends TrainingSignals {
  trainer: Trainer;
  record: RunRecord;
  /** All images that there are, of which the config may leave some out. */
  data: Dataset;
  given: MadeNetwork["given"];
  mix: MadeNetwork["mix"];
  /** Whether the trainer is gone, and another is to take its place. */
  protected isGone = false;
  /** Steps of which it is being asked what they computed. */
  lookingInto = 0;
  #watch: WeightsWatch;

  constructor(first: MadeNetwork) {
    super();
    this.trainer = first.trainer;
    this.record = first.record;
    this.data = first.data;
    this.given = first.given;
    this.mix = first.mix;
    this.#watch = watchOf(first);
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

  /** What lies inside the network that evaluations use while it reads one prepared image. */
  inspect(image: Uint8Array): Promise<Inspection | undefined> {
    return this.ask((trainer) => trainer.engine.inspect(image, undefined, "evaluation"));
  }

  /** What the trainer answers; nothing if the network was replaced or its device lost meanwhile. */
  async ask<T>(question: (trainer: Trainer) => Promise<T>): Promise<T | undefined> {
    const { trainer } = this;
    if (this.isGone) return undefined;
    try {
      const answer = await question(trainer);
      return trainer === this.trainer ? answer : undefined;
    } catch (error) {
      const isOld = trainer !== this.trainer || this.isGone;
      if (!isOld && !isDeviceFailure(error)) this.failed.emit(error as Error);
      return undefined;
    }
  }

  /** Another network takes the place of this one. */
  protected install(made: MadeNetwork): void {
    this.trainer = made.trainer;
    this.isGone = false;
    this.record = made.record;
    this.data = made.data;
    this.given = made.given;
    this.mix = made.mix;
    this.#watch = watchOf(made);
  }

  /** Has a step that was looked on at shown. */
  protected async show(witness: StepWitness): Promise<void> {
    this.lookingInto++;
    this.lookedInto.emit();
    const shown = await this.ask(() => witness.answer());
    this.lookingInto--;
    this.lookedInto.emit();
    if (shown) this.stepShown.emit(shown);
  }

  /** Reads the weights back if that is due, or now. */
  protected async look(now = true): Promise<void> {
    const watch = this.#watch;
    if (!now && !watch.due) return;
    const found = await watch.look(() => this.ask(lookAt));
    if (found && watch === this.#watch) this.weightsRead.emit();
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
