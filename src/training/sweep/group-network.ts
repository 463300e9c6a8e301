import type { Parameters } from "../../model/parameters.ts";
import type { Config } from "../../model/settings.ts";
import type { StepMetrics, TrainingStep } from "../engine/engine.ts";
import type { DivergedError, Evaluation, TrainingEvent } from "../events.ts";
import type { Course } from "../mini-batch.ts";
import type { Times } from "../paced-steps.ts";
import { type Settled, settleRead, settleSteps, type Watched } from "../reports.ts";
import { type EpochScore, evaluatesAfter, stopsEarly } from "../selection.ts";
import type { Position, Snapshot } from "../snapshot.ts";

/** What a network of several begins with, or goes on from. */
export interface NetworkStart {
  readonly config: Config;
  readonly snapshot: Snapshot;
  /** What the last evaluation of the watched images said, if there was one. */
  readonly score?: Score | undefined;
}

/** Mean cross-entropy in nats, and fraction correct. */
export type Score = Pick<Evaluation, "loss" | "accuracy">;

/** A network of several is done. */
export interface EndEvent {
  readonly type: "end";
  /** `halved`: it was among the worse half when a sweep compared them. */
  readonly reason: "finished" | "stopped early" | "diverged" | "halved";
  /** Steps since training began; the step at which it was seen, of one that diverged. */
  readonly steps: number;
  /** What is kept: the best weights if the config asks for them, else the last ones, or the last finite ones. */
  readonly parameters: Parameters;
  /** What the watched images say of them; nothing of a network that diverged. */
  readonly score?: Score;
  /** The best evaluation of the validation images. */
  readonly best?: EpochScore;
  /** How it diverged. */
  readonly error?: DivergedError;
}

/** What happens to one network of several. */
export type NetworkEvent = TrainingEvent | EndEvent;

/** Steps of one network that are done, and what was asked for with them. */
export interface Done {
  readonly steps: readonly TrainingStep[];
  readonly answer: StepMetrics & Times;
  /** At the end of an epoch and of training: the parameters as they are then. */
  readonly parameters: Parameters | undefined;
  /** What the watched images say of these, where that was asked. */
  readonly evaluation: Evaluation | undefined;
}

/** How far one network of several has come. */
export class GroupNetwork {
  readonly course: Course;
  readonly #watched: Watched["name"];
  #position: Position;
  #score: Score | undefined;
  #ended = false;

  constructor(
    { config, snapshot, score }: NetworkStart,
    course: Omit<Course, "config" | "slotsSince">,
    watched: Watched["name"],
  ) {
    const { step, sums, selection, finite, slotsSince } = snapshot;
    this.course = { ...course, config, slotsSince };
    this.#watched = watched;
    this.#position = { step, sums, selection, finite, slotsSince };
    this.#score = score;
  }

  get position(): Position {
    return this.#position;
  }

  /** Whether training of it is over, whatever the others do. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What the watched images said last of the weights that would be kept. */
  get score(): Score | undefined {
    return this.course.config.keepBest ? (this.#position.selection.best ?? this.#score) : this.#score;
  }

  /** Takes note of steps that are done, and tells of them; of nothing more once it has ended. */
  settle({ steps, answer, parameters, evaluation }: Done, onEvent: (event: NetworkEvent) => void): void {
    if (this.#ended) return;
    const { config, stepsPerEpoch } = this.course;
    const { diverged, ...made } = settleSteps(this.#position, steps, answer, this.course);
    this.#take(made, onEvent);
    if (diverged) {
      this.#end("diverged", onEvent, diverged);
      return;
    }
    if (parameters) {
      const last = steps[steps.length - 1];
      // An evaluation that was made because training ends is no part of the epoch, as it is none of a trainer's.
      const ofEpoch = evaluatesAfter(config, last.number / stepsPerEpoch) ? evaluation : undefined;
      const read = { parameters, name: this.#watched, evaluation: ofEpoch };
      const { diverged, ...settled } = settleRead(this.#position, last, read, this.course);
      this.#take(settled, onEvent);
      if (diverged) {
        this.#end("diverged", onEvent, diverged);
        return;
      }
      if (evaluation) this.#score = { loss: evaluation.loss, accuracy: evaluation.accuracy };
    }
    this.endIfDone(onEvent);
  }

  /** Ends it if nothing is left to train, which is so of some that went on from a snapshot. */
  endIfDone(onEvent: (event: NetworkEvent) => void): void {
    if (this.#ended) return;
    const { config, totalSteps } = this.course;
    if (stopsEarly(config, this.#position.selection)) this.#end("stopped early", onEvent);
    else if (this.#position.step >= totalSteps) this.#end("finished", onEvent);
  }

  #take({ position, event }: Settled, onEvent: (event: NetworkEvent) => void): void {
    this.#position = position;
    if (event) onEvent(event);
  }

  #end(reason: EndEvent["reason"], onEvent: (event: NetworkEvent) => void, error?: DivergedError): void {
    this.#ended = true;
    onEvent(endOf(this.#position, { reason, score: this.score, error }));
  }
}

/** The end of a network at `position`. */
export function endOf(
  { step, selection, finite }: Position,
  {
    reason,
    score,
    error,
  }: { reason: EndEvent["reason"]; score: Score | undefined; error?: DivergedError | undefined },
): EndEvent {
  const { best, parameters = finite } = selection;
  return {
    type: "end",
    reason,
    steps: error?.step ?? step,
    parameters,
    ...(score && !error && { score }),
    ...(best && { best }),
    ...(error && { error }),
  };
}
