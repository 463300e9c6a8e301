import { UsageError } from "../errors.ts";
import { parsePreset, presetConfig } from "../model/presets.ts";
import {
  type Config,
  changeSettings,
  defaultConfig,
  formatSetting,
  parseSetting,
  type SettingName,
  settingNames,
} from "../model/settings.ts";

/** The page shows figures of the test split while training, the command line only at the end: one default differs. */
export const pageDefaults: Config = { ...defaultConfig, evaluateEvery: 1 };

/** A config, and in words what of its source could not be used. */
export interface ReadConfig {
  readonly config: Config;
  readonly problems: readonly string[];
}

/**
 * Reads a page's query, `?hidden=128&seed=7`, or `?preset=quick&seed=7`: a preset that other parameters change. What is
 * wrong in it falls back to its default, setting by setting.
 */
export function configFromQuery(query: string): ReadConfig {
  let beginning = pageDefaults;
  const changes: Partial<Config> = {};
  const problems: string[] = [];
  const parameters = new URLSearchParams(query);
  for (const text of parameters.getAll("preset")) {
    try {
      beginning = changeSettings(beginning, presetConfig(parsePreset(text, "preset")));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(`${error.message} It was left out.`);
    }
  }
  parameters.delete("preset");
  for (const [name, text] of parameters) {
    if (!settingNames.includes(name as SettingName)) {
      problems.push(`${name}: there is no such setting. It was left out.`);
      continue;
    }
    try {
      Object.assign(changes, { [name]: parseSetting(name as SettingName, text, name) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(`${error.message} ${fallback(name as SettingName, changeSettings(beginning, changes))}`);
    }
  }
  return { config: changeSettings(beginning, changes), problems };
}

/** What is used in place of a setting that cannot be: that of `config`. */
export function fallback(name: SettingName, config: Config): string {
  return `It is ${formatSetting(name, config[name])} instead.`;
}

/** Shows another address of this page, unless the browser has had enough of them: Safari takes 100 in a while. The next one is right again. */
export function showAddress(address: string): void {
  try {
    history.replaceState(null, "", address);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** The query that `configFromQuery` reads back: every setting, so that later defaults do not change what it means. */
export function queryOf(config: Config): string {
  const pairs = settingNames.map((name) => [name, formatSetting(name, config[name])]);
  return `?${new URLSearchParams(pairs)}`.replaceAll("%2C", ",");
}
