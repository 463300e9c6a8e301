import { UsageError } from "../errors.ts";
import type { DeviceLostError, Gpu } from "../gpu/gpu.ts";
import type { Config } from "../model/settings.ts";
import { findGpu, openFound } from "../node/adapter.ts";
import { takeNaps } from "../node/napping.ts";
import { DeviceAtHand } from "./device-at-hand.ts";

/** What computes: a GPU device, or the CPU reference. */
export interface Compute {
  /** The one at hand; absent for the CPU backend. */
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
  const devices = new DeviceAtHand(found, gpu, { notice, debug });
  const wake = takeNaps();
  const destroy = () => {
    devices.destroy();
    wake();
  };
  return {
    get gpu() {
      return devices.gpu;
    },
    reopen: devices.reopen,
    notice,
    description: found.description,
    destroy,
  };
}
