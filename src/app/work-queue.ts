import { Signal } from "./signal.ts";

/** A task that was asked for: what it is, in words. */
export interface Work {
  readonly what: string;
}

/** Tasks one after another: each begins when the one before is done, and sees what that has left. */
export class WorkQueue {
  /** Another task is under way, or none is left. */
  readonly changed = new Signal();
  readonly #tasks: Work[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** The task under way and those that wait for it, in order. */
  get tasks(): readonly Work[] {
    return this.#tasks;
  }

  /** Speaks no more of a task; whoever has added it does nothing at its turn. */
  forget(work: Work): void {
    const at = this.#tasks.indexOf(work);
    if (at >= 0) this.#tasks.splice(at, 1);
    this.changed.emit();
  }

  /** Does `task` in its turn, whether or not those before it failed; settles as it does. */
  add<T>(work: Work, task: () => Promise<T>): Promise<T> {
    this.#tasks.push(work);
    const done = this.#last.then(task).finally(() => this.forget(work));
    this.#last = done.catch(() => {});
    this.changed.emit();
    return done;
  }
}
