import { cp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { jsonLines, setUpCli } from "../../helpers/cli.ts";

const cli = setUpCli();

/** A sweep of six networks of three shapes; more flags say which part of it. */
async function sweeper() {
  const data = await cli.data();
  const flags = [
    "--backend=cpu",
    "--batch-size=7",
    "--hidden=3,4,none",
    "--learning-rate=0.1,1",
    "--epochs=5",
  ];
  return { data, sweep: (...more: string[]) => cli.run("sweep", ...data, ...flags, ...more) };
}

const lines = async (folder: string) => jsonLines(await readFile(cli.path(folder, "sweep.jsonl"), "utf8"));

/** What sweep.jsonl says of each network, without times. */
async function byNetwork(folder: string) {
  const told = (await lines(folder)).map(
    ({ seconds, stepsPerSecond, chosen, ...rest }): Record<string, unknown> => {
      const { folder: _, ...network } = (chosen ?? {}) as Record<string, unknown>;
      return { ...rest, ...(chosen !== undefined && { chosen: network }) };
    },
  );
  return told.sort((a, b) => (Number(a.network) || 99) - (Number(b.network) || 99));
}

it("a merge that was killed is not taken for a sweep to go on with", async () => {
  const { sweep } = await sweeper();
  for (const part of ["1", "2"])
    expect((await sweep(`--shard=${part}/2`, `--out=part-${part}`)).code).toBe(0);
  expect((await cli.run("sweep", "--merge", "part-1", "part-2", "--data=data", "--out=m")).code).toBe(0);
  const all = await readFile(cli.path("m", "sweep.jsonl"), "utf8");
  // As it is before the network is chosen.
  const killed = all.slice(0, all.indexOf('{"event":"sweep"'));
  await writeFile(cli.path("m", "sweep.jsonl"), killed);
  const { code, stderr } = await cli.run("sweep", "--resume", "m", "--data=data");
  expect([code, stderr]).toEqual([1, expect.stringContaining("Merge them again, into another folder")]);
  expect(await readFile(cli.path("m", "sweep.jsonl"), "utf8")).toBe(killed);
});

it("puts parts together to what the whole sweep would have been", async () => {
  const { sweep } = await sweeper();
  expect((await sweep("--keep=all", "--out=whole")).code).toBe(0);
  for (const part of ["3/3", "1/3", "2/3"]) {
    const folder = `part-${part[0]}`;
    const { code, stdout } = await sweep("--keep=all", `--shard=${part}`, `--out=${folder}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Best of these: network /m);
    expect(stdout).not.toContain("Test split");
    const numbers = (await lines(folder)).flatMap(({ event, network }) => (event === "end" ? [network] : []));
    expect(numbers).toEqual([Number(part[0]), Number(part[0]) + 3]);
  }
  // The same bytes by another name.
  await rename(cli.path("data"), cli.path("moved"));
  const parts = ["part-2", "part-3", "part-1"];
  const { code, stderr, stdout } = await cli.run("sweep", "--merge", ...parts, "--data=moved", "--out=m");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Test split of data: loss/m);
  expect(await byNetwork("m")).toEqual(await byNetwork("whole"));
  for (let network = 1; network <= 6; network++) {
    const model = (folder: string) =>
      readFile(cli.path(folder, "networks", String(network), "model.safetensors"));
    expect((await model("m")).equals(await model("whole"))).toBe(true);
  }
  const names = async (folder: string) =>
    (await cli.files()).flatMap((file) => (file.startsWith(`${folder}/`) ? [file.slice(folder.length)] : []));
  expect(await names("m")).toEqual(await names("whole"));
});

it("says what is missing and what is doubled, and refuses parts of other sweeps", async () => {
  const { data, sweep } = await sweeper();
  for (const part of ["1/3", "2/3"]) await sweep(`--shard=${part}`, `--out=part-${part[0]}`);
  const merge = (out: string, ...parts: string[]) =>
    cli.run("sweep", "--merge", ...parts, ...data, ...(out ? [`--out=${out}`] : []));

  await cp(cli.path("part-2"), cli.path("again"), { recursive: true });
  const described = await readFile(cli.path("again", "sweep.json"), "utf8");
  await writeFile(cli.path("again", "sweep.json"), described.replaceAll('"name": "data"', '"name": "copy"'));
  const { code, stderr, stdout } = await merge("m", "part-1", "part-2", "again");
  expect(stderr.split("\n")).toEqual([
    "again: Networks 2, 5 are in part-2 as well, which counts.",
    "error: Networks 3, 6 are missing (not given: --shard 3/3). The report has what there is, and no network was chosen.",
    "",
  ]);
  expect(code).toBe(1);
  expect(stdout).not.toContain("Test split");
  expect(await cli.files()).toContain("m/report.html");
  expect((await lines("m")).at(-1)).toEqual({ event: "sweep", networks: 4, diverged: 0 });
  expect(await cli.run("sweep", "--resume=m", ...data)).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "error: --resume m: it was merged from parts of a sweep. Networks 3, 6 are missing: merge it with the parts that have them.\n",
  });

  const records = await readFile(cli.path("again", "sweep.jsonl"), "utf8");
  await writeFile(cli.path("again", "sweep.jsonl"), records.slice(0, records.lastIndexOf('{"event":"end"')));
  expect((await merge("n", "part-1", "again")).stderr).toContain(
    "error: Networks 3, 5, 6 are missing (again is unfinished: go on with it: " +
      `\`${cli.pasted()} sweep --resume again --data=data\`; not given: --shard 3/3).`,
  );
  expect((await merge("o", "n")).stderr).toMatch(
    /^error: Networks 3, 5, 6 are missing \(not given: the parts that have them\)\./,
  );
  // As is advised.
  expect((await cli.run("sweep", "--resume", "again", "--data=data")).code).toBe(0);
  expect((await sweep("--shard=3/3", "--out=part-3")).code).toBe(0);
  const all = await merge("all", "n", "again", "part-3");
  expect([all.code, all.stderr]).toEqual([0, "again: Network 2 is in n as well, which counts.\n"]);
  expect(all.stdout).toMatch(/^Test split of /m);

  await sweep("--shard=3/3", "--out=other", "--momentum=0.5", "--optimizer=nesterov");
  expect(await merge("", "part-1", "other")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error: --merge other: it is a part of another sweep than part-1: they differ in config of their sweep\.json\./,
    ),
  });
  await sweep("--epochs=1", "--out=whole");
  expect((await merge("", "whole", "part-1")).stderr).toMatch(
    /^error: --merge part-1: it is a part of another sweep/,
  );
  expect((await merge("", "data")).stderr).toMatch(/^error: data\/sweep\.json cannot be read/);
  expect((await merge("part-1", "part-1", "part-2")).stderr).toMatch(
    /^error: --out part-1: the folder is not empty/,
  );
  expect(await cli.run("sweep", "--merge", "part-1", "--seeds=2")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: --seeds and --merge exclude each other/),
  });
  const images = await readFile(cli.path("data", "train-images-idx3-ubyte"));
  images[images.length - 1] ^= 1;
  await writeFile(cli.path("data", "train-images-idx3-ubyte"), images);
  expect((await merge("", "part-1", "part-2")).stderr).toMatch(
    /^error: --merge part-1: the sweep is of data \(SHA-256 \w{12}\.\.\.\), but the data here is data \(/,
  );

  for (const part of ["part-1", "part-2"])
    for (const network of await readdir(cli.path(part, "networks")))
      await rm(cli.path(part, "networks", network, "metrics.jsonl"));
  expect((await merge("x", "part-1", "part-2")).stderr).toMatch(
    /^error: part-\d\/networks\/\d\/metrics\.jsonl does not tell how the network ended\. /m,
  );
  expect((await cli.files()).filter((file) => file.startsWith("x/"))).toEqual([]);
});

