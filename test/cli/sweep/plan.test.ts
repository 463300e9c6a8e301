import { describe, expect, test } from "vitest";
import { parseAxis } from "../../../src/cli/sweep/axes.ts";
import { planSweep, type SweepRequest } from "../../../src/cli/sweep/plan.ts";
import { UsageError } from "../../../src/errors.ts";
import { type Config, changeSettings, defaultConfig, type SettingName } from "../../../src/model/settings.ts";

const axes = (lists: Partial<Record<SettingName, string>>) =>
  Object.entries(lists).map(([name, text]) => parseAxis(name as SettingName, text));
const planned = (lists: Partial<Record<SettingName, string>>, request: Omit<SweepRequest, "axes"> = {}) =>
  planSweep({ axes: axes(lists), ...request }, 60_000);

describe("values of a setting", () => {
  test.each<[SettingName, string, unknown[]]>([
    ["learningRate", "0.03,0.1, 0.3", [0.03, 0.1, 0.3]],
    ["learningRate", "0.001..1 log 7", [0.001, 0.003162, 0.01, 0.03162, 0.1, 0.3162, 1]],
    ["learningRate", "0.1..0.3 3,0.5", [0.1, 0.2, 0.3, 0.5]],
    ["batchSize", "8..64 5", [8, 22, 36, 50, 64]],
    ["batchSize", "1..4 log 9", [1, 2, 3, 4]],
    ["hidden", "10,32,64", [[10], [32], [64]]],
    ["hidden", "none,128x64", [[], [128, 64]]],
    ["hidden", "0x10,4X5x6", [[16], [4, 5, 6]]],
    ["hidden", "8..32 log 3", [[8], [16], [32]]],
    ["optimizer", "sgd,adam", ["sgd", "adam"]],
    ["shuffle", "true,false", [true, false]],
    ["seed", "7", [7]],
  ])("%s %s", (name, text, values) => expect(parseAxis(name, text)).toEqual({ name, values, ranges: [] }));

  test("a range that does not say how many it has", () => {
    expect(parseAxis("learningRate", "0.01..1 log")).toEqual({
      name: "learningRate",
      values: [],
      ranges: [{ from: 0.01, to: 1, isLogarithmic: true }],
    });
  });

  test.each<[SettingName, string, RegExp]>([
    ["learningRate", "0.1,,0.2", /^--learning-rate: got nothing, expected a number/],
    ["learningRate", "", /^--learning-rate: got nothing/],
    ["learningRate", "0.1,0.3,0.10", /^--learning-rate names 0\.1 twice/],
    ["learningRate", "0.1,2000", /^--learning-rate: got 2000, expected a number above 0 and at most 1000/],
    ["learningRate", "1..0.1 3", /expected an end above 1; a range is like/],
    ["learningRate", "0.1..", /expected two ends/],
    ["learningRate", "0.1..1 1", /expected 2 to 10000 values, not 1/],
    ["learningRate", "0.1..1 five", /expected 2 to 10000 values, not five/],
    ["learningRate", "0.1..1 log 5 6", /expected no 6/],
    ["rotation", "0..9 log 3", /expected a beginning above 0/],
    ["hidden", "none..9 3", /expected the width of one layer at each end/],
    ["hidden", "8x", /^--hidden: got 8x, expected/],
    ["hidden", "8,axb", /^--hidden: got axb, expected/],
    ["optimizer", "sgd..adam", /^--optimizer: got sgd\.\.adam, expected one of/],
    ["shuffle", "yes", /^--shuffle: got yes, expected true or false/],
  ])("%s refuses %j", (name, text, message) => {
    expect(() => parseAxis(name, text)).toThrow(UsageError);
    expect(() => parseAxis(name, text)).toThrow(message);
  });
});

