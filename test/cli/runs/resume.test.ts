import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { checkCheckpointSize } from "../../../src/cli/runs/checkpoint-size.ts";
import type { EndRecord } from "../../../src/cli/runs/records.ts";
import { checkUnfinished, openRun } from "../../../src/cli/runs/resume.ts";
import { modelOf } from "../../../src/cli/runs/run-model.ts";
import { randomStream } from "../../../src/data/random.ts";
import { UserError } from "../../../src/errors.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../src/model/checkpoint-file.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { startWords } from "../../../src/node/packages.ts";
import { jsonLines, setUpCli } from "../../helpers/cli.ts";

const cli = setUpCli();
const checkpoint = "checkpoint.safetensors";

const model = (folder: string) => readFile(cli.path(folder, "model.safetensors"));

/** The lines of metrics.jsonl without what differs between any two runs. */
async function metrics(folder: string) {
  const lines = jsonLines(await readFile(cli.path(folder, "metrics.jsonl"), "utf8"));
  return lines.map(({ seconds, stepsPerSecond, folder: _, ...rest }) => rest);
}

/** The last epoch that a run in `folder` has a record of. */
async function epochsOf(folder: string): Promise<number> {
  const text = await readFile(cli.path(folder, "metrics.jsonl"), "utf8");
  return (text.match(/"event":"epoch"/g) ?? []).length;
}

it.each([
  ["sgd", false, 0, 2],
  ["adam", false, 0, 4],
  ["adam", true, 0.9, 6],
] as const)(
  "a checkpoint with %s that could not be read again is refused before training",
  (optimizer, keepBest, averageDecay, networks) => {
    const config = { ...defaultConfig, optimizer, keepBest, averageDecay, backend: "webgpu" as const };
    const bytes = networks * 4 * (784 * 10 + 10) + 2 ** 20;
    checkCheckpointSize(config, [784, 10], bytes);
    expect(() => checkCheckpointSize(config, [784, 10], bytes - 1)).toThrow(
      `A checkpoint of a network 784-10 with ${optimizer} would have ${bytes.toLocaleString("en-US")} bytes, but only`,
    );
    expect(() => checkCheckpointSize({ ...config, backend: "cpu" }, [784, 10], bytes)).toThrow(UserError);
  },
);

const modern = [
  ...["--optimizer=adam", "--average-decay=0.9", "--hidden-dropout=0.2", "--learning-rate=0.01"],
  ...[
    "--shift=1",
    "--elastic=0.5",
    "--label-smoothing=0.1",
    "--schedule=cosine",
    "--warmup=20",
    "--validation=20",
    "--evaluate-every=3",
    "--patience=100000",
  ],
];

/** Of each kind of run: its flags, its epochs, and how often it is interrupted by each signal. */
const runs = [
  { name: "the article's kind", flags: ["--backend=cpu"], epochs: 4000, times: 4 },
  { name: "everything at once", flags: ["--backend=cpu", ...modern, "--keep-best"], epochs: 500, times: 3 },
  { name: "on WebGPU", flags: ["--backend=webgpu", ...modern, "--limit=60"], epochs: 120, times: 3 },
];

