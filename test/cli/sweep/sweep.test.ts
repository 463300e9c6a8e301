import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { checkpointParts } from "../../../src/cli/sweep/checkpoint-parts.ts";
import { readInterrupted } from "../../../src/cli/sweep/interrupted-sweep.ts";
import { readSweep } from "../../../src/cli/sweep/sweep-reader.ts";
import { randomStream } from "../../../src/data/random.ts";
import { initialise } from "../../../src/model/initialise.ts";
import type { NetworkState } from "../../../src/training/sweep/create-group-trainer.ts";
import { jsonLines, type RunningCli, setUpCli } from "../../helpers/cli.ts";

const cli = setUpCli();

const text = (...parts: string[]) => readFile(cli.path(...parts), "utf8");

/** The lines of sweep.jsonl without what differs between any two sweeps. */
async function records(folder: string) {
  const lines = jsonLines(await text(folder, "sweep.jsonl"));
  return lines.map(({ seconds, stepsPerSecond, chosen, ...rest }): Record<string, unknown> => {
    const { folder: _, ...network } = (chosen ?? {}) as Record<string, unknown>;
    return { ...rest, ...(chosen !== undefined && { chosen: network }) };
  });
}

/** What networks' folders hold, model files as they are. */
async function networks(folder: string) {
  const files = (await cli.files()).filter((file) => file.startsWith(`${folder}/networks/`));
  return Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(cli.path(file));
      return [file.slice(folder.length), file.endsWith(".safetensors") ? bytes.toString("base64") : ""];
    }),
  );
}

const small = ["--backend=cpu", "--batch-size=7"];

it("trains networks as train does, chooses by validation images and reads the test split once", async () => {
  const data = await cli.data();
  const flags = ["--learning-rate=0.01,1", "--hidden=3,none", "--seeds=2", "--epochs=6"];
  const { code, stdout, stderr } = await cli.run(
    "sweep",
    ...data,
    ...small,
    ...flags,
    "--keep=all",
    "--out=s",
  );
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^Sweep: 8 networks, --hidden 3 none, --learning-rate 0\.01 1, --seed 1 2; data \(80 training, 16 validation and 30 test images/m,
  );
  expect(stdout).toMatch(
    /^epoch 5\/6 {2}4 networks {2}validation accuracy [\d.]+% to [\d.]+% {2}[\d,]+ steps\/s$/m,
  );
  expect(stdout).toMatch(/^Training 4 networks 36-3-3 \(optimizer sgd\): 1, 2, 3, 4$/m);

  const lines = await records("s");
  const ends = lines.filter(({ event }) => event === "end");
  const accuracies = ends.map(({ validation }) => (validation as { accuracy: number }).accuracy);
  const { chosen, ...end } = lines.at(-1) as {
    chosen: { network: number; test: object; validation: object };
  };
  expect(end).toEqual({ event: "sweep", networks: 8, diverged: 0 });
  expect(accuracies[chosen.network - 1]).toBe(Math.max(...accuracies));
  expect(lines.filter((line) => "test" in line)).toEqual([]);

  for (const [index, path] of ["s/networks/2", "s/networks/7"].entries()) {
    const { config } = JSON.parse(await text(path, "config.json")) as { config: Record<string, unknown> };
    expect(config).toMatchObject({ validation: 16, evaluateEvery: 1, seed: 2 - index });
    const own = [`--hidden=${index === 0 ? 3 : "none"}`, `--learning-rate=${index === 0 ? 0.01 : 1}`];
    const alone = ["--epochs=6", "--validation=16", "--evaluate-every=1", `--seed=${2 - index}`];
    await cli.run("train", ...data, ...small, ...own, ...alone, `--out=t${index}`);
    expect(await readFile(cli.path(path, "model.safetensors"))).toEqual(
      await readFile(cli.path(`t${index}`, "model.safetensors")),
    );
    const metrics = async (folder: string) =>
      jsonLines(await text(folder, "metrics.jsonl")).map(
        ({ seconds, stepsPerSecond, folder: _, test, ...rest }) => rest,
      );
    expect(await metrics(path)).toEqual(await metrics(`t${index}`));
  }
  expect((await cli.run("runs", ".")).stderr).toContain("s holds a sweep: its networks are in s/networks.\n");
  const listed = (await cli.run("runs", "s/networks", "--json")).stdout;
  expect(jsonLines(listed)).toHaveLength(8);
  expect(jsonLines(listed)[0]).toMatchObject({ state: "finished", best: { epoch: expect.any(Number) } });

  const [, command] = /^By itself: (.*)$/m.exec(stdout)!;
  await cli.paste(`${command} --out=best`);
  const best = `s/networks/${chosen.network}`;
  expect(await readFile(cli.path(best, "model.safetensors"))).toEqual(
    await readFile(cli.path("best", "model.safetensors")),
  );
  const last = async (folder: string) => jsonLines(await text(folder, "metrics.jsonl")).at(-1)!;
  expect((await last(best)).accuracy).toEqual((await last("best")).accuracy);
  expect((await last(best)).test).toEqual(chosen.test);
  const report = async (folder: string) =>
    (await text(folder, "report.html")).replace(/<p class="name">.*/, "").replace(/ steps in [^<]*/, "");
  expect(await report(best)).toEqual(await report("best"));
  expect((await cli.files()).filter((file) => /^s\/.*report\.html$/.test(file)).sort()).toEqual(
    [`${best}/report.html`, "s/report.html"].sort(),
  );
});

