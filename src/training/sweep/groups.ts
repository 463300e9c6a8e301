import type { Setting } from "../../model/setting-kinds.ts";
import { type Config, formatSetting, settingNames, settings } from "../../model/settings.ts";
import { changesImages } from "../../reference/augment.ts";

/** The settings in which networks that are trained together must agree. */
const common = settingNames.filter((name) => !(settings[name] as Setting<unknown>).each);

/** What networks that are trained together have in common, as text: equal for those that can be. */
export function groupKey(config: Config): string {
  const values = common.map((name) => `${name}=${formatSetting(name, config[name])}`);
  return [...values, `changesImages=${changesImages(config)}`].join(" ");
}

/** The places in `configs` of those that can be trained together; groups and places are in the order of `configs`. */
export function groupConfigs(configs: readonly Config[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [place, config] of configs.entries()) {
    const key = groupKey(config);
    const group = groups.get(key);
    if (group) group.push(place);
    else groups.set(key, [place]);
  }
  return [...groups.values()];
}
