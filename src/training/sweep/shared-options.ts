import type { Gpu } from "../../gpu/gpu.ts";
import type { Config } from "../../model/settings.ts";
import type { GroupTrainerOptions } from "./create-group-trainer.ts";

/** What is the same for all groups of a sweep. */
type Shared = Omit<GroupTrainerOptions, "configs" | "states">;

/** What the groups of a sweep are made with: the device that was opened last, when one begins. */
export class SharedOptions {
  readonly #shared: Shared;
  #gpu: Gpu | undefined;

  constructor({ dataset, gpu, reopen, cpuEngine }: Shared) {
    const reopenHere: Shared["reopen"] = async (lost) => {
      this.#gpu = await reopen!(lost);
      return this.#gpu;
    };
    this.#shared = { dataset, cpuEngine, reopen: reopen && reopenHere };
    this.#gpu = gpu;
  }

  /** Those of a group of such networks. */
  of(configs: readonly Config[]): GroupTrainerOptions {
    return { ...this.#shared, gpu: this.#gpu, configs };
  }
}
