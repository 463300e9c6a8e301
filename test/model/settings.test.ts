import { describe, expect, test } from "vitest";
import { optimizerNames, optimizerRows } from "../../src/model/optimizers.ts";
import { presetConfig, presetNames, presets } from "../../src/model/presets.ts";
import {
  type Config,
  changeSettings,
  defaultConfig,
  idleUnless,
  type SettingName,
  settingNames,
  usualValue,
} from "../../src/model/settings.ts";

const idleIn = (changes: Partial<Config>) =>
  settingNames.filter((name) => idleUnless(name, { ...defaultConfig, ...changes }) !== undefined);

describe("settings without effect", () => {
  test.each<[Partial<Config>, SettingName[]]>([
    [{}, ["decayEvery", "decayFactor", "momentum", "beta2", "epsilon", "patience", "keepBest"]],
    [{ schedule: "step", optimizer: "adamw", validation: 10, evaluateEvery: 1 }, []],
    [
      { schedule: "step", optimizer: "nesterov", validation: 10 },
      ["beta2", "epsilon", "patience", "keepBest"],
    ],
    [
      { schedule: "step", optimizer: "adam", validation: 1, evaluateEvery: 2, hidden: [], backend: "cpu" },
      ["activation", "hiddenDropout", "kernels", "residency"],
    ],
  ])("with %j", (changes, idle) => expect(idleIn(changes)).toEqual(idle));

  test.each(presetNames)("are not among those that the preset %s sets", (name) => {
    const idle = idleIn(presetConfig(name));
    expect(idle.filter((setting) => setting in presets[name].config)).toEqual([]);
  });
});

describe.each(optimizerNames)("choosing %s", (optimizer) => {
  const other = optimizerNames.find((name) => name !== optimizer)!;
  const before = changeSettings(defaultConfig, { optimizer: other });
  const { hyperparameters } = optimizerRows[optimizer];

  test("brings the defaults of its hyperparameters", () => {
    const config = changeSettings(before, { optimizer });
    expect(config).toEqual({ ...before, optimizer, ...hyperparameters });
    for (const [name, value] of Object.entries(hyperparameters)) {
      expect(usualValue(name as SettingName, config)).toBe(value);
    }
  });

  test("leaves those alone that are given with it, and all if it is chosen already", () => {
    const given = Object.fromEntries(Object.keys(hyperparameters).map((name) => [name, 0.123]));
    const config = changeSettings(before, { optimizer, ...given });
    expect(config).toMatchObject(given);
    expect(changeSettings(config, { optimizer, seed: 5 })).toEqual({ ...config, seed: 5 });
  });
});
