import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../../src/data/random.ts";
import { jsonLines, setUpCli } from "../../helpers/cli.ts";

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
  const command = /^By itself: mnist-webgpu (.*)$/m.exec(stdout)![1].split(" ");
  await cli.run(...command, "--out=best");
  const best = `s/networks/${chosen.network}`;
  expect(await readFile(cli.path(best, "model.safetensors"))).toEqual(
    await readFile(cli.path("best", "model.safetensors")),
  );
  const last = async (folder: string) => jsonLines(await text(folder, "metrics.jsonl")).at(-1)!;
  expect((await last(best)).accuracy).toEqual((await last("best")).accuracy);
  expect((await last(best)).test).toEqual(chosen.test);
  expect((await cli.files()).filter((file) => /^s\/.*report\.html$/.test(file)).sort()).toEqual(
    [`${best}/report.html`, "s/report.html"].sort(),
  );
});

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
    const begin = [...sweep, ...small, ...flags, "--epochs=60"];
    expect((await cli.run(...begin, "--out=straight")).code).toBe(0);
    const random = randomStream(7, "verification", flags.length);
    let interruptions = 0;
    for (let finished = false; !finished; ) {
      const signal = interruptions % 2 === 0 ? "SIGKILL" : "SIGINT";
      const child = cli.start(...(interruptions === 0 ? [...begin, "--out=s"] : [...sweep, "--resume=s"]));
      if (interruptions < 5) {
        await child.printed('"event"');
        await sleep(random.uniform() * 150);
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