describe("train --resume", { timeout: 240_000 }, () => {
  it.each(runs)("$name: ends as if never interrupted, by Ctrl-C and kill -9", async (run) => {
    const { flags, epochs, times } = run;
    const data = await cli.data();
    const train = ["train", ...data, "--json"];
    const begin = [...train, ...flags, "--batch-size=7", "--hidden=5", `--epochs=${epochs}`];
    expect((await cli.run(...begin, "--out=straight")).code).toBe(0);

    const random = randomStream(11, "verification", flags.length);
    for (let interruption = 0; interruption < 2 * times; interruption++) {
      const first = interruption === 0;
      const signal = interruption % 2 === 0 ? "SIGINT" : "SIGKILL";
      const flags = [first ? "--out=run" : "--resume=run", "--checkpoint-every=3"];
      const child = cli.start(...(first ? begin : train), ...flags);
      const behind = first ? 0 : await epochsOf("run");
      const more = 2 + random.integer(Math.floor((epochs - behind) / (4 * times)));
      await child.printed(`"epoch":${behind + more},`);
      await sleep(random.uniform() * 40);
      child.process.kill(signal);
      const { code, stderr } = await child.result;
      expect(code, stderr).toBe(signal === "SIGINT" ? 130 : null);
    }
    expect(await epochsOf("run")).toBeLessThan(epochs);
    const { code, stderr } = await cli.run(...train, "--resume=run");
    expect([code, stderr.split("\n").filter((line) => line.startsWith("error"))]).toEqual([0, []]);
    expect((await model("run")).equals(await model("straight"))).toBe(true);
    expect(await metrics("run")).toEqual(await metrics("straight"));
    expect((await cli.files()).filter((file) => file.startsWith("run/"))).toEqual(
      ["checkpoint.safetensors", "config.json", "metrics.jsonl", "model.safetensors", "report.html"].map(
        (file) => `run/${file}`,
      ),
    );
  });

  it("goes on where more epochs are asked for, to what so many would have given", async () => {
    const train = ["train", ...(await cli.data()), "--backend=cpu", "--batch-size=7", "--checkpoint-every=1"];
    expect((await cli.run(...train, "--epochs=7", "--out=straight")).code).toBe(0);
    expect((await cli.run(...train, "--epochs=4", "--out=run")).code).toBe(0);
    expect((await cli.run(...train, "--epochs=7", "--resume=run")).code).toBe(0);
    expect((await model("run")).equals(await model("straight"))).toBe(true);
    expect(await metrics("run")).toEqual(await metrics("straight"));
  });
});

it("tells of data that do not even fit the network that they are not the run's, as report does", async () => {
  const data = await cli.data();
  const train = ["train", "--backend=cpu", "--batch-size=7"];
  expect((await cli.run(...train, ...data, "--epochs=1", "--checkpoint-every=1", "--out=run")).code).toBe(0);
  // Digits are larger, and of more classes.
  for (const command of [
    ["train", "--resume=run", "--epochs=2"],
    ["report", "run"],
  ]) {
    const { code, stderr } = await cli.run(...command);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*run(:| was).* trained (and tested )?on data .*but .*MNIST.*--data\.$/m);
  }
});

it("completes a run that was killed between its last step and its model", async () => {
  const train = ["train", ...(await cli.data()), "--backend=cpu", "--batch-size=7"];
  const flags = [
    "--epochs=6",
    "--validation=20",
    "--evaluate-every=2",
    "--keep-best",
    "--checkpoint-every=9",
  ];
  expect((await cli.run(...train, ...flags, "--out=run")).code).toBe(0);
  const [bytes, lines] = [await model("run"), await metrics("run")];
  await rm(cli.path("run", "model.safetensors"));
  const text = await readFile(cli.path("run", "metrics.jsonl"), "utf8");
  await writeFile(cli.path("run", "metrics.jsonl"), text.slice(0, text.indexOf('{"event":"end"')));
  await writeFile(cli.path("run", ".mnist-webgpu-0a1b2c3d.part"), "half");
  expect((await cli.run(...train.slice(0, 3), "--resume=run")).code).toBe(0);
  expect((await model("run")).equals(bytes)).toBe(true);
  expect(await metrics("run")).toEqual(lines);
  expect((await cli.files()).filter((file) => file.includes(".part"))).toEqual([]);
});

it.each([
  { killed: "its last record and its report", lost: "" },
  { killed: "its model and its last record", lost: '"event":"end"' },
])("makes the report of a run that was killed between $killed, and `report` does", async ({ lost }) => {
  const data = await cli.data();
  const flags = ["--backend=cpu", "--batch-size=7", "--epochs=6", "--validation=20", "--evaluate-every=2"];
  expect((await cli.run("train", ...data, ...flags, "--out=run")).code).toBe(0);
  const [lines, bytes] = [await metrics("run"), await model("run")];
  const kill = async () => {
    await rm(cli.path("run", "report.html"));
    const path = cli.path("run", "metrics.jsonl");
    const text = await readFile(path, "utf8");
    // What was being written is there in part.
    if (lost && text.includes(lost)) await writeFile(path, text.slice(0, text.indexOf(lost) + 5));
  };
  await kill();
  expect((await cli.run("report", "run", ...data)).stdout).toContain("Wrote run/report.html.");
  expect(await readFile(cli.path("run", "report.html"), "utf8")).toContain("Finished 66 steps in ");

  await kill();
  const { code, stdout } = await cli.run("train", ...data, "--resume=run");
  expect(stdout).toContain("run was trained, but has no report: it is made now.\n");
  expect(code).toBe(0);
  expect(await readFile(cli.path("run", "report.html"), "utf8")).toContain("Finished 66 steps in ");
  const { test, ...end } = (await metrics("run")).at(-1)!;
  const { test: before, ...expected } = lines.at(-1)!;
  expect(end).toEqual(expected);
  expect(test).toMatchObject({ accuracy: (before as { accuracy: number }).accuracy });
  expect((await metrics("run")).slice(0, -1)).toEqual(lines.slice(0, -1));
  expect((await model("run")).equals(bytes)).toBe(true);
  const { stderr } = await cli.run("train", ...data, "--resume=run");
  expect(stderr).toMatch(/^error: --resume run: the run is finished after 66 steps, and the folder holds no/);
});

