import { DeviceLostError } from "./gpu.ts";

/** How often a device may be lost in a row, without a step between, before a person has to decide. */
const mostLosses = 3;

/** Counts lost devices for as long as none of them computes anything. */
export class DeviceLosses {
  #inARow = 0;

  /** Whether `error` is the loss of a device after which another may be asked for. */
  count(error: unknown): error is DeviceLostError {
    return error instanceof DeviceLostError && this.#inARow++ < mostLosses;
  }

  /** The device at hand works: the losses before it are forgotten. */
  forget(): void {
    this.#inARow = 0;
  }
}
