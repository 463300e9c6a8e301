import { UserError } from "../errors.ts";
import { type Config, changesInTurn, changesText } from "../model/settings.ts";

interface Entry {
  readonly changes: Partial<Config>;
  readonly what: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Changes of settings that wait for their turn together: the networks between them are never made. */
export class ChangeBatch {
  readonly #entries: Entry[] = [];

  /** All that is asked for and neither in force nor refused yet. */
  get changes(): Partial<Config> {
    return this.#entries.reduce((all: Partial<Config>, { changes }) => changesInTurn(all, changes), {});
  }

  get what(): string {
    return this.#entries.map(({ what }) => what).join(", ");
  }

  /** Adds one; resolves when it is in force. */
  add(changes: Partial<Config>, what = changesText(changes)): Promise<void> {
    return new Promise((resolve, reject) => this.#entries.push({ changes, what, resolve, reject }));
  }

  /** Brings all into force at once; if together they are refused, one after another, so that only the guilty are. */
  async apply(bringIntoForce: (changes: Partial<Config>) => Promise<void>): Promise<void> {
    if (this.#entries.length > 1) {
      try {
        await bringIntoForce(this.changes);
        for (const { resolve } of this.#entries.splice(0)) resolve();
      } catch (error) {
        if (!(error instanceof UserError)) {
          for (const { reject } of this.#entries.splice(0)) reject(error);
        }
      }
    }
    for (const entry of [...this.#entries]) {
      await bringIntoForce(entry.changes).then(entry.resolve, entry.reject);
      this.#entries.shift();
    }
  }
}
