import { type Config, changeSettings } from "../model/settings.ts";
import { ChangeBatch } from "./change-batch.ts";
import type { Work, WorkQueue } from "./work-queue.ts";

/** Something that will change settings in its turn. */
interface Change extends Work {
  readonly changes: Partial<Config>;
}

/** Changes of settings that were asked for and are not in force yet; they come into force as work of a queue. */
export class PendingChanges {
  readonly #work: WorkQueue;
  readonly #pending: Change[] = [];

  constructor(work: WorkQueue) {
    this.#work = work;
  }

  /** What `config` will be when all of them are in force. */
  appliedTo(config: Config): Config {
    return this.#pending.reduce((config, { changes }) => changeSettings(config, changes), config);
  }

  /** Does `task`, which brings `change` into force, in its turn. */
  add(change: Change, task: () => Promise<void>): Promise<void> {
    this.#pending.push(change);
    return this.#work.add(change, async () => {
      try {
        await task();
      } finally {
        this.#pending.splice(this.#pending.indexOf(change), 1);
      }
    });
  }

  /**
   * Has changes brought into force, together with those that wait right before them.
   * @param what what it is called while it waits its turn
   */
  batch(
    changes: Partial<Config>,
    what: string | undefined,
    bringIntoForce: (changes: Partial<Config>) => Promise<void>,
  ): Promise<void> {
    const { tasks } = this.#work;
    // The first task is under way: it can take no other change with it.
    const waiting = tasks.length > 1 ? tasks.at(-1) : undefined;
    if (waiting instanceof ChangeBatch) {
      const done = waiting.add(changes, what);
      this.#work.changed.emit();
      return done;
    }
    const batch = new ChangeBatch();
    const done = batch.add(changes, what);
    void this.add(batch, () => batch.apply(bringIntoForce));
    return done;
  }
}
