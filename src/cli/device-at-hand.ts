import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import type { DeviceLostError, Gpu } from "../gpu/gpu.ts";
import { type FoundAdapter, type Look, openFoundAgain } from "../node/adapter.ts";

/** How often another device is asked for, and how long is waited between: a driver that was reset takes some seconds. */
const mostTries = 5;
const patienceMs = 2000;

/** The device of an adapter that a command computes on, and what takes its place once it is lost. */
export class DeviceAtHand {
  readonly #found: FoundAdapter;
  readonly #options: Look & { readonly notice: (line: string) => void };
  #gpu: Gpu;
  #isLost = false;

  constructor(found: FoundAdapter, gpu: Gpu, options: Look & { readonly notice: (line: string) => void }) {
    this.#found = found;
    this.#options = options;
    this.#gpu = gpu;
    this.#watch();
  }

  get gpu(): Gpu {
    return this.#gpu;
  }

  /**
   * Another device, for whoever found theirs lost: the one at hand, if it is not that one.
   * @throws UserError if there is no other
   */
  readonly reopen = async (lost: DeviceLostError): Promise<Gpu> => {
    if (!this.#isLost) return this.#gpu;
    const { notice } = this.#options;
    notice(`${lost.message} Asking for another one.`);
    this.#gpu.destroy();
    this.#gpu = await this.#openAnother(lost);
    this.#watch();
    notice("There is one: training goes on as if nothing had happened.");
    return this.#gpu;
  };

  destroy(): void {
    this.#gpu.destroy();
  }

  #watch(): void {
    this.#isLost = false;
    void this.#gpu.failure.then(() => {
      this.#isLost = true;
    });
  }

  async #openAnother({ message }: DeviceLostError): Promise<Gpu> {
    for (let tries = 1; ; tries++) {
      try {
        return await openFoundAgain(this.#found, this.#options);
      } catch (error) {
        if (tries === mostTries)
          throw new UserError(`${message} No other could be had: ${(error as Error).message}`);
        await sleep(patienceMs);
      }
    }
  }
}