it("does not take what is missing for networks that diverged", async () => {
  const { data, sweep } = await sweeper();
  const merge = (out: string) => cli.run("sweep", "--merge", "part", ...data, `--out=${out}`);
  await sweep("--shard=1/3", "--out=part");
  const path = cli.path("part", "sweep.jsonl");
  const diverged = (await lines("part"))
    .filter(({ event }) => event === "end")
    .map(({ validation, best, ...end }) => `${JSON.stringify({ ...end, reason: "diverged" })}\n`);
  await writeFile(path, diverged.join(""));
  const some = await merge("some");
  expect([some.code, some.stderr]).toEqual([
    1,
    "error: Networks 2, 3, 5, 6 are missing (not given: --shard 2/3, 3/3). The report has what there is, and no network was chosen.\n",
  ]);
  await writeFile(path, "");
  const none = await merge("none");
  expect([none.code, none.stderr]).toEqual([
    1,
    "error: --merge: none of the networks is done. Networks 1, 2, 3, 4, 5, 6 are missing (part is unfinished: go on with it: " +
      `\`${cli.pasted()} sweep --resume part --data=data\`; not given: --shard 2/3, 3/3).\n`,
  ]);
  expect((await cli.files()).filter((file) => file.startsWith("none/"))).toEqual([]);
});

