import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import {
  commandText,
  configFrom,
  idleFlags,
  presetOption,
  type SettingFlags,
  settingOption,
  shellQuoted,
} from "../../src/cli/flags.ts";
import { presetHelp, presetNames, presets } from "../../src/model/presets.ts";
import { withOptimizersOf } from "../../src/model/setting-effects.ts";
import { defaultConfig, settingNames } from "../../src/model/settings.ts";
import { setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();

function parse(...args: string[]): SettingFlags {
  const command = new Command().exitOverride().configureOutput({ outputError: () => {} });
  for (const name of settingNames) command.addOption(settingOption(name));
  command.addOption(presetOption());
  return command.parse(args, { from: "user" }).opts();
}

describe("flags of settings", () => {
  it("leave everything at its default", () => {
    expect(configFrom(parse())).toEqual(defaultConfig);
  });

  it("set what they name", () => {
    const flags = parse("--hidden", "33,17", "--no-shuffle", "--learning-rate=0.5", "--dataset", "synthetic");
    expect(configFrom(flags)).toEqual({
      ...defaultConfig,
      hidden: [33, 17],
      shuffle: false,
      learningRate: 0.5,
      dataset: "synthetic",
    });
  });

  it("tell a setting that was given from one that was not", () => {
    expect(parse().hidden).toBeUndefined();
    expect(parse("--hidden", "10").hidden).toEqual([10]);
  });
});

describe("--preset", () => {
  it("sets what the preset says, and flags change it, wherever they stand", () => {
    expect(configFrom(parse("--preset", "quick"))).toEqual({ ...defaultConfig, ...presets.quick.config });
    expect(configFrom(parse("--epochs", "2", "--preset", "quick", "--seed", "5"))).toEqual({
      ...defaultConfig,
      ...presets.quick.config,
      epochs: 2,
      seed: 5,
    });
    expect(configFrom(parse("--preset", "article"))).toEqual(defaultConfig);
  });

  it("can be taken back to the default by a flag", () => {
    const { optimizer, epochs } = configFrom(
      parse("--preset", "quick", "--optimizer", "sgd", "--epochs", "100"),
    );
    expect({ optimizer, epochs }).toEqual({ optimizer: "sgd", epochs: 100 });
  });
});

describe("flags without effect", () => {
  const idle = (...args: string[]) => {
    const flags = parse(...args);
    return idleFlags(
      settingNames.filter((name) => flags[name] !== undefined),
      configFrom(flags),
    );
  };

  it("are told, each with where it has one", () => {
    expect(idle("--beta2", "0.9", "--decay-every=3", "--optimizer=momentum", "--momentum", "0.8")).toEqual([
      "--decay-every is of no use here: it has an effect only with the schedule step.",
      `--beta2 is of no use here: it has an effect only ${withOptimizersOf("beta2").only}.`,
    ]);
    expect(idle("--backend=cpu", "--kernels=tiled", "--hidden=none", "--activation=relu")).toHaveLength(2);
  });

  it("are none among those that were not given, or that have an effect", () => {
    expect(idle()).toEqual([]);
    expect(idle("--preset=quick", "--optimizer=sgd")).toEqual([]);
    expect(idle("--preset=quick", "--momentum=0.8")).toEqual([]);
  });

  it("are remarks of train on stderr, and no errors", async () => {
    const quick = ["--dataset=synthetic", "--limit=64", "--steps=1", "--backend=cpu"];
    const { code, stderr } = await cli.run("train", ...quick, "--momentum=0.5");
    expect(stderr).toContain(
      "--momentum is of no use here: it has an effect only with the optimizers momentum",
    );
    expect(code).toBe(0);
  });
});

describe("wrong usage", () => {
  const model = ["--model", "model.safetensors"];
  it.each([
    [["train", "--batch-size", "0"], "--batch-size: got 0, expected a whole number from 1 to 65536."],
    [["train", "--batch-size", "1.5"], "--batch-size: got 1.5, expected a whole number"],
    [["train", "--batch-size", ""], "--batch-size: got nothing, expected a whole number"],
    [["train", "--learning-rate", "NaN"], "--learning-rate: got NaN, expected a number above 0"],
    [["train", "--learning-rate", "-0.1"], "--learning-rate: got -0.1, expected a number above 0"],
    [["train", "--learning-rate"], "option '--learning-rate <x>' argument missing"],
    [["train", "--hidden", "10,,3"], "--hidden: got 10,,3, expected up to 64 whole numbers"],
    [["train", "--initialiser", "magic"], "--initialiser: got magic, expected one of article, "],
    [
      ["train", "--dataset", "cifar"],
      "--dataset: got cifar, expected one of auto, mnist, fashion-mnist, kmnist, emnist-digits, synthetic.",
    ],
    [["train", "--epohs", "3"], "unknown option '--epohs' (Did you mean --epochs?)"],
    [["train", "--preset", "fast"], "--preset: got fast, expected one of article, quick, accurate, record."],
    [["train", "--preset", ""], "--preset: got nothing, expected one of"],
    [["train", "3"], "too many arguments for 'train'."],
    [["train", "--name", "../up"], "--name: got ../up, expected up to 100 letters"],
    [["train", "--out", ""], "--out: got nothing, expected a folder."],
    [
      ["train", "--checkpoint-every", "0s"],
      "--checkpoint-every: got 0s, expected a number of steps like 500",
    ],
    [["train", "--resume", ""], "--resume: got nothing, expected a run folder."],
    ...[
      ["--out", "y"],
      ["--name", "y"],
      ["--init", "y"],
      ["--preset", "quick"],
    ].map(([flag, value]): [string[], string] => [
      ["train", "--resume", "x", flag, value],
      `option '--resume <folder>' cannot be used with option '${flag}`,
    ]),
    [["train", "--data", ""], "--data: got nothing, expected a folder or a file."],
    [
      ["train", "--data", "x", "--dataset", "synthetic"],
      "--data x and --dataset synthetic exclude each other.",
    ],
    [
      ["train", "--init", "x", "--initialiser", "zeros"],
      "'--initialiser <name>' cannot be used with option '--init",
    ],
    [["evaluate"], "required option '--model <file>' not specified"],
    [["predict", ...model], "predict: there is nothing to classify."],
    [["predict", ...model, "--index", "-1"], "--index: got -1, expected a whole number from 0 on."],
    [["predict", ...model, "--index", "1", "a.png"], "--index 1 and a.png exclude each other."],
    [["predict", ...model, "--data", "x", "a.png"], "--data is of no use for pictures."],
    [["predict", ...model, "--dataset", "kmnist", "a.png"], "--dataset is of no use for pictures."],
    [["predict", ...model, "--transpose", "a.png"], "--transpose is of no use for pictures."],
    [["trian"], "unknown command 'trian' (Did you mean train?)"],
    [["--verbose"], "unknown option '--verbose'"],
  ])("%j ends with one sentence and exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await cli.run(...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: .+\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(await cli.files()).toEqual([]);
  });

  it("without a command shows the commands on stderr", async () => {
    const { code, stdout, stderr } = await cli.run();
    expect(stderr).toContain("Usage: mnist-webgpu");
    expect([code, stdout]).toEqual([2, ""]);
  });
});