it("tells its folder from a run's, whatever is asked of it", async () => {
  const data = await cli.data();
  await cli.run("sweep", ...data, ...small, "--seeds=2", "--epochs=1", "--out=all/s");
  await cli.run("train", ...data, ...small, "--epochs=1", "--out=all/r");
  const sweep = "all/s holds a sweep: its networks are in all/s/networks.";
  const isSweep = `error: ${sweep} Name those, or go on with the sweep with sweep --resume.\n`;
  const isRun = (advice: string) => `error: all/r holds a run. ${advice}\n`;
  const onWithRun = "Name a folder that `sweep` has written, or go on with the run with train --resume.";
  const refused: [string, string][] = [
    ["report all/s", isSweep],
    ["report all/s all/s", isSweep],
    ["export all/s --format=onnx", isSweep],
    ["train --resume=all/s", isSweep],
    ["runs all/s", isSweep],
    ["runs all/r", isRun("Name the folder that it is in.")],
    ["sweep --resume=all/r", isRun(onWithRun)],
    ["sweep --merge all/r", isRun(onWithRun)],
  ];
  for (const [command, message] of refused) {
    const { code, stdout, stderr } = await cli.run(...command.split(" "));
    expect([command, code, stdout, stderr]).toEqual([command, 1, "", message]);
  }
  await cli.run("train", ...data, ...small, "--epochs=1", "--out=all/t");
  await writeFile(cli.path("all/notes.txt"), "");
  const compared = await cli.run("report", "all/notes.txt", "all/r", "all/s", "all/t", "--json");
  const notes = "all/notes.txt is a file. Name a run's folder.";
  expect([compared.code, compared.stderr]).toEqual([0, `${notes}\n${sweep}\nWrote comparison.html.\n`]);
  expect(jsonLines(compared.stdout)).toEqual([{ file: "comparison.html", runs: ["all/r", "all/t"] }]);
});

/** Resolves when a command has printed so many lines. */
function linesOf({ process, result }: RunningCli, count: number): Promise<unknown> {
  const printed = new Promise<void>((done) => {
    let left = count;
    process.stdout!.on("data", (text: string) => {
      left -= text.split("\n").length - 1;
      if (left <= 0) done();
    });
  });
  return Promise.race([printed, result]);
}

