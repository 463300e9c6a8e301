import { cp, lstat, mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { decodeCheckpoint } from "../../src/model/checkpoint-file.ts";
import { decodeModel } from "../../src/model/model-file.ts";
import { type CliResult, jsonLines, setUpCli } from "../helpers/cli.ts";
import { Random } from "./mutants.ts";
import { isWhole, report, testOfAll } from "./reliability.ts";

/* Processes that are killed while they write, disks that are full, folders that several runs want: nothing is ever lost or wrong. */

const seed = 5;
const cli = setUpCli();
const hook = new URL("disk-faults.mjs", import.meta.url);

/** The command line with a fault of disk-faults.mjs. */
const startFaulty = (fault: string, ...args: string[]) =>
  cli.startWith(
    { NODE_OPTIONS: `--import=${hook.href}`, DISK_FAULT: fault, TMPDIR: cli.path("temporary") },
    ...args,
  );

const settings = [
  ...["--batch-size=7", "--hidden=5", "--epochs=90", "--validation=20", "--evaluate-every=2", "--keep-best"],
  ...["--checkpoint-every=1", "--tensorboard", "--json"],
];
const train = (backend: string) => ["train", "--data=data", `--backend=${backend}`, ...settings];

/** All that a run is to end with: its weights, and its records but for what differs between any two. */
async function resultOf(folder: string) {
  const records = jsonLines(await readFile(cli.path(folder, "metrics.jsonl"), "utf8"));
  return {
    model: (await readFile(cli.path(folder, "model.safetensors"))).toString("hex"),
    records: records.map(({ seconds, stepsPerSecond, folder: _, ...rest }) => rest),
  };
}

/** Throws unless every file of a run folder is what its name says, and whole. */
async function checkWhole(folder: string): Promise<readonly string[]> {
  const names = await readdir(cli.path(folder)).catch((): string[] => []);
  for (const name of names.filter((name) => !name.startsWith(".") && name !== "tensorboard")) {
    const bytes = await readFile(cli.path(folder, name));
    if (name === "model.safetensors") decodeModel(bytes, name);
    else if (name === "checkpoint.safetensors") decodeCheckpoint(bytes, name);
    else if (name === "config.json") JSON.parse(String(bytes));
    else if (name === "report.html") expect(String(bytes)).toMatch(/<\/html>\s*$/);
    // A last line may be there in part.
    else if (name === "metrics.jsonl")
      for (const line of String(bytes).split("\n").slice(0, -1)) JSON.parse(line);
    else throw new Error(`${folder} holds ${name}`);
  }
  return names;
}

async function operationsOf(args: readonly string[]): Promise<number> {
  const { code, stderr } = await startFaulty("count", ...args).result;
  expect(code, stderr).toBe(0);
  return Number(/^operations: (\d+)$/m.exec(stderr)![1]);
}

/** Runs it again and again with another fault each, until that has come to pass `count` times. */
async function inTurn(
  count: number,
  args: (random: Random) => readonly string[],
  trial: (fault: string, random: Random) => Promise<boolean>,
  operations: number,
) {
  const random = new Random(xoroshiro128plus(seed));
  let tried = 0;
  while (tried < count) {
    const fault = args(random)
      .join(" ")
      .replace("N", String(1 + random.below(operations)));
    try {
      tried += Number(await trial(fault, random));
    } catch (error) {
      throw new Error(`fault "${fault}", the ${tried + 1}th of seed ${seed}: ${error}`, { cause: error });
    }
    await rm(cli.path("run"), { recursive: true, force: true });
  }
  return tried;
}

const noCheckpoint = /the folder holds no checkpoint\.safetensors|config\.json cannot be read/;

/** How often what was left could be gone on with, and how often it had no checkpoint yet. */
interface Left {
  goneOn: number;
  begunAnew: number;
}

/** Goes on with what a killed process has left, which comes to what it would have. */
async function goOn(expected: Awaited<ReturnType<typeof resultOf>>, counts: Left): Promise<void> {
  const left = await checkWhole("run");
  const { code, stderr } = await cli.run("train", "--data=data", "--resume=run", "--json");
  if (code !== 0) {
    expect(stderr).toMatch(/^error: [^\n]+\n$/m);
    const isOver = stderr.includes("the run is finished");
    if (!isOver) expect(stderr).toMatch(noCheckpoint);
    if (!isOver) expect(left).not.toContain("checkpoint.safetensors");
    if (!isOver) {
      counts.begunAnew++;
      return;
    }
  }
  counts.goneOn++;
  expect(await resultOf("run")).toEqual(expected);
  expect((await readdir(cli.path("run"))).filter((name) => name.endsWith(".part"))).toEqual([]);
}

for (const [backend, count] of isWhole
  ? ([
      ["cpu", 130],
      ["webgpu", 40],
    ] as const)
  : ([["cpu", 3]] as const)) {
  test(`kill -9 at any write of a run, ${backend}: what is left is whole, and goes on to the same bytes`, async () => {
    await cli.data();
    const operations = await operationsOf([...train(backend), "--out=run"]);
    const expected = await resultOf("run");
    await rm(cli.path("run"), { recursive: true });
    const kill = (random: Random) => ["kill", "N", random.of(["before", "half", "after"])];
    const counts = { goneOn: 0, begunAnew: 0 };
    const trial = async (fault: string) => {
      const { code } = await startFaulty(fault, ...train(backend), "--out=run").result;
      if (code === null) await goOn(expected, counts);
      return code === null;
    };
    const tried = await inTurn(count, kill, trial, operations);
    await reportKills(`a run, ${backend}`, tried, counts);
  });
}

testOfAll("kill -9 at any write of a run that is gone on with", async () => {
  await cli.data();
  await cli.run(...train("cpu"), "--out=run");
  const expected = await resultOf("run");
  await rm(cli.path("run"), { recursive: true });
  const all = await operationsOf([...train("cpu"), "--out=run"]);
  // One that was killed late in its course, with a checkpoint: epochs may be faster than the disk that the first one goes to.
  let share = 0.7;
  do {
    await rm(cli.path("run"), { recursive: true });
    await startFaulty(`kill ${Math.floor(all * share)} before`, ...train("cpu"), "--out=run").result;
    share += 0.05;
  } while (!(await readdir(cli.path("run"))).includes("checkpoint.safetensors"));
  await cp(cli.path("run"), cli.path("killed"), { recursive: true });
  const operations = await operationsOf(["train", "--data=data", "--resume=run", "--json"]);
  const kill = (random: Random) => ["kill", "N", random.of(["before", "half", "after"])];
  const counts = { goneOn: 0, begunAnew: 0 };
  const trial = async (fault: string) => {
    await rm(cli.path("run"), { recursive: true, force: true });
    await cp(cli.path("killed"), cli.path("run"), { recursive: true });
    const { code } = await startFaulty(fault, "train", "--data=data", "--resume=run", "--json").result;
    if (code === null) await goOn(expected, counts);
    return code === null;
  };
  const tried = await inTurn(30, kill, trial, operations);
  await reportKills("a run that is gone on with, cpu", tried, counts);
});

function reportKills(name: string, tried: number, { goneOn, begunAnew }: Left): Promise<void> {
  return report("kills", name, { tried, "gone on": goneOn, "no checkpoint yet": begunAnew, wrong: 0, seed });
}

const keyOf = ({ event, network, epoch }: Record<string, unknown>) => `${event} ${network} ${epoch}`;

/** What a sweep comes to: of each network its records, whatever the others' order, and its weights. */
async function sweepResult() {
  const records = jsonLines(await readFile(cli.path("run", "sweep.jsonl"), "utf8"))
    .map(({ seconds, stepsPerSecond, chosen, ...rest }) => rest)
    .sort((one, other) => keyOf(one).localeCompare(keyOf(other)));
  const networks = (await readdir(cli.path("run", "networks"))).sort();
  const models = networks.map((network) =>
    readFile(cli.path("run", "networks", network, "model.safetensors")),
  );
  return { records, networks, models: (await Promise.all(models)).map((bytes) => bytes.toString("hex")) };
}

testOfAll("kill -9 at any write of a sweep: what is left goes on to the same networks", async () => {
  await cli.data();
  const sweep = [
    ...["sweep", "--data=data", "--backend=cpu", "--batch-size=7", "--hidden=3,4", "--learning-rate=0.1,1"],
    ...["--epochs=12", "--validation=20", "--evaluate-every=2", "--keep=all", "--out=run"],
  ];
  const operations = await operationsOf(sweep);
  const expected = await sweepResult();
  await rm(cli.path("run"), { recursive: true });
  const counts = { goneOn: 0, begunAnew: 0 };
  const kill = (random: Random) => ["kill", "N", random.of(["before", "half", "after"])];
  const trial = async (fault: string) => {
    const { code } = await startFaulty(fault, ...sweep).result;
    if (code !== null) return false;
    const resumed = await cli.run("sweep", "--data=data", "--resume=run");
    if (resumed.code !== 0) expect(resumed.stderr).toMatch(/^error: [^\n]+\n$/m);
    const isOver = resumed.code === 0 || resumed.stderr.includes("is finished");
    if (isOver) expect(await sweepResult()).toEqual(expected);
    else expect(await readdir(cli.path("run")).catch(() => [])).not.toContain("progress.json");
    counts[isOver ? "goneOn" : "begunAnew"]++;
    return true;
  };
  const tried = await inTurn(40, kill, trial, operations);
  await reportKills("a sweep, cpu", tried, counts);
});

const codes = ["ENOSPC", "EDQUOT", "EROFS", "EIO"];

/** How a run ended that nobody waited for once its end could not be written. */
async function ended(fault: string): Promise<CliResult> {
  const run = startFaulty(fault, ...train("cpu"), "--out=run");
  await run.complained("It is tried again").then(
    () => run.process.kill("SIGTERM"),
    () => {},
  );
  return run.result;
}

test("a disk that is full from some write on: the run is not begun, or whole elsewhere", async () => {
  await cli.data();
  await mkdir(cli.path("temporary"));
  const operations = await operationsOf([...train("cpu"), "--out=run"]);
  const expected = await resultOf("run");
  await rm(cli.path("run"), { recursive: true });
  const full = (random: Random) => [random.of(codes), "N", "1000000"];
  const trial = async (fault: string) => {
    const { code, stderr } = await ended(fault);
    const [, elsewhere] = /The whole run is in (\S+) instead\.$/m.exec(stderr) ?? [];
    expect(code, stderr).toBe(code === 0 ? 0 : 1);
    if (code === 0) expect(await resultOf("run")).toEqual(expected);
    else if (elsewhere) expect(await resultOf(elsewhere.slice(cli.path("").length + 1))).toEqual(expected);
    else {
      // Before the first step: nothing is left of it.
      expect(stderr).toMatch(/^error: .*(cannot be written|cannot be made) \([^\n]+\n$/m);
      expect((await readdir(cli.path())).includes("run") && (await readdir(cli.path("run")))).toBe(false);
    }
    return true;
  };
  const tried = await inTurn(isWhole ? 60 : 1, full, trial, operations);
  await report("files", "disk full from some write on", { tried, wrong: 0, seed });
});

testOfAll(
  "a disk that is full for some writes: the run is not begun, or ends as if nothing had happened",
  async () => {
    await cli.data();
    const operations = await operationsOf([...train("cpu"), "--out=run"]);
    const expected = await resultOf("run");
    await rm(cli.path("run"), { recursive: true });
    const full = (random: Random) => [random.of(codes), "N", String(1 + random.below(5))];
    const trial = async (fault: string) => {
      const { code, stderr } = await startFaulty(fault, ...train("cpu"), "--out=run").result;
      if (code === 0) expect(await resultOf("run")).toEqual(expected);
      else expect(stderr).toMatch(/^error: .*(cannot be written|cannot be made) \([^\n]+\n$/m);
      return true;
    };
    const tried = await inTurn(30, full, trial, operations);
    await report("files", "disk full for some writes", { tried, wrong: 0, seed });
  },
);

test("runs that race for a folder: one has it, the other is told, and nothing is mixed", async () => {
  await cli.data();
  const flags = ["train", "--data=data", "--backend=cpu", "--epochs=3", "--json"];
  const seeds = [1, 2];
  const expected = await Promise.all(
    seeds.map(async (seed) => {
      expect((await cli.run(...flags, `--seed=${seed}`, `--out=straight${seed}`)).code).toBe(0);
      return resultOf(`straight${seed}`);
    }),
  );
  const pairs = isWhole ? 200 : 2;
  for (let pair = 0; pair < pairs; pair++) {
    const runs = await Promise.all(seeds.map((seed) => cli.run(...flags, `--seed=${seed}`, "--out=run")));
    const winners = runs.flatMap(({ code }, index) => (code === 0 ? [index] : []));
    expect(winners, runs.map(({ stderr }) => stderr).join()).toHaveLength(1);
    const loser = runs[1 - winners[0]];
    expect([loser.code, loser.stdout]).toEqual([1, ""]);
    expect(loser.stderr).toMatch(
      /error: --out run: (another run has begun in this folder|the folder is not empty)/,
    );
    expect(await resultOf("run")).toEqual(expected[winners[0]]);
    await rm(cli.path("run"), { recursive: true });
  }
  await report("files", "pairs of runs that race for a folder", { tried: pairs, wrong: 0, seed: 0 });
});

test("a link to an empty folder is a folder, and one to nowhere is refused", async () => {
  await cli.data();
  await mkdir(cli.path("real"));
  await symlink("real", cli.path("run"));
  await symlink("nowhere", cli.path("dangling"));
  const flags = ["train", "--data=data", "--backend=cpu", "--epochs=1"];
  const [through, nowhere] = await Promise.all([
    cli.run(...flags, "--out=run"),
    cli.run(...flags, "--out=dangling"),
  ]);
  expect(through.code, through.stderr).toBe(0);
  expect(await checkWhole("real")).toHaveLength(4);
  expect((await lstat(cli.path("run"))).isSymbolicLink()).toBe(true);
  expect(nowhere.stderr).toMatch(/^error: --out dangling: the folder cannot be made/m);
  expect(await readdir(join(cli.path("real")))).toContain("model.safetensors");
});
