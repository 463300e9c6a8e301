import type { TrainingEvent } from "../training/events.ts";

/** Who looks on while a run trains. What it throws ends the run. */
export interface Observer {
  handle(event: TrainingEvent): void;
  /** Training has stopped: finished, interrupted or failed. */
  stop?(): void;
}
