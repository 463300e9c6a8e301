import { DeviceLosses } from "../gpu/device-losses.ts";
import type { DeviceLostError, Gpu } from "../gpu/gpu.ts";
import { Signal } from "./signal.ts";

/** The device at hand, and what becomes of it: a lost one can be replaced, a few times in a row. */
export class DeviceWatch {
  /** It was lost, and another may be asked for. */
  readonly lost = new Signal<{ gpu: Gpu; error: DeviceLostError }>();
  /** It failed in another way, or was lost too often. */
  readonly failed = new Signal<Error>();
  #gpu: Gpu | undefined;
  readonly #losses = new DeviceLosses();

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
      if (this.#losses.count(error)) this.lost.emit({ gpu, error });
      else this.failed.emit(error);
    });
  }

  /** The device works: losses before are forgotten. */
  works(): void {
    this.#losses.forget();
  }

  /** Does `work` with the device at hand, and again with another each time that it is lost meanwhile. */
  async use<T>(work: (gpu: Gpu | undefined) => Promise<T>): Promise<T> {
    for (let gpu = this.#gpu; ; gpu = undefined) {
      try {
        return await work(gpu);
      } catch (error) {
        if (!this.#losses.count(error)) throw error;
      }
    }
  }
}