describe("a command to paste", () => {
  it.each([
    [["train", "--resume", "runs/a-1_b.c"], {}, [], "mnist-webgpu train --resume runs/a-1_b.c"],
    [
      ["train", "--hidden=128,64"],
      { data: "my data", out: "none" },
      ["--data=my data"],
      "mnist-webgpu train --hidden=128,64 '--data=my data'",
    ],
    [
      ["train", "--resume", "a"],
      { adapter: "a b", checkpointEvery: { unit: "seconds", count: 30 }, tensorboard: true } as const,
      ["--adapter=a b", "--checkpoint-every=30s", "--tensorboard"],
      "mnist-webgpu train --resume a '--adapter=a b' --checkpoint-every=30s --tensorboard",
    ],
    [
      ["train", "--resume", "a"],
      { checkpointEvery: { unit: "steps", count: 5 } } as const,
      ["--checkpoint-every=5"],
      "mnist-webgpu train --resume a --checkpoint-every=5",
    ],
    [
      ["sweep", "--resume", "it's $HOME"],
      { memory: 2 ** 29 },
      ["--memory=536870912"],
      "mnist-webgpu sweep --resume 'it'\\''s $HOME' --memory=536870912",
    ],
  ])("%j with the flags %j", (words, flags, pasted, text) => {
    expect(commandText(words, flags, ["mnist-webgpu", words[0]])).toBe(text);
    const said = execFileSync("sh", ["-c", text.replace("mnist-webgpu", "printf '%s\\n'")], {
      encoding: "utf8",
    });
    expect(said.trimEnd().split("\n")).toEqual([...words, ...pasted]);
  });
});

describe("words to paste on Windows", () => {
  it.each([
    ["--data=C:\\Users\\a\\digits.zip", "--data=C:\\Users\\a\\digits.zip"],
    ["runs\\my first", '"runs\\my first"'],
    ["--data=C:\\my digits\\", '"--data=C:\\my digits\\\\"'],
    ["it's", '"it\'s"'],
    ['a "b\\"', '"a \\"b\\\\\\""'],
    ["", '""'],
  ])("%s", (word, quoted) => expect(shellQuoted(word, "win32")).toBe(quoted));
});

describe("help", () => {
  it("lists every setting with its default", async () => {
    const { code, stdout, stderr } = await cli.run("train", "--help");
    for (const flag of ["--hidden <n,n,...>", "--no-shuffle", "--evaluate-every <n>", "--residency <name>"]) {
      expect(stdout).toContain(flag);
    }
    expect(stdout).toContain("(default: 64)");
    expect(stdout).toContain("--preset <name>");
    for (const name of presetNames) expect(stdout).toContain(presetHelp(name));
    expect(stdout).toContain("Examples:");
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("gives the version", async () => {
    expect(await cli.run("--version")).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  it("shows stack traces with --debug only", async () => {
    const args = ["evaluate", "--model", "none.safetensors"];
    const plain = await cli.run(...args);
    expect(plain.stderr).toMatch(/^error: none\.safetensors cannot be read \(.+\n$/);
    expect(plain.code).toBe(1);
    const debug = await cli.run(...args, "--debug");
    expect(debug.stderr.startsWith(plain.stderr)).toBe(true);
    expect(debug.stderr).toMatch(/\n {4}at .+cli\.js:\d+/);
    expect(debug.code).toBe(1);
  });
});
