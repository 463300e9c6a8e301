import { appendFile, mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { accuracyText } from "../../src/cli/report/figures.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();

async function train(out: string, ...flags: string[]) {
  const { code } = await cli.run("train", "--data=data", `--out=${out}`, "--backend=cpu", ...flags);
  expect(code).toBe(0);
}

describe("runs", () => {
  it("lists run folders, the oldest first, with what differs from the defaults", async () => {
    await cli.data();
    await train("runs/zebra", "--epochs=2", "--no-shuffle", "--seed=7", "--batch-size=8");
    await train("runs/ant", "--epochs=1", "--hidden=none");
    const { code, stdout, stderr } = await cli.run("runs");
    expect([code, stderr]).toEqual([0, ""]);
    const [heads, zebra, ant, ...more] = stdout.split("\n");
    expect(more).toEqual([""]);
    expect(heads).toMatch(/^run +started +state +network +epochs +steps +loss +accuracy +settings$/);
    expect(zebra).toMatch(
      /^zebra {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}finished {2}36-10-3 +2\/2 +24 {2}\d\.\d{4} +[\d.]+% {2}--batch-size=8 --seed=7 --no-shuffle --backend=cpu$/,
    );
    expect(ant).toMatch(/^ant {4}.+ {2}finished {2}36-3 +1\/1 +2 {2}\d\.\d{4} +[\d.]+% {2}--backend=cpu$/);
    expect(heads!.indexOf("settings")).toBe(zebra!.indexOf("--batch-size"));
  });

  it("tells the same as JSON, from any folder", async () => {
    await cli.data();
    await train("some/where/a", "--epochs=2", "--evaluate-every=1");
    const { code, stdout, stderr } = await cli.run("runs", "some/where", "--json");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^run +started/);
    const metrics = jsonLines(await readFile(cli.path("some/where/a/metrics.jsonl"), "utf8"));
    const { loss, accuracy } = metrics[1]!;
    expect(jsonLines(stdout)).toEqual([
      {
        ...{ folder: "some/where/a", name: "36-10-3", started: expect.stringMatching(/^2.*Z$/) },
        ...{ state: "finished", network: "36-10-3", dataset: "data", epochs: 2, steps: 4 },
        ...{ training: { loss, accuracy }, test: metrics[2]!.test },
        settings: { epochs: 2, evaluateEvery: 1, backend: "cpu" },
      },
    ]);
  });

  it("has the best accuracy on validation images, and tells runs that stopped early", async () => {
    await cli.data();
    const still = ["--learning-rate=1e-37", "--validation=9", "--evaluate-every=1", "--patience=2"];
    await train("runs/still", "--epochs=50", ...still);
    const metrics = jsonLines(await readFile(cli.path("runs/still/metrics.jsonl"), "utf8"));
    const { best } = metrics.at(-1)!;
    const { accuracy } = best as { accuracy: number };
    const [heads, line] = (await cli.run("runs")).stdout.split("\n");
    expect(heads).toMatch(/ accuracy +validation +settings$/);
    expect(line).toMatch(/^still .* stopped early /);
    expect(line).toContain(`% ${accuracyText(accuracy).padStart("  validation".length - 1)}  --`);
    const [found] = jsonLines((await cli.run("runs", "--json")).stdout);
    expect(found).toMatchObject({ state: "stopped early", epochs: 3, best });
  });

  it("copes with whatever is in the folder, and says what is wrong with it", async () => {
    await cli.data();
    for (const name of ["a", "b", "c", "d", "e"])
      await train(`runs/${name}`, "--epochs=3", "--evaluate-every=2");
    const at = (...parts: string[]) => cli.path("runs", ...parts);
    // Killed while its last line was written; the rest of it stands.
    const { length } = await readFile(at("a", "metrics.jsonl"));
    await truncate(at("a", "metrics.jsonl"), length - 10);
    // Another program has been at it.
    await appendFile(at("b", "metrics.jsonl"), 'null\n{"event":"epoch","epoch":-1}\n[]\n\n');
    await rm(at("c", "metrics.jsonl"));
    await writeFile(at("d", "config.json"), "{}");
    const config = JSON.parse(await readFile(at("e", "config.json"), "utf8"));
    // A setting of a later version, one that is wrong, and one that did not exist yet.
    Object.assign(config.config, { colour: "red", batchSize: "many", activation: undefined });
    await writeFile(at("e", "config.json"), JSON.stringify(config));
    await mkdir(at("empty"));
    await writeFile(at("file"), "");
    await symlink("nowhere", at("link"));
    const { code, stdout, stderr } = await cli.run("runs", "--json");
    expect(code).toBe(0);
    const found = jsonLines(stdout);
    expect(found.map(({ folder, state, epochs, steps }) => [folder, state, epochs, steps])).toEqual([
      ["runs/a", "running or killed", 3, 6],
      ["runs/b", "finished", 3, 6],
      ["runs/c", "running or killed", 0, 0],
      ["runs/e", "finished", 3, 6],
    ]);
    const metrics = jsonLines(
      await readFile(at("b", "metrics.jsonl"), "utf8").then((text) => text.split("null")[0]!),
    );
    expect(found[0]!.test).toEqual(metrics[1]!.test);
    expect(found[2]).not.toHaveProperty("test");
    const notices = stderr.split("\n").filter((line) => line.startsWith("runs/"));
    expect(notices.sort()).toEqual([
      "runs/a/metrics.jsonl: line 4 of 4 cannot be read and is left out.",
      "runs/b/metrics.jsonl: lines 5, 6, 7, 8 of 8 cannot be read and are left out.",
      expect.stringMatching(/^runs\/c\/metrics\.jsonl cannot be read \(no such file or directory\)/),
      "runs/d/config.json does not describe a run. Name a folder that `train` has written.",
      'runs/e/config.json: the setting batchSize is "many", and is taken for its default.',
      "runs/empty holds no run: there is no config.json in it. Name a folder that `train` has written.",
    ]);
  });

  it("follows links to run folders", async () => {
    await cli.data();
    await train("elsewhere/a", "--epochs=1");
    await mkdir(cli.path("runs"));
    await symlink("../elsewhere/a", cli.path("runs/linked"));
    const { stdout, stderr } = await cli.run("runs", "--json");
    expect(jsonLines(stdout)).toMatchObject([{ folder: "runs/linked", state: "finished" }]);
    expect(stderr).toMatch(/^linked /m);
  });

  it("takes the later figures where training went on from an earlier epoch", async () => {
    await cli.data();
    await train("runs/a", "--epochs=2");
    const file = cli.path("runs/a/metrics.jsonl");
    const [first, second, end] = (await readFile(file, "utf8")).trimEnd().split("\n");
    const again = JSON.stringify({ ...JSON.parse(second!), loss: 0.5 });
    await writeFile(file, `${first}\n${second}\n${end}\n${again}\n`);
    const [run] = jsonLines((await cli.run("runs", "--json")).stdout);
    expect(run).toMatchObject({ state: "running or killed", epochs: 2, training: { loss: 0.5 } });
  });

  it("says that there are none, and takes figures that are not finite", async () => {
    await mkdir(cli.path("runs"));
    expect(await cli.run("runs")).toEqual({ code: 0, stdout: "runs holds no runs.\n", stderr: "" });
    await cli.data();
    await train("runs/a", "--epochs=1");
    const file = cli.path("runs/a/metrics.jsonl");
    const [epoch, end] = jsonLines(await readFile(file, "utf8"));
    const lines = [epoch, { ...end, reason: "diverged", test: { loss: null, accuracy: 0.5 } }];
    await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { stdout } = await cli.run("runs");
    expect(stdout).toMatch(/ diverged .* not finite +50\.00% /);
  });

  it("needs a folder", async () => {
    const { code, stdout, stderr } = await cli.run("runs");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "error: There is no folder runs. Train a network first, or name the folder that holds runs.\n",
    );
    await writeFile(cli.path("file"), "");
    expect((await cli.run("runs", "file")).stderr).toMatch(/^error: .*file.*\n$/);
  });
});
