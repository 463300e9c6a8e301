import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { parsePreset, presetConfig, presetNames, presetOf, presets } from "../../src/model/presets.ts";
import {
  type Config,
  checkSetting,
  defaultConfig,
  type SettingName,
  settings,
} from "../../src/model/settings.ts";

test("article is the default run", () => {
  expect({ ...defaultConfig, ...presetConfig("article") }).toEqual(defaultConfig);
});

describe.each(presetNames)("preset %s", (name) => {
  const entries = Object.entries(presets[name].config) as [SettingName, never][];

  test("has valid values, each of them other than the default", () => {
    for (const [setting, value] of entries) {
      expect(checkSetting(setting, value, setting)).toEqual(value);
      expect(value, setting).not.toEqual(defaultConfig[setting]);
    }
  });

  test("sets nothing that no flag could take back", () => {
    expect(entries.filter(([setting]) => settings[setting].kind === "boolean")).toEqual([]);
  });

  test("leaves data, seed and what computes to whoever uses it", () => {
    for (const setting of ["dataset", "seed", "backend", "limit", "evaluateEvery"]) {
      expect(presetConfig(name)).not.toHaveProperty(setting);
    }
  });

  test("is recognised, whatever the seed, and no longer when a setting of it is changed", () => {
    const config: Config = { ...defaultConfig, ...presetConfig(name), seed: 99, evaluateEvery: 1 };
    expect(presetOf(config)).toBe(name);
    expect(presetOf({ ...config, hidden: [...config.hidden, 3] })).toBeUndefined();
    expect(presetOf({ ...config, elastic: 77 })).toBeUndefined();
  });

  test("replaces another one entirely", () => {
    for (const other of presetNames) {
      expect(presetOf({ ...defaultConfig, ...presetConfig(other), ...presetConfig(name) })).toBe(name);
    }
  });
});

test("one that there is not is an error that lists them", () => {
  expect(parsePreset("quick", "--preset")).toBe("quick");
  for (const name of ["Quick", "toString", ""]) {
    expect(() => parsePreset(name, "--preset")).toThrow(UsageError);
    expect(() => parsePreset(name, "--preset")).toThrow("expected one of article, quick, accurate, record.");
  }
});
