import { UsageError } from "../errors.ts";
import {
  type Config,
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

/** Reads a page's query, `?hidden=128&seed=7`. What is wrong in it falls back to its default, setting by setting. */
export function configFromQuery(query: string): ReadConfig {
  const config: Config = { ...pageDefaults };
  const problems: string[] = [];
  for (const [name, text] of new URLSearchParams(query)) {
    if (!settingNames.includes(name as SettingName)) {
      problems.push(`${name}: there is no such setting. It was left out.`);
      continue;
    }
    try {
      Object.assign(config, { [name]: parseSetting(name as SettingName, text, name) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(`${error.message} ${fallback(name as SettingName)}`);
    }
  }
  return { config, problems };
}

/** What is used in place of a setting that cannot be. */
export function fallback(name: SettingName): string {
  return `It is ${formatSetting(name, pageDefaults[name])} instead.`;
}

/** The query that `configFromQuery` reads back: every setting, so that later defaults do not change what it means. */
export function queryOf(config: Config): string {
  const pairs = settingNames.map((name) => [name, formatSetting(name, config[name])]);
  return `?${new URLSearchParams(pairs)}`.replaceAll("%2C", ",");
}
