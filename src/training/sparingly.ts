/** Does something again and again, with pauses so long that it takes a small part of the time. */
export class Sparingly {
  readonly #leastMs: number;
  readonly #times: number;
  #underWay = false;
  #next = 0;

  /**
   * @param leastMs milliseconds that a pause has at least
   * @param times how many times as long as the work before it a pause has to be
   */
  constructor(leastMs: number, times: number) {
    this.#leastMs = leastMs;
    this.#times = times;
  }

  /** Whether the pause is over. */
  get due(): boolean {
    return !this.#underWay && performance.now() >= this.#next;
  }

  /** Does it now; the next pause begins when it is done. */
  async do<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    this.#underWay = true;
    try {
      return await work();
    } finally {
      const now = performance.now();
      this.#underWay = false;
      this.#next = now + Math.max(this.#leastMs, this.#times * (now - startedAt));
    }
  }
}
