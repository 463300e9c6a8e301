/**
 * Those who hear of training, which goes on whatever they throw: what is under way is finished and told of, and only then is
 * what the first one threw an answer to whoever trains. Nothing that was trained is lost by it.
 */
export class Listeners {
  #thrown: { readonly error: unknown } | undefined;
  /** What asynchronous ones have not done yet. */
  readonly #underWay = new Set<Promise<unknown>>();

  /** Whether one of them threw: nothing more need be begun then. */
  get failed(): boolean {
    return this.#thrown !== undefined;
  }

  /** `listener`, to be called without care. */
  careless<Heard extends unknown[]>(listener: ((...heard: Heard) => unknown) | undefined) {
    const failed = (error: unknown) => {
      this.#thrown ??= { error };
    };
    return (...heard: Heard): void => {
      try {
        const answer = listener?.(...heard);
        if (!(answer instanceof Promise)) return;
        const done = answer.catch(failed).finally(() => this.#underWay.delete(done));
        this.#underWay.add(done);
      } catch (error) {
        failed(error);
      }
    };
  }

  /** Resolves when the asynchronous ones are done. */
  async done(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Throws what the first one that threw did, once all of them are done. */
  async rethrow(): Promise<void> {
    await this.done();
    if (this.#thrown) throw this.#thrown.error;
  }
}
