/**
 * Those who hear of training, which goes on whatever they throw: what is under way is finished and told of, and only then is
 * what the first one threw an answer to whoever trains. Nothing that was trained is lost by it.
 */
export class Listeners {
  #thrown: { readonly error: unknown } | undefined;

  /** Whether one of them threw: nothing more need be begun then. */
  get failed(): boolean {
    return this.#thrown !== undefined;
  }

  /** `listener`, to be called without care. */
  careless<Heard extends unknown[]>(listener: ((...heard: Heard) => void) | undefined) {
    return (...heard: Heard): void => {
      try {
        listener?.(...heard);
      } catch (error) {
        this.#thrown ??= { error };
      }
    };
  }

  /** Throws what the first one that threw did. */
  rethrow(): void {
    if (this.#thrown) throw this.#thrown.error;
  }
}
