import { setTimeout as sleep } from "node:timers/promises";
import { UsageError, UserError } from "../errors.ts";
import type { DeviceLostError, Gpu } from "../gpu/gpu.ts";
import type { Config } from "../model/settings.ts";
import { type FoundAdapter, findGpu, type Look, openFound, openFoundAgain } from "../node/adapter.ts";
import { takeNaps } from "../node/napping.ts";

/** What computes: a GPU device, or the CPU reference. */
export interface Compute {
  /** Absent for the CPU backend. */
  readonly gpu?: Gpu;
  /** Opens another device of the same adapter in the place of one that was lost. Absent for the CPU backend. */
  readonly reopen?: (lost: DeviceLostError) => Promise<Gpu>;
  /** Says what those who wait should know. */
  notice(line: string): void;
  /** For the line at the start: the adapter, and whether it is software; or the reference. */
  readonly description: string;
  destroy(): void;
}

/**
 * Opens what the flags ask for. A GPU is waited for with naps until it is destroyed.
 * @throws UserError if there is no adapter, or none of that name
 */
export async function openCompute(options: {
  readonly backend: Config["backend"];
  readonly adapter?: string | undefined;
  readonly notice: Compute["notice"];
  /** Lets drivers write to stderr. */
  readonly debug?: boolean | undefined;
}): Promise<Compute> {
  const { backend, adapter, notice, debug } = options;
  if (backend === "cpu") {
    if (adapter !== undefined) {
      throw new UsageError(
        `--adapter ${adapter} and --backend cpu exclude each other. Leave one of them out.`,
      );
    }
    return { notice, description: "CPU reference (float64)", destroy: () => {} };
  }
  const found = await findGpu({ adapter, debug });
  const gpu = await openFound(found, { debug });
  let atHand = gpu;
  const reopen = async (lost: DeviceLostError) => {
    notice(`${lost.message} Asking for another one.`);
    atHand.destroy();
    atHand = await openAnother(found, lost, { debug });
    notice("There is one: training goes on as if nothing had happened.");
    return atHand;
  };
  const wake = takeNaps();
  const destroy = () => {
    atHand.destroy();
    wake();
  };
  return { gpu, reopen, notice, description: found.description, destroy };
}

/** How often another device is asked for, and how long is waited between: a driver that was reset takes some seconds. */
const mostTries = 5;
const patienceMs = 2000;

async function openAnother(found: FoundAdapter, lost: DeviceLostError, look: Look): Promise<Gpu> {
  for (let tries = 1; ; tries++) {
    try {
      return await openFoundAgain(found, look);
    } catch (error) {
      if (tries < mostTries) await sleep(patienceMs);
      else throw new UserError(`${lost.message} No other could be had: ${(error as Error).message}`);
    }
  }
}
