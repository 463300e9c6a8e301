import type { OnKernelsReady } from "../kernels/lib/steps.ts";

/** How far the kernels are that are being compiled, and the time that has gone by for them. */
export class CompileTime {
  readonly #clock: () => number;
  #since: number | undefined;
  #ms = 0;
  #ready = 0;
  #kernels = 0;

  /** @param clock milliseconds since some moment */
  constructor(clock = () => performance.now()) {
    this.#clock = clock;
  }

  /** Takes note of how many kernels are ready. */
  readonly heard: OnKernelsReady = (ready, kernels) => {
    this.#ms = this.ms;
    this.#since = ready < kernels ? this.#clock() : undefined;
    this.#ready = ready;
    this.#kernels = kernels;
  };

  /** Kernels that are ready, of those that are being compiled; undefined if none are. */
  get underWay(): { readonly ready: number; readonly kernels: number } | undefined {
    return this.#since === undefined ? undefined : { ready: this.#ready, kernels: this.#kernels };
  }

  /** Milliseconds in which kernels were compiled, up to now. */
  get ms(): number {
    return this.#ms + (this.#since === undefined ? 0 : this.#clock() - this.#since);
  }
}
