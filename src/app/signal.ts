/** Something that happens, and those who want to hear of it. */
export class Signal<Value = void> {
  readonly #listeners = new Set<(value: Value) => void>();

  listen(listener: (value: Value) => void): void {
    this.#listeners.add(listener);
  }

  emit(value: Value): void {
    for (const listener of this.#listeners) listener(value);
  }
}
