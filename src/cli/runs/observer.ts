import type { TrainingEvent } from "../../training/events.ts";

/** Who looks on while a run trains. What it throws ends the run. */
export interface Observer {
  handle(event: TrainingEvent): void;
  /**
   * Training has stopped: finished, interrupted, or failed of `error`. Observers are told one after the other, each
   * when the one before it is done.
   */
  stop?(error?: unknown): void | Promise<void>;
}
