/** Something that happens, and those who want to hear of it. */
export class Signal<Value = void> {
  readonly #listeners = new Set<(value: Value) => void>();

  listen(listener: (value: Value) => void): void {
    this.#listeners.add(listener);
  }

  /** Tells everybody: a mistake in one listener is reported as the page's own, and silences no other. */
  emit(value: Value): void {
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
