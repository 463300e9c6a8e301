import type { TrainingEvent } from "../../training/events.ts";

/** Is told of all that happens in a run. An error that it throws ends the run. */
export interface Observer {
  handle(event: TrainingEvent): void;
  /**
   * Training has stopped: finished, interrupted, or failed of `error`. Observers are told one after the other, each
   * when the one before it is done.
   */
  stop?(error?: unknown): void | Promise<void>;
}
