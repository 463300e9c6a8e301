import { UserError } from "../../errors.ts";
import { type Config, changedSettings } from "../../model/settings.ts";
import { isBlank } from "../earlier-runs.ts";
import type { RunRecord } from "../record.ts";
import { Signal } from "../signal.ts";
import { toast } from "../toasts.ts";
import type { Training } from "../training.ts";
import type { StageKey } from "../views/step/stages.ts";
import { type Act, type DataShape, lessonConfig, lessonSteps, type Station, stations } from "./stations.ts";

/** What a station opens in the views. */
export interface LessonViews {
  /** Opens a stage of the step that was shown last. */
  openStage(stage: StageKey): void;
  /** Whether a step of the network there is on show. */
  hasStep(): boolean;
  /** Takes a unit of the first hidden layer apart. */
  openUnit(unit: number): void;
  /** Puts the worst mistake on the pad and asks why. */
  askForWorst(): void;
}

type LessonName = keyof typeof lessonConfig;

/** The lesson's course: which station is open, and how the page is set up for it. */
export class Lesson {
  /** Another station is open, or none any more. */
  readonly changed = new Signal();
  /** It has ended and left its own settings in force: what brings back those before it, and their network. */
  readonly left = new Signal<() => void>();
  /** From 0; nothing while there is no lesson. */
  at: number | undefined;
  readonly #training: Training;
  readonly #views: LessonViews;
  #turn: Promise<void> = Promise.resolve();
  /** What is to be opened when the next step is shown. */
  #awaited: StageKey | undefined;
  /** What there was before the lesson changed it. */
  #before: { readonly config: Config; readonly record: RunRecord } | undefined;
  /** Whether it is making a network of its own. */
  #begins = false;

  constructor(training: Training, views: LessonViews) {
    this.#training = training;
    this.#views = views;
    training.stepShown.listen(() => this.#awaited && views.openStage(this.#awaited));
    training.replaced.listen(() => {
      // Who has gone on to another network has done with what was before the lesson.
      if (!this.station && !this.#begins) this.#before = undefined;
    });
  }

  /** There may be other data, of which the words speak. */
  get replaced(): Signal {
    return this.#training.replaced;
  }

  get data(): DataShape {
    const { classes, train } = this.#training.dataset;
    return { rows: train.rows, columns: train.columns, classes };
  }

  get station(): Station | undefined {
    return this.at === undefined ? undefined : stations[this.at];
  }

  /** Opens a station, from 0, and sets the page up for it. */
  open(at: number): void {
    if (at === this.at || !stations[at]) return;
    this.at = at;
    this.#awaited = undefined;
    this.changed.emit();
    this.#inTurn((isOpen) => this.#setUp(stations[at], isOpen));
  }

  close(): void {
    this.at = this.#awaited = undefined;
    this.changed.emit();
    // A network that is being made for the lesson has its settings, too.
    void this.#turn.then(() => this.station ?? this.#leave());
  }

  act({ breaks, trains, stage, unit, mistake }: Act): void {
    this.#inTurn(async (isOpen) => {
      if (breaks) await this.#begin({ ...this.#config, ...breaks });
      else if (trains && this.#isDone) await this.#begin(this.#config);
      if (!isOpen()) return;
      this.#awaited = stage;
      if (breaks || trains) this.#training.train(trains === "step" ? trains : lessonSteps);
      else if (stage) this.#views.openStage(stage);
      if (unit !== undefined) this.#views.openUnit(unit);
      if (mistake) this.#views.askForWorst();
    });
  }

  async #setUp({ trained, stage }: Station, isOpen: () => boolean): Promise<void> {
    if (trained !== "all") await this.#training.pause();
    if (!isOpen()) return;
    const { config, record } = this.#training;
    const isLessons = Object.entries(this.#config).every(
      ([name, value]) => String(config[name as LessonName]) === String(value),
    );
    const isTooFar = trained === "not" ? !isBlank(record) : trained === "some" && this.#isDone;
    if (!isLessons || isTooFar) await this.#begin(this.#config);
    if (!isOpen()) return;
    this.#awaited = stage;
    if (trained === "all") {
      if (!this.#isDone) this.#training.train(lessonSteps);
    } else if (stage && this.#views.hasStep()) this.#views.openStage(stage);
    else if (stage) this.#training.train("step");
  }

  /** Of few images, all are a mini-batch: those that are set apart for validation now, too. */
  get #config(): Pick<Config, LessonName> {
    const { dataset, config } = this.#training;
    return {
      ...lessonConfig,
      batchSize: Math.min(lessonConfig.batchSize, dataset.train.count + config.validation),
    };
  }

  /** Whether the network has trained for as long as the lesson does. */
  get #isDone(): boolean {
    const { trainer } = this.#training;
    return trainer.finished || trainer.step >= lessonSteps;
  }

  /** Makes another network of the lesson, which trains the same data on the same hardware. */
  async #begin(changes: Partial<Config>): Promise<void> {
    const { config, record } = this.#training;
    this.#before ??= { config: { ...config }, record };
    this.#begins = true;
    await this.#training.replace(changes, {}, "Lesson").finally(() => {
      this.#begins = false;
    });
  }

  /** Its network may be what one wants to go on with: what there was before is offered, no more. */
  #leave(): void {
    const { earlier, config: now } = this.#training;
    if (!this.#before) return;
    const { config, record } = this.#before;
    const changes = Object.fromEntries(
      Object.keys(lessonConfig).map((name) => [name, config[name as LessonName]]),
    );
    if (changedSettings(now, changes).length === 0) return;
    this.left.emit(() => {
      const run = earlier.all.find((run) => run.record === record && run.snapshot);
      told(run ? this.#training.bringBack(run) : this.#training.replace(changes));
    });
  }

  /** Does what the station that is open asks for, once what was asked for before is done and if it is still open then. */
  #inTurn(task: (isOpen: () => boolean) => Promise<void>): void {
    const { station } = this;
    const isOpen = () => this.station === station;
    const done = this.#turn.then(() => (isOpen() ? task(isOpen) : undefined));
    // Whatever one failed of is not the next one's.
    this.#turn = done.catch(() => {});
    told(done);
  }
}

/** Says what was refused. */
function told(done: Promise<unknown>): void {
  void done.catch((error) => {
    if (!(error instanceof UserError)) throw error;
    toast(error.message, "error");
  });
}
