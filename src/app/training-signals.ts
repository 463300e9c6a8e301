import type { EarlierRun } from "./earlier-runs.ts";
import type { ShownStep } from "./shown-step.ts";
import { Signal } from "./signal.ts";

/** What can be heard of the network on the page. */
export class TrainingSignals {
  /** The phase is another one. */
  readonly phaseChanged = new Signal();
  /** There is another network: trainer, record and config are new. */
  readonly replaced = new Signal();
  /** The network before was trained, and can be brought back. */
  readonly leftBehind = new Signal<EarlierRun>();
  /** Steps were trained. */
  readonly progressed = new Signal();
  readonly weightsRead = new Signal();
  /** It is asked what a step computed, or was. */
  readonly lookedInto = new Signal();
  /** One step was trained on its own, and this is what it computed. */
  readonly stepShown = new Signal<ShownStep>();
  /** There are new predictions for the watched images, or the final figures of the test split. */
  readonly evaluated = new Signal();
  /** There is a newer figure of a sample of the watched images. */
  readonly sampled = new Signal();
  /** The device was lost, and training goes on with another one from this step. */
  readonly recovered = new Signal<{ error: Error; step: number }>();
  /** What a person has to be told: training has stopped. */
  readonly failed = new Signal<Error>();
}