/** A run that Ctrl-C ended within an epoch, and the flags that its data needs. */
async function interrupted(...flags: string[]) {
  const data = await cli.data();
  const base = [
    "train",
    ...data,
    "--backend=cpu",
    "--batch-size=7",
    "--epochs=1000000",
    "--out=run",
    "--json",
  ];
  const run = cli.startHalting('"epoch":2,', {}, ...base, ...flags);
  await run.halted;
  run.process.kill("SIGINT");
  run.goOn();
  const { code, stderr } = await run.result;
  expect(code).toBe(130);
  expect(stderr).toMatch(/^Go on with: node \/\S+\/cli\.js train --resume run --data=data$/m);
  return data;
}

it("goes on with a run from before a setting was there, at its default", async () => {
  const data = await interrupted();
  const path = cli.path("run", checkpoint);
  const file = decodeCheckpoint(await readFile(path), checkpoint);
  const { calmEnd, ...older } = file.facts.config;
  await writeFile(path, encodeCheckpoint({ ...file, facts: { ...file.facts, config: older } }));
  const configPath = cli.path("run", "config.json");
  const description = JSON.parse(await readFile(configPath, "utf8"));
  delete description.config.calmEnd;
  await writeFile(configPath, JSON.stringify(description));
  const epochs = Math.ceil(file.facts.step / 14) + 1;
  const { code, stderr } = await cli.run("train", ...data, "--resume=run", `--epochs=${epochs}`);
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  expect((await metrics("run")).at(-1)).toMatchObject({ reason: "finished", steps: 14 * epochs });
});