describe("interrupted at random moments", { timeout: 240_000 }, () => {
  const cases = [
    {
      name: "all to their ends",
      flags: ["--hidden=5,3x4", "--learning-rate=0.1,1", "--optimizer=sgd,adam", "--keep=all"],
    },
    { name: "halved", flags: ["--learning-rate=0.01..3 log 9", "--halving", "--hidden-dropout=0.1"] },
  ];
  it.each(cases)("$name: ends as if never interrupted, by Ctrl-C and kill -9", async ({ flags }) => {
    const sweep = ["sweep", ...(await cli.data()), "--json"];
    const begin = [...sweep, ...small, ...flags, "--epochs=40"];
    expect((await cli.run(...begin, "--out=straight")).code).toBe(0);
    const random = randomStream(7, "verification", flags.length);
    const lines = (await records("straight")).length;
    let interruptions = 0;
    for (let finished = false; !finished; ) {
      const signal = interruptions % 2 === 0 ? "SIGKILL" : "SIGINT";
      const child = cli.start(...(interruptions === 0 ? [...begin, "--out=s"] : [...sweep, "--resume=s"]));
      if (interruptions < 5) {
        await linesOf(child, 1 + random.integer(Math.floor(lines / 10)));
        await sleep(random.uniform() * 15);
        child.process.kill(signal);
      }
      const { code, stderr } = await child.result;
      finished = code === 0;
      if (!finished) expect(code, stderr).toBe(signal === "SIGINT" ? 130 : null);
      interruptions += Number(!finished);
    }
    expect(interruptions).toBe(5);
    expect(await records("s")).toEqual(await records("straight"));
    expect(await networks("s")).toEqual(await networks("straight"));
    const names = (await cli.files()).filter((file) => /^s\/[^/]*$/.test(file));
    expect(names).toEqual(["s/report.html", "s/sweep.json", "s/sweep.jsonl"]);
  });
});

it("goes on from as many checkpoint files as its networks need", async () => {
  const sweep = ["sweep", ...(await cli.data()), "--json"];
  const begin = [...sweep, ...small, "--hidden=none", "--seeds=101", "--epochs=4", "--keep=none"];
  expect((await cli.run(...begin, "--out=straight")).code).toBe(0);
  const child = cli.start(...begin, "--out=s");
  await linesOf(child, 110);
  child.process.kill("SIGINT");
  expect((await child.result).code).toBe(130);
  expect((await cli.files()).filter((file) => file.includes("s/checkpoint-"))).toHaveLength(2);
  expect((await cli.run(...sweep, "--resume=s")).code).toBe(0);
  expect(await records("s")).toEqual(await records("straight"));
  expect((await cli.files()).filter((file) => file.includes("s/checkpoint-"))).toEqual([]);
});

it("puts states into files by their number and their bytes", () => {
  const layers = (outputs: number) => initialise([3, outputs], "zeros", 1);
  const state = (outputs: number) => {
    // 16 bytes an output, three times.
    const snapshot = { state: { parameters: layers(outputs), slots: { momentum: layers(outputs) } } };
    return { snapshot: { ...snapshot, finite: layers(outputs), selection: {} } } as unknown as NetworkState;
  };
  const states = new Map([1, 1, 1, 2, 9, 1, 1].map((outputs, place) => [place, state(outputs)]));
  const places = checkpointParts(states, { networks: 2, bytes: 3 * 48 }).map((part) => [...part.keys()]);
  expect(places).toEqual([[0, 1], [2, 3], [4], [5, 6]]);
  expect([...checkpointParts(states, { networks: 9, bytes: 3 * 48 })[0]!.keys()]).toEqual([0, 1, 2]);
  expect(checkpointParts(new Map())).toEqual([]);
});

it("compares networks that keep their best weights by these, gone on with or not", async () => {
  const flags = ["--learning-rate=0.01..3 log 5", "--keep-best", "--hidden-dropout=0.3", "--epochs=4000"];
  const child = cli.start("sweep", ...(await cli.data()), "--json", ...small, ...flags, "--out=s");
  await linesOf(child, 60);
  child.process.kill("SIGKILL");
  await child.result;
  const { states, records } = await readInterrupted(await readSweep(cli.path("s")));
  expect(states.size).toBe(5);
  for (const [place, { score }] of states) {
    const accuracies = records.flatMap((record) =>
      record.event === "epoch" && record.network === place + 1 ? [record.validation?.accuracy ?? 0] : [],
    );
    expect(score?.accuracy).toBe(Math.max(...accuracies));
  }
});