describe("the networks of a sweep", () => {
  test("are told apart from settings with one value that changes nothing in any of them", () => {
    const idle = { momentum: "0.5", decayEvery: "3", learningRate: "0.1,0.3" };
    expect(planned(idle).idle).toEqual(["decayEvery", "momentum"]);
    expect(planned({ ...idle, schedule: "step,constant", optimizer: "nesterov" }).idle).toEqual([]);
  });

  test("are all combinations in the order of the settings table, those that differ in the seed alone beside each other", () => {
    const { configs, swept, same } = planned(
      { learningRate: "0.1,0.3", epochs: "5", hidden: "10,none" },
      { seeds: 2 },
    );
    const expected = [[10], []].flatMap((hidden) =>
      [0.1, 0.3].flatMap((learningRate) => [1, 2].map((seed) => ({ hidden, learningRate, seed }))),
    );
    const shared = { epochs: 5, evaluateEvery: 1, validation: 10_000 };
    expect(configs).toEqual(expected.map((change) => ({ ...defaultConfig, ...shared, ...change })));
    expect([swept, same.networks]).toEqual([["hidden", "learningRate", "seed"], 0]);
  });

  test("begin with a preset, and with the defaults of their own optimizers", () => {
    const { configs } = planned({ optimizer: "sgd,rmsprop" }, { preset: "quick" });
    expect(configs.map(({ hidden, beta2 }) => [hidden, beta2])).toEqual([
      [[128], 0.999],
      [[128], 0.99],
    ]);
  });

  test("take seeds from the first one on", () => {
    expect(planned({ seed: "40" }, { seeds: 3 }).configs.map(({ seed }) => seed)).toEqual([40, 41, 42]);
  });

  test("are told apart by what has an effect: the same ones are trained once", () => {
    const { configs, same } = planned({ optimizer: "sgd,adam", beta2: "0.9,0.99", momentum: "0.8,0.9" });
    const values = ({ optimizer, beta2, momentum }: Config) => [optimizer, beta2, momentum];
    expect(configs.map(values)).toEqual(
      [
        ["sgd", 0.999, 0.9],
        ["adam", 0.9, 0.8],
        ["adam", 0.99, 0.8],
        ["adam", 0.9, 0.9],
        ["adam", 0.99, 0.9],
      ].sort((a, b) => Number(b[0] === "sgd") - Number(a[0] === "sgd") || Number(a[2]) - Number(b[2])),
    );
    expect(same).toEqual({ networks: 3, idle: ["momentum", "beta2"] });
  });

  test("are drawn from a range of whole numbers with its ends as often as the others", () => {
    for (const batchSize of ["1..3", "1..3 log"]) {
      const { configs } = planned({ batchSize, learningRate: "0.1..1" }, { random: 600 });
      const counts = [1, 2, 3].map((size) => configs.filter(({ batchSize }) => batchSize === size).length);
      expect(counts.reduce((sum, count) => sum + count)).toBe(configs.length);
      // By equal factors 1 stands for 0.5 to 1.5, 3 for 2.5 to 3.5.
      const shares = batchSize.endsWith("log") ? [0.56, 0.26, 0.17] : [1 / 3, 1 / 3, 1 / 3];
      for (const [index, share] of shares.entries())
        expect(counts[index] / configs.length).toBeCloseTo(share, 1);
    }
  });

  test("are drawn at random from lists and ranges, the same for the same first seed, each with every seed", () => {
    const lists = { learningRate: "0.001..1 log", hidden: "4..9,none", batchSize: "16,32" } as const;
    const { configs } = planned(lists, { random: 200, seeds: 2 });
    expect(planned(lists, { random: 200, seeds: 2 }).configs).toEqual(configs);
    expect(planned({ ...lists, seed: "2" }, { random: 200, seeds: 2 }).configs).not.toEqual(configs);
    expect(configs).toHaveLength(400);
    for (const [index, config] of configs.entries()) {
      expect(config.seed).toBe(1 + (index % 2));
      expect({ ...config, seed: 1 }).toEqual(configs[index - (index % 2)]);
      expect(config.learningRate).toBeGreaterThanOrEqual(0.001);
      expect(config.learningRate).toBeLessThanOrEqual(1);
    }
    // By equal factors half of the rates are below the middle of the logarithms.
    const low = configs.filter(({ learningRate }) => learningRate < 10 ** -1.5).length;
    expect(Math.abs(low - 200)).toBeLessThan(60);
    const widths = new Set(configs.map(({ hidden }) => hidden.join()));
    expect([...widths].sort()).toEqual(["", "4", "5", "6", "7", "8", "9"]);
  });

  test("are compared on a sixth of the images that are used", () => {
    const { configs } = planned({ limit: "600" }, { seeds: 3 });
    expect(configs.map(({ validation }) => validation)).toEqual([100, 100, 100]);
    expect(planned({ validation: "7" }, { seeds: 2 }).configs[0].validation).toBe(7);
    expect(planSweep({ axes: [], seeds: 2 }, 3).configs[0]).toEqual(
      changeSettings(defaultConfig, { validation: 1, evaluateEvery: 1 }),
    );
  });

  test.each<[string, Partial<Record<SettingName, string>>, Omit<SweepRequest, "axes">, RegExp]>([
    ["nothing", {}, {}, /^Nothing is swept: there is one network/],
    ["one value of each", { learningRate: "0.2", hidden: "3" }, { seeds: 1 }, /^Nothing is swept/],
    [
      "draws of one network",
      { learningRate: "0.1,0.2" },
      { random: 1 },
      /^--random 1: one network is drawn\. Draw more, or/,
    ],
    [
      "draws that are the same",
      { learningRate: "0.1,0.2", seed: "1" },
      { random: 3 },
      /^--random 3: all draws are the same network\. Draw more, or train all combinations/,
    ],
    ["no seeds", {}, { seeds: 0 }, /^--seeds 0 leaves no network/],
    ["no draws", { learningRate: "1,2" }, { random: 0 }, /^--random 0 leaves no network/],
    [
      "seeds twice",
      { seed: "1,2" },
      { seeds: 2 },
      /^--seeds 2 and several values of --seed contradict each other/,
    ],
    [
      "a range without a number",
      { learningRate: "0.1..1" },
      {},
      /^--learning-rate: the range 0\.1\.\.1 does not say/,
    ],
    ["a range of seeds", { seed: "1..9" }, { random: 3 }, /^--seed: the range 1\.\.9 does not say/],
    [
      "several data sets",
      { dataset: "mnist,kmnist" },
      {},
      /^--dataset: a sweep has one value of it, because its networks are/,
    ],
    [
      "several image limits",
      { limit: "600,1200" },
      {},
      /^--limit: a sweep has one value of it, because its networks are compared on the same images, the last ones within/,
    ],
    ["a range of image limits", { limit: "100,200..500" }, { random: 4 }, /^--limit: a sweep has one value/],
    [
      "seeds beyond the last one",
      { seed: "4294967295" },
      { seeds: 2 },
      /^--seeds 2: got 4294967296, expected a whole number from 0 to 4294967295/,
    ],
    ["several backends", { backend: "cpu,webgpu" }, {}, /^--backend: a sweep has one value of it/],
    [
      "what has no effect",
      { decayEvery: "1,2" },
      {},
      /^--decay-every has an effect only with the schedule step/,
    ],
    [
      "more than anybody means",
      { seed: "0..9999 10000", momentum: "0.1..0.9 11" },
      {},
      /^This sweep would have 110000 networks/,
    ],
    [
      "more seeds than memory holds",
      {},
      { seeds: 2 ** 32 - 1 },
      /^This sweep would have 4294967295 networks/,
    ],
  ])("refuses %s", (_, lists, request, message) => {
    expect(() => planned(lists, request)).toThrow(UsageError);
    expect(() => planned(lists, request)).toThrow(message);
  });
});
