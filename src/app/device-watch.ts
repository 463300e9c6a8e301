import { DeviceLostError, type Gpu } from "../gpu/gpu.ts";
import { Signal } from "./signal.ts";

/** How often a device may be lost in a row, without a step between, before a person has to decide. */
const mostLosses = 3;

/** The device at hand, and what becomes of it: a lost one can be replaced, a few times in a row. */
export class DeviceWatch {
  /** It was lost, and another may be asked for. */
  readonly lost = new Signal<{ gpu: Gpu; error: DeviceLostError }>();
  /** It failed in another way, or was lost too often. */
  readonly failed = new Signal<Error>();
  #gpu: Gpu | undefined;
  #losses = 0;

  get gpu(): Gpu | undefined {
    return this.#gpu;
  }

  /** Takes a device as its own instead of the one there was, which is destroyed. */
  adopt(gpu: Gpu | undefined): void {
    if (gpu === this.#gpu) return;
    this.#gpu?.destroy();
    this.#gpu = gpu;
    void gpu?.failure.then((error) => {
      if (gpu !== this.#gpu) return;
      if (this.#countLoss(error)) this.lost.emit({ gpu, error });
      else this.failed.emit(error);
    });
  }

  /** The device works: losses before are forgotten. */
  works(): void {
    this.#losses = 0;
  }

  /** Does `work` with the device at hand, and again with another each time that it is lost meanwhile. */
  async use<T>(work: (gpu: Gpu | undefined) => Promise<T>): Promise<T> {
    for (let gpu = this.#gpu; ; gpu = undefined) {
      try {
        return await work(gpu);
      } catch (error) {
        if (!this.#countLoss(error)) throw error;
      }
    }
  }

  /** Whether `error` is the loss of a device after which another may be asked for. */
  #countLoss(error: unknown): error is DeviceLostError {
    return error instanceof DeviceLostError && this.#losses++ < mostLosses;
  }
}
