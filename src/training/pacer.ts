/**
 * Decides how many steps go into one submission, so that it takes about a target time on whatever computes: long
 * enough that submitting costs nothing, short enough for progress, a responsive page and the driver's watchdog.
 */
export class Pacer {
  #stepMs: number | undefined;
  #steps = 1;

  /** @param targetMs time that one submission should take */
  constructor(readonly targetMs: number) {}

  /** Steps to submit next. */
  get steps(): number {
    return this.#steps;
  }

  /** Takes note that `steps` steps took `ms`. Growth is at most fourfold a time: the first step may be a fluke. */
  measured(steps: number, ms: number): void {
    const stepMs = ms / steps;
    this.#stepMs = this.#stepMs === undefined ? stepMs : 0.5 * (this.#stepMs + stepMs);
    const wanted = Math.floor(this.targetMs / Math.max(this.#stepMs, 1e-6));
    this.#steps = Math.max(1, Math.min(wanted, this.#steps * 4));
  }
}