describe("a run that cannot be gone on with", () => {
  it.each([
    ["epochs, which may be more", {}, /Give more --epochs, or start from its weights with --init\.$/],
    ["steps", { steps: 28 }, /nothing to go on with\. Start from its weights with --init\.$/],
    ["a schedule that depends on both", { schedule: "cosine" }, /\. Start from its weights/],
  ] as const)("because it ended by its %s", (_, settings, message) => {
    const run = { path: "run", end: ended("finished"), config: { ...defaultConfig, ...settings } };
    const trainer = { step: 28, totalSteps: 28, stoppedEarly: false };
    expect(() => checkUnfinished(run, trainer)).toThrow(message);
  });

  const ended = (reason: EndRecord["reason"]) =>
    ({ event: "end", reason, steps: 28, seconds: 1 }) as EndRecord;

  it("because it diverged, as it would again, whatever epochs are asked for", () => {
    const trainer = { step: 14, totalSteps: 56, stoppedEarly: false };
    const run = (reason: EndRecord["reason"]) => ({
      path: "run",
      end: ended(reason),
      config: defaultConfig,
    });
    expect(() => checkUnfinished(run("diverged"), trainer)).toThrow(
      "--resume run: the run diverged at step 28, and would again. Start from its weights with --init and a smaller --learning-rate.",
    );
    expect(() => checkUnfinished(run("interrupted"), trainer)).not.toThrow();
  });

  async function refused(args: readonly string[], message: RegExp) {
    const before = await readFile(cli.path("run", "metrics.jsonl"));
    const { code, stderr } = await cli.run("train", ...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(code).toBe(1);
    expect(await readFile(cli.path("run", "metrics.jsonl"))).toEqual(before);
  }

  it("for other data, settings or programs, or a file that is damaged", async () => {
    const data = await interrupted("--schedule=cosine");
    const resume = [...data, "--resume=run"];
    await refused(
      [...resume, "--learning-rate=0.5"],
      /^error: --resume run: the checkpoint was trained with --learning-rate 0\.1, not 0\.5\. Only --epochs/,
    );
    await refused([...resume, "--no-shuffle"], /--shuffle true, not false/);
    await refused([...resume, "--epochs=9"], /--epochs 1000000, not 9\. A cosine schedule/);

    const images = cli.path("data", "train-images-idx3-ubyte");
    const pixels = await readFile(images);
    pixels[pixels.length - 1] ^= 1;
    await writeFile(images, pixels);
    await refused(
      resume,
      /trained on data with 96 training and 30 test images \(SHA-256 \w{12}\.\.\.\), but the data here is data with/,
    );
    pixels[pixels.length - 1] ^= 1;
    await writeFile(images, pixels);

    const path = cli.path("run", checkpoint);
    await copyFile(path, cli.path("whole"));
    const whole = await readFile(path);
    const file = decodeCheckpoint(whole, checkpoint);
    await writeFile(
      path,
      encodeCheckpoint({ ...file, facts: { ...file.facts, program: "mnist-webgpu 0.0.1" } }),
    );
    await refused(resume, /written by mnist-webgpu 0\.0\.1, but this is mnist-webgpu \d/);
    await writeFile(path, Buffer.from(whole).fill(1, whole.length - 9, whole.length - 8));
    await refused(resume, /run\/checkpoint\.safetensors is no checkpoint .+: its checksum is wrong/);
    await copyFile(cli.path("whole"), path);
    await truncate(path, whole.length - 1);
    await refused(resume, /run\/checkpoint\.safetensors is not a readable safetensors file/);
    await copyFile(cli.path("run", "model.safetensors"), path);
    await refused(resume, /run\/checkpoint\.safetensors is no checkpoint .+: its metadata has no entry/);
    await copyFile(cli.path("whole"), path);

    const metricsPath = cli.path("run", "metrics.jsonl");
    const lines = await readFile(metricsPath, "utf8");
    await writeFile(metricsPath, lines.slice(lines.indexOf("\n") + 1));
    await refused(resume, /metrics\.jsonl has no whole record of epoch 1, /);
    await writeFile(metricsPath, lines);

    const configPath = cli.path("run", "config.json");
    const config = await readFile(configPath, "utf8");
    await writeFile(configPath, config.replace('"seed": 1', '"seed": 2'));
    await refused(resume, /the checkpoint was trained with --seed 1, not 2\. /);
    await writeFile(configPath, config.slice(9));
    await refused(resume, /run\/config\.json does not describe a run\. /);
  });

  it("for fewer epochs, where a calm end depends on them", async () => {
    const data = await interrupted("--shift=1", "--calm-end=0.1");
    const message =
      /--epochs 1000000, not 9\. A calm end depends on the number of steps from the first one on\.$/m;
    await refused([...data, "--resume=run", "--epochs=9"], message);
  });

  it("because it is finished, has no checkpoint or is no run", async () => {
    const data = await cli.data();
    const train = [...data, "--backend=cpu", "--batch-size=7"];
    expect((await cli.run("train", ...train, "--epochs=2", "--out=run")).code).toBe(0);
    await refused(
      [...data, "--resume=run"],
      /run: the run is finished after 28 steps, and the folder holds no checkpoint\.safetensors: .+ `--init run\/model\.safetensors`\.$/m,
    );
    await cli.run("train", ...train, "--epochs=2", "--out=kept", "--checkpoint-every=1");
    await refused([...data, "--resume=kept"], /--resume kept: the run is finished after 28 steps/);
    const still = ["--learning-rate=1e-37", "--validation=9", "--evaluate-every=1", "--patience=2"];
    await cli.run("train", ...train, ...still, "--out=still", "--checkpoint-every=1");
    expect((await metrics("still")).at(-1)).toMatchObject({ reason: "stopped early", best: { epoch: 1 } });
    await refused([...data, "--resume=still", "--epochs=500"], /the run stopped early after 39 steps/);
    await writeFile(cli.path("run", "metrics.jsonl"), "");
    await refused([...data, "--resume=run"], /the folder holds no checkpoint\.safetensors/);
    await writeFile(cli.path("run", checkpoint), await readFile(cli.path("kept", checkpoint)));
    await rm(cli.path("run", "model.safetensors"));
    await expect(modelOf(cli.path("run"))).rejects.toThrow(
      /or go on with it: `node \S+ train --resume \S+run`\.$/,
    );
    await expect(modelOf(cli.path("kept"))).resolves.toBe(cli.path("kept", "model.safetensors"));
    await refused(
      [...data, "--resume=data"],
      /data holds no run: there is no config\.json in it\. Name a folder that `train` has written\./,
    );
  });
});

it("advises words that a shell takes as they are meant, whatever the folder is called", async () => {
  const folder = cli.path("it's one of mine");
  const description = {
    ...{ program: "p", name: "n", started: "2026-01-31T09:05:00.000Z", network: "4-2", device: "d" },
    dataset: { name: "x", origin: "x", train: 9, test: 9, rows: 2, columns: 2, classes: 2 },
    config: defaultConfig,
  };
  await mkdir(folder);
  await writeFile(join(folder, "config.json"), JSON.stringify(description));
  await writeFile(join(folder, checkpoint), "");
  /** What a shell makes of the words between backticks in a message. */
  const taken = async (message: Promise<unknown>) => {
    const text = await message.then(
      () => "",
      (error: Error) => error.message,
    );
    const [, words] = /`(.+)`/s.exec(text)!;
    return spawnSync("sh", ["-c", `printf '%s|' ${words}`], { encoding: "utf8" }).stdout;
  };
  expect(await taken(modelOf(folder, { data: "my data" }))).toBe(
    [...startWords("train"), "--resume", folder, "--data=my data", ""].join("|"),
  );
  await rm(join(folder, checkpoint));
  const model = join(folder, "model.safetensors");
  await writeFile(model, "");
  const end = { event: "end", reason: "finished", steps: 1, seconds: 1, network: "4-2", dataset: "x" };
  await writeFile(join(folder, "metrics.jsonl"), `${JSON.stringify(end)}\n`);
  expect(await taken(openRun(folder, {}, () => {}))).toBe(`--init|${model}|`);
});

it("is for one process at a time, and for the next as soon as one is killed", async () => {
  const data = await cli.data();
  // Long epochs: what was printed is read by the commands after it.
  const slow = ["--hidden=300", "--batch-size=1"];
  const flags = ["--backend=cpu", ...slow, "--epochs=1000000", "--checkpoint-every=1", "--json"];
  const first = cli.start("train", ...data, ...flags, "--out=run");
  await first.printed('"epoch":9,');
  // Many epochs may be done in the time that one checkpoint takes.
  while (!(await cli.files()).includes(`run/${checkpoint}`)) await sleep(20);
  const { code, stderr } = await cli.run("train", ...data, "--resume=run");
  expect(stderr).toMatch(/^error: --resume run: another process is training in this folder\. [^\n]+\n$/);
  expect(code).toBe(1);
  first.process.kill("SIGKILL");
  await first.result;

  const both = [0, 1].map(() => cli.start("train", ...data, "--resume=run", "--json"));
  const loser = await Promise.race(both.map(({ result }) => result));
  expect([loser.code, loser.stdout]).toEqual([1, ""]);
  expect(loser.stderr).toContain("another process is training in this folder");
  const winner = both.find(({ process }) => process.exitCode === null)!;
  await winner.printed('"epoch"');
  winner.process.kill("SIGINT");
  expect((await winner.result).code).toBe(130);
  const epochs = (await metrics("run")).flatMap(({ epoch }) => (epoch === undefined ? [] : [epoch]));
  expect(epochs).toEqual(epochs.map((_, index) => index + 1));
});

it("trains on when a checkpoint cannot be written, and says so once", async () => {
  const flags = ["--backend=cpu", "--batch-size=7", "--epochs=300", "--checkpoint-every=1", "--json"];
  const run = cli.startHalting('"epoch":1,', {}, "train", ...(await cli.data()), ...flags, "--out=run");
  await run.halted;
  // No file can take the place of a folder; one that was being written as it halted may come first.
  for (let made = false; !made; ) {
    await rm(cli.path("run", checkpoint), { force: true });
    made = await mkdir(cli.path("run", checkpoint)).then(
      () => true,
      () => false,
    );
  }
  run.goOn();
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
  expect(
    stderr.match(/No checkpoint at step \d+: run\/checkpoint\.safetensors cannot be written/g),
  ).toHaveLength(1);
  expect((await metrics("run")).at(-1)).toMatchObject({ reason: "finished", steps: 4200 });
});
