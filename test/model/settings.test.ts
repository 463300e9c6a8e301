import { assert, constantFrom, double, integer, oneof, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { optimizerNames, optimizerRows } from "../../src/model/optimizers.ts";
import { presetConfig, presetNames, presets } from "../../src/model/presets.ts";
import {
  type Config,
  changeSettings,
  defaultConfig,
  flagOf,
  idleUnless,
  isValid,
  parseSetting,
  type SettingName,
  settingNames,
  settings,
  usualValue,
} from "../../src/model/settings.ts";

const idleIn = (changes: Partial<Config>) =>
  settingNames.filter((name) => idleUnless(name, { ...defaultConfig, ...changes }) !== undefined);

describe("settings without effect", () => {
  test.each<[Partial<Config>, SettingName[]]>([
    [{}, ["decayEvery", "decayFactor", "momentum", "beta2", "epsilon", "calmEnd", "patience", "keepBest"]],
    [{ schedule: "step", optimizer: "adamw", elastic: 0.1, validation: 10, evaluateEvery: 1 }, []],
    [
      { schedule: "step", optimizer: "nesterov", validation: 10 },
      ["beta2", "epsilon", "calmEnd", "patience", "keepBest"],
    ],
    [
      { schedule: "step", optimizer: "adam", validation: 1, evaluateEvery: 2, hidden: [], backend: "cpu" },
      ["activation", "hiddenDropout", "calmEnd", "kernels", "residency"],
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
    expect(usualValue("optimizer", config)).toBe(defaultConfig.optimizer);
  });

  test("leaves those alone that are given with it, and all if it is chosen already", () => {
    const given = Object.fromEntries(Object.keys(hyperparameters).map((name) => [name, 0.123]));
    const config = changeSettings(before, { optimizer, ...given });
    expect(config).toMatchObject(given);
    expect(changeSettings(config, { optimizer, seed: 5 })).toEqual({ ...config, seed: 5 });
  });
});

describe("numbers that float32 cannot hold", () => {
  const numeric = settingNames.filter((name) => settings[name].kind === "number");
  /** Any double of the range, its ends and their neighbourhood more often. */
  const numbersOf = (name: SettingName) => {
    const { min = 0, max = 0 } = settings[name] as { min?: number; max?: number };
    const nearEnds = integer({ min: 1, max: 400 }).chain((digits) =>
      constantFrom(10 ** -digits, max - 10 ** -digits, max - 2 ** -digits, min + 2 ** -digits),
    );
    return oneof(double({ min, max, noNaN: true }), nearEnds);
  };

  test.each(numeric)("are none that %s takes: what it takes is as much in float32", (name) => {
    assert(
      property(numbersOf(name), (value) => {
        if (!isValid(name, value)) return;
        const held = Math.fround(value);
        expect(isValid(name, held)).toBe(true);
        expect(held === 0).toBe(value === 0);
        expect(Math.abs(held - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -24);
      }),
    );
  });

  test.each<[SettingName, string]>([
    ["momentum", "0.99999999"],
    ["beta2", "0.999999999"],
    ["averageDecay", "0.99999999"],
    ["hiddenDropout", "0.99999999"],
    ["learningRate", "1e-45"],
    ["epsilon", "1e-45"],
    ["weightDecay", "1e-40"],
  ])("are refused: %s %s", (name, text) => {
    expect(() => parseSetting(name, text)).toThrow(`${flagOf(name)}: got ${text}, expected a number`);
  });
});
