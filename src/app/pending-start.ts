import type { Until } from "./run-control.ts";
import type { Work, WorkQueue } from "./work-queue.ts";

/** What a start is called that is none to the end of training. */
const names: Partial<Record<Until, string>> = { step: "Step", epoch: "Epoch" };

/** The start of training that waits until work before it is done: there is one, the last that was asked for. */
export class PendingStart {
  readonly #queue: WorkQueue;
  #work: Work | undefined;

  constructor(queue: WorkQueue) {
    this.#queue = queue;
  }

  get waits(): boolean {
    return this.#work !== undefined;
  }

  /** Calls `start` in its turn: at once if nothing is under way. */
  ask(until: Until, start: (until: Until) => void): void {
    this.withdraw();
    if (this.#queue.tasks.length === 0) {
      start(until);
      return;
    }
    const work = { what: names[until] ?? "Train" };
    this.#work = work;
    void this.#queue.add(work, async () => {
      if (this.#work !== work) return;
      this.#work = undefined;
      start(until);
    });
  }

  /** Takes back what waits. */
  withdraw(): void {
    const work = this.#work;
    this.#work = undefined;
    if (work) this.#queue.forget(work);
  }
}