describe("a sweep that cannot be", () => {
  it.each<[string[], RegExp]>([
    [[], /^error: Nothing is swept: there is one network\./],
    [["--seeds=2", "--seed=1,2"], /^error: --seeds 2 and several values of --seed contradict each other\./],
    [["--learning-rate=0.1,-1"], /^error: --learning-rate: got -1, expected a number above 0/],
    [["--random=3", "--limit=40..90"], /^error: --limit: a sweep has one value of it/],
    [["--seeds=2", "--validation=0"], /^error: --validation 0: a sweep chooses by validation images/],
    [["--seeds=2", "--validation=96"], /^error: --validation 96 leaves nothing of the 96 training images/],
    [
      ["--seeds=2", "--halving", "--epochs=1"],
      /^error: Halving needs at least two networks and two epochs: got 2 and 1/,
    ],
    [["--epochs=4,8", "--halving"], /^error: --epochs 4 and 8 does not go with halving/],
    [["--seeds=2", "--memory=lots"], /^error: --memory: got lots, expected a number of bytes like/],
    [["--seeds=2", "--keep=some"], /^error: --keep: got some, expected one of best, all, none\./],
    [
      ["--seeds=1001"],
      /^error: This sweep has 1,001 networks, about [^ ]+(?: \d+\w)? of training one after the other .*Give --yes/,
    ],
    [
      // The first one diverges, sooner or later.
      ["--learning-rate=1000,0.1", "--hidden=9x9x9x9", "--activation=relu", "--seeds=501"],
      /^error: This sweep has 1,002 networks[,.] .*Give --yes/,
    ],
    [["--resume=data"], /^error: data\/sweep\.json cannot be read \(no such file/],
    [["--resume=data", "--seeds=2"], /^error: --seeds and --resume exclude each other/],
  ])("%j", async (flags, message) => {
    const data = await cli.data();
    const { code, stderr } = await cli.run(
      "sweep",
      ...data,
      ...(flags.join().includes("resume") ? [] : small),
      ...flags,
    );
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([1, 2]).toContain(code);
    expect((await cli.files()).filter((file) => !file.startsWith("data/"))).toEqual([]);
  });

  it("is gone on with only as it was left", async () => {
    const data = await cli.data();
    const run = cli.start("sweep", ...data, ...small, "--seeds=3", "--epochs=100000", "--out=s", "--json");
    await run.printed('"epoch":3,');
    const other = await cli.run("sweep", "--resume=s", ...data);
    expect(other.stderr).toMatch(/^error: --resume s: another process is training in this folder\./);
    run.process.kill("SIGINT");
    const { code, stderr } = await run.result;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^Go on with: node \/\S+\/cli\.js sweep --resume s --data=data$/m);
    const refused = async (message: RegExp) => {
      const result = await cli.run("sweep", "--resume=s", ...data);
      expect(result.stderr).toMatch(message);
      expect([result.code, result.stdout]).toEqual([1, ""]);
    };
    const changed = async (name: string, change: (text: string) => string, message: RegExp) => {
      const whole = await readFile(cli.path("s", name));
      await writeFile(cli.path("s", name), change(whole.toString("latin1")), "latin1");
      await refused(message);
      await writeFile(cli.path("s", name), whole);
    };
    const [checkpoint] = (await cli.files()).filter((file) => file.includes("checkpoint-"));
    const name = checkpoint.slice(2);
    await changed(
      "sweep.json",
      (all) => all.replace('"program": "', '"program": "an older '),
      /begun by an older mnist-webgpu/,
    );
    await changed(
      "sweep.json",
      (all) => all.replace('"learningRate": 0.1', '"learningRate": 0.2'),
      /trained with learningRate 0\.1, not 0\.2/,
    );
    await changed(
      "sweep.json",
      (all) => all.replace('"epochs": 100000', '"epochs": -1'),
      /network 1 has no valid epochs/,
    );
    await changed("sweep.json", (all) => all.slice(5), /sweep\.json does not describe a sweep/);
    await changed(
      "sweep.jsonl",
      (all) => all.slice(0, 50),
      /sweep\.jsonl has 0 whole lines, but the sweep counts on \d+/,
    );
    await changed("sweep.jsonl", (all) => `{}\n${all}`, /sweep\.jsonl: line 1 is no record of a sweep/);
    await changed("progress.json", () => "{}", /progress\.json does not say how far the sweep has come/);
    await changed(
      name,
      (all) => all.replace(/.$/s, "\x01"),
      /checkpoint-\d+\.safetensors is no checkpoint .+: its checksum is wrong/,
    );
    await rm(cli.path(checkpoint));
    await refused(/checkpoint-\d+\.safetensors cannot be read \(no such file/);
  });
});

it("marks a network that diverges, goes on with the others, and fails only if all do", async () => {
  const data = await cli.data();
  const wild = [
    "sweep",
    ...data,
    ...small,
    "--hidden=none",
    "--weight-decay=3",
    "--epochs=20",
    "--validation=12",
  ];
  const { code, stdout } = await cli.run(...wild, "--learning-rate=0.1,900", "--keep=none", "--out=s");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^network 2\/2 {2}--learning-rate=900 {2}diverged at step \d+$/m);
  expect((await records("s")).at(-1)).toMatchObject({ diverged: 1, chosen: { network: 1 } });
  expect((await cli.files()).filter((file) => file.startsWith("s/"))).toEqual([
    "s/report.html",
    "s/sweep.json",
    "s/sweep.jsonl",
  ]);
  const all = await cli.run(...wild, "--learning-rate=900,800", "--out=t");
  expect(all.code).toBe(1);
  expect(all.stderr).toMatch(
    /^error: All 2 networks of this sweep diverged\. Use smaller learning rates; t says when each did\.$/m,
  );
  expect(all.stdout).not.toContain("Go on with");
});

