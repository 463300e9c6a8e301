import {
  type Arbitrary,
  array,
  assert,
  boolean,
  constantFrom,
  double,
  integer,
  property,
  record,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { parsePreset, presetConfig, presetNames, presetOf, presets } from "../../src/model/presets.ts";
import type { Setting } from "../../src/model/setting-kinds.ts";
import {
  type Config,
  changeSettings,
  checkSetting,
  defaultConfig,
  formatSetting,
  idleUnless,
  isValid,
  type SettingName,
  settingNames,
  settings,
} from "../../src/model/settings.ts";

/** The settings that no preset touches. */
const untouched: readonly SettingName[] = [
  ...(["dataset", "transpose", "limit", "validation", "evaluateEvery", "patience", "keepBest"] as const),
  ...(["seed", "shuffle", "backend", "kernels", "residency"] as const),
];

/** Any valid value of a setting. */
function anyValue(name: SettingName): Arbitrary<unknown> {
  const { kind, min = 0, max = 0, choices = [] } = settings[name] as Setting<unknown>;
  const values: Record<typeof kind, () => Arbitrary<unknown>> = {
    boolean,
    choice: () => constantFrom(...choices),
    integer: () => integer({ min, max: Math.min(max, 2 ** 31 - 1) }),
    number: () => double({ min, max, noNaN: true }),
    widths: () => array(integer({ min: 1, max: 50 }), { maxLength: 3 }),
  };
  return values[kind]().filter((value) => isValid(name, value));
}

/** Any config there may be. */
const anyConfig = record(
  Object.fromEntries(settingNames.map((name) => [name, anyValue(name)])),
) as unknown as Arbitrary<Config>;

test("one chosen over whatever settings there are is the same run as over the defaults", () => {
  assert(
    property(anyConfig, constantFrom(...presetNames), (config, name) => {
      const chosen = changeSettings(config, presetConfig(name));
      const left = Object.fromEntries(untouched.map((setting) => [setting, config[setting]]));
      expect(chosen).toEqual({ ...changeSettings(defaultConfig, presets[name].config), ...left });
      expect(presetOf(chosen)).toBe(name);
    }),
  );
});

test("one is followed until a setting that has an effect is another", () => {
  const settable = constantFrom(...settingNames);
  assert(
    property(anyConfig, constantFrom(...presetNames), settable, (others, name, setting) => {
      const preset = changeSettings(others, presetConfig(name));
      const config = { ...preset, [setting]: others[setting] };
      const isSame = formatSetting(setting, config[setting]) === formatSetting(setting, preset[setting]);
      const follows = isSame || untouched.includes(setting) || idleUnless(setting, config) !== undefined;
      expect(presetOf(config)).toBe(follows ? name : undefined);
    }),
    { numRuns: 500 },
  );
});

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
    for (const setting of untouched) expect(presetConfig(name)).not.toHaveProperty(setting);
  });

  test("is recognised, whatever the seed, and no longer when a setting of it is changed", () => {
    const config: Config = { ...defaultConfig, ...presetConfig(name), seed: 99, evaluateEvery: 1 };
    expect(presetOf(config)).toBe(name);
    expect(presetOf({ ...config, hidden: [...config.hidden, 3] })).toBeUndefined();
    expect(presetOf({ ...config, elastic: 77 })).toBeUndefined();
  });

  test("brings the length of its run: no limit of steps outlasts it, which no control of the page shows", () => {
    const limited = { ...defaultConfig, steps: 1000 };
    expect({ ...limited, ...presetConfig(name) }).toMatchObject({ steps: 0 });
    expect(presetOf({ ...limited, ...presetConfig(name), steps: 1000 })).toBeUndefined();
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
