import { UserError } from "../errors.ts";
import { OutOfMemoryError } from "../gpu/gpu.ts";
import { type Config, changedSettings, type SettingName } from "../model/settings.ts";
import { openDevice } from "./device.ts";
import { DataError, type MadeNetwork, type NetworkMaker } from "./network-maker.ts";
import { toast } from "./toasts.ts";
import { fallback, pageDefaults } from "./url.ts";

/** Settings whose values may be fine each by itself and yet too much for the data or the device, tried in this order. */
const repairs: readonly (readonly SettingName[])[] = [
  ["batchSize"],
  ["hidden"],
  ["validation"],
  ["patience", "keepBest"],
  ["validation", "patience", "keepBest"],
  ["limit"],
  ["hidden", "batchSize"],
  ["hidden", "batchSize", "limit"],
];

/**
 * The network that a link asks for. Settings that the data or the device refuse fall back to their defaults, as few of
 * them as need to, and a toast says which.
 * @throws NoGpuError, DataError, OutOfMemoryError: what no other setting would mend
 */
export async function makeFirst(maker: NetworkMaker, config: Config): Promise<MadeNetwork> {
  const gpu = config.backend === "webgpu" ? await openDevice() : undefined;
  let refused: UserError | undefined;
  for (const names of [[], ...repairs]) {
    const defaults: Partial<Config> = Object.fromEntries(names.map((name) => [name, pageDefaults[name]]));
    try {
      const made = await maker.make({ ...config, ...defaults }, { gpu });
      if (refused) {
        const changed = changedSettings(config, defaults);
        const instead = changed.map((name) => `${name}: ${fallback(name, pageDefaults)}`).join(" ");
        toast(`In the link: ${refused.message} ${instead}`);
      }
      return made;
    } catch (error) {
      const final = error instanceof DataError || error instanceof OutOfMemoryError;
      if (final || !(error instanceof UserError)) throw error;
      refused ??= error;
    }
  }
  throw refused;
}