it("chooses a network that was halved only where no other has a score, and has no command for it then", async () => {
  const { data, sweep } = await sweeper();
  await sweep("--keep=all", "--out=whole");
  const path = cli.path("whole", "sweep.jsonl");
  const ends = (await lines("whole")).filter(({ event }) => event === "end");
  const accuracy = ({ validation }: Record<string, unknown>) => (validation as { accuracy: number }).accuracy;
  const [best, ...others] = [...ends].sort((a, b) => accuracy(b) - accuracy(a));
  const merge = async (out: string, of: readonly Record<string, unknown>[]) => {
    const halved = { ...best, reason: "halved", steps: 7 };
    await writeFile(path, [halved, ...of].map((end) => `${JSON.stringify(end)}\n`).join(""));
    const { code, stdout } = await cli.run("sweep", "--merge", "whole", ...data, `--out=${out}`);
    expect(code).toBe(0);
    const { chosen } = (await lines(out)).at(-1) as { chosen: { network: number } };
    const report = await readFile(cli.path(out, "report.html"), "utf8");
    return { network: chosen.network, stdout, report };
  };
  const some = await merge("some", others);
  expect(accuracy(ends[some.network - 1]!)).toBe(Math.max(...others.map(accuracy)));
  expect(some.network).not.toBe(best!.network);
  expect(some.stdout).toContain(`By itself: ${cli.pasted()} train`);
  expect(some.report).toContain("by itself</h2>");

  const diverged = others.map(({ validation, best: _, ...end }) => ({ ...end, reason: "diverged" }));
  const none = await merge("none", diverged);
  expect(none.network).toBe(best!.network);
  expect(none.stdout).not.toContain("By itself");
  for (const told of [none.stdout, none.report])
    expect(told).toContain("It was stopped by halving, and none that was trained to its end has a score");
  expect(none.report).not.toContain("mnist-webgpu train");
});

it("refuses parts that cannot be", async () => {
  const { sweep } = await sweeper();
  const refusals: [string[], RegExp][] = [
    [
      ["--shard=0/3"],
      /^error: --shard: got 0\/3, expected a part and how many there are, like 2\/5: from 1\/5 to 5\/5\./,
    ],
    [["--shard=4/3"], /^error: --shard: got 4\/3/],
    [["--shard=3"], /^error: --shard: got 3, expected/],
    [
      ["--shard=7/7"],
      /^error: --shard 7\/7: the sweep has 6 networks, and this part would have none\. Use at most 6 parts\./,
    ],
    [["--shard=1/2", "--halving"], /^error: --halving and --shard exclude each other/],
    [["--shard=1/2", "--keep=none"], /^error: --keep none and --shard exclude each other/],
  ];
  for (const [flags, message] of refusals) {
    const { code, stderr } = await sweep(...flags);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }
  expect((await cli.files()).filter((file) => !file.startsWith("data/"))).toEqual([]);
});