it("says how to go on where its end cannot be written, and does so", async () => {
  const flags = [...(await cli.data()), ...small, "--seeds=2", "--epochs=2", "--validation=12"];
  expect((await cli.run("sweep", ...flags, "--out=straight")).code).toBe(0);
  const run = cli.startHalting("Sweep folder: s", {}, "sweep", ...flags, "--out=s");
  await run.halted;
  await mkdir(cli.path("s/report.html"));
  run.goOn();
  const { code, stdout, stderr } = await run.result;
  expect([code, stderr]).toEqual([
    1,
    "error: s/report.html cannot be written (it is a folder). Name a file.\n",
  ]);
  const told = /^Stopped with 2 of 2 networks done\.\nGo on with: (.* sweep --resume s --data=data)\n$/m;
  const [, command] = told.exec(stdout)!;
  await rm(cli.path("s/report.html"), { recursive: true });
  expect((await cli.paste(command)).code).toBe(0);
  expect(await records("s")).toEqual(await records("straight"));
  expect(await networks("s")).toEqual(await networks("straight"));
});

it("trains fewer at a time where there is no room for all, and says so once", async () => {
  const data = await cli.data();
  const { code, stdout, stderr } = await cli.run(
    "sweep",
    ...data,
    ...small,
    "--seeds=5",
    "--epochs=1",
    "--memory=28KiB",
  );
  expect([code, stderr]).toEqual([
    0,
    "2 networks have room at a time; the others follow. --memory gives more.\n",
  ]);
  expect(stdout.match(/^Training \d network.*$/gm)!.map((line) => line.replace(/36.*: /, ""))).toEqual([
    "Training 2 networks 1, 2",
    "Training 2 networks 3, 4",
    "Training 1 network 5",
  ]);
});
