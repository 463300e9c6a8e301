import { describe, expect, test } from "vitest";
import { presetConfig, presetNames, presets } from "../../src/model/presets.ts";
import {
  type Config,
  defaultConfig,
  idleUnless,
  type SettingName,
  settingNames,
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
