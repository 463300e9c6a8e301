import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Output } from "../../../src/cli/output.ts";
import { LastWrites } from "../../../src/cli/runs/last-writes.ts";
import { RunFolder } from "../../../src/cli/runs/run-folder.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { jsonLines, setUpCli } from "../../helpers/cli.ts";

const cli = setUpCli();
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

const runFiles = ["config.json", "metrics.jsonl", "model.safetensors", "report.html"];
const flags = ["--backend=cpu", "--batch-size=7", "--epochs=200"];
const end = (folder: string) =>
  readFile(cli.path(folder, "metrics.jsonl"), "utf8").then((text) => jsonLines(text).at(-1));
const model = (folder: string) => readFile(cli.path(folder, "model.safetensors"));

/** A run that has begun and halted, and a second one's model, which nothing disturbs. */
async function begin() {
  await cli.data();
  await mkdir(cli.path("temporary"));
  const straight = cli.run("train", "--data=data", ...flags, "--out=straight");
  const run = cli.startHalting(
    '"epoch":2,',
    { TMPDIR: cli.path("temporary") },
    "train",
    "--data=data",
    ...flags,
    "--out=run",
    "--json",
  );
  await run.halted;
  return { run, straight };
}

describe("a run whose end cannot be written", () => {
  it("keeps trying, and is whole once its folder can be written again", async () => {
    const { run, straight } = await begin();
    await rm(cli.path("run"), { recursive: true });
    run.goOn();
    await run.complained("It is tried again for 60 s or until Ctrl-C");
    await mkdir(cli.path("run"));
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    // Told once, however many epochs there are, and once more in the end.
    expect(stderr.match(/cannot be written/g)).toHaveLength(2);
    await straight;
    expect((await cli.files()).filter((file) => file.startsWith("run/"))).toEqual(
      runFiles.map((file) => `run/${file}`),
    );
    expect((await model("run")).equals(await model("straight"))).toBe(true);
    expect(await end("run")).toMatchObject({ reason: "finished", steps: 2800, folder: "run" });
  });

  it("goes to a folder for temporary files where nobody waits any longer, and says so", async () => {
    const { run, straight } = await begin();
    await mkdir(cli.path("run/model.safetensors"));
    run.goOn();
    await run.complained("It is tried again for 60 s or until Ctrl-C");
    run.process.kill("SIGTERM");
    const { code, stderr } = await run.result;
    const [, folder] =
      /^error: run\/model.safetensors cannot be written .+ The whole run is in (\S+) instead\.$/m.exec(
        stderr,
      )!;
    expect(code).toBe(1);
    await straight;
    const place = folder.slice(cli.path("").length + 1);
    expect(place).toMatch(/^temporary\/mnist-webgpu-run-\w+$/);
    expect((await cli.files()).filter((file) => file.startsWith(place))).toEqual(
      runFiles.map((file) => `${place}/${file}`),
    );
    expect((await model(place)).equals(await model("straight"))).toBe(true);
    expect(await end(place)).toMatchObject({ reason: "finished", steps: 2800, folder });
  });
});

it("whoever sits at the terminal is asked for another folder, until one takes it", async () => {
  const description = {
    ...{ program: "", name: "", started: "", network: "", device: "", config: defaultConfig },
    dataset: { name: "", origin: "", train: 1, test: 1, rows: 1, columns: 1, classes: 1 },
  };
  const folder = await RunFolder.create({ out: cli.path("run") }, description);
  folder.append({ event: "epoch" });
  await mkdir(cli.path("run/model.safetensors"));
  await mkdir(cli.path("full"));
  await writeFile(cli.path("full/thesis.txt"), "years of work");

  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const notices: string[] = [];
  const told = Object.assign(new Output({}), { say() {}, notice: (line: string) => notices.push(line) });
  const writes = new LastWrites(folder, told, new AbortController().signal, { input, output });
  const done = writes.do(() => folder.writeModel(Uint8Array.of(1, 2, 3)));
  vi.stubEnv("HOME", cli.path());
  const answers = ["", "~/full", "~/full", cli.path("other")];
  output.on("data", (text: Buffer) => {
    if (String(text).includes("Folder to write the run to instead")) input.write(`${answers.shift()}\n`);
  });
  await done;
  expect(notices).toEqual([
    expect.stringContaining("run/model.safetensors cannot be written"),
    expect.stringContaining("run/model.safetensors cannot be written"),
    // Who names it again hears the same.
    expect.stringContaining(`${cli.path("full")}: the folder is not empty (it holds thesis.txt)`),
    expect.stringContaining(`${cli.path("full")}: the folder is not empty (it holds thesis.txt)`),
  ]);
  await writes.do(() => folder.end({ event: "end" }));
  expect(await readFile(cli.path("other/metrics.jsonl"), "utf8")).toBe(
    '{"event":"epoch"}\n{"event":"end"}\n',
  );
  expect([...(await readFile(cli.path("other/model.safetensors")))]).toEqual([1, 2, 3]);
  expect(writes.moved).toBeUndefined();
});

it("a terminal that is closed while an answer is tried ends the questions as well", async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const told = Object.assign(new Output({}), { say() {}, notice() {} });
  const folder = await RunFolder.create({ out: cli.path("run") }, {} as never);
  await mkdir(cli.path("run/model.safetensors"));
  const writes = new LastWrites(folder, told, new AbortController().signal, { input, output });
  // The run's own folder is no other: it is tried again.
  output.once("data", () => input.end(`${cli.path("run")}\n`));
  vi.stubEnv("TMPDIR", cli.path());
  await writes.do(() => folder.writeModel(Uint8Array.of(1, 2, 3)));
  expect(writes.moved?.message).toContain("run/model.safetensors cannot be written");
  expect(folder.path).toContain(cli.path("mnist-webgpu-run-"));
  expect([...(await readFile(`${folder.path}/model.safetensors`))]).toEqual([1, 2, 3]);
});

it("a terminal that is closed, or a signal, ends the questions: the run goes to a folder for temporary files", async () => {
  for (const finish of [
    (input: PassThrough) => input.end(),
    (_: PassThrough, abort: () => void) => abort(),
  ]) {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = Object.assign(new PassThrough(), { isTTY: true });
    const controller = new AbortController();
    const told = Object.assign(new Output({}), { say() {}, notice() {} });
    const folder = await RunFolder.create({ out: cli.path(`run${Math.random()}`) }, {} as never);
    await mkdir(`${folder.path}/model.safetensors`);
    const writes = new LastWrites(folder, told, controller.signal, { input, output });
    output.once("data", () => finish(input, () => controller.abort()));
    await writes.do(() => folder.writeModel(Uint8Array.of(1, 2, 3)));
    expect(writes.moved?.message).toContain(`The whole run is in ${folder.path} instead.`);
    expect([...(await readFile(`${folder.path}/model.safetensors`))]).toEqual([1, 2, 3]);
    await rm(folder.path, { recursive: true });
  }
});

it("users without a home, whom the system does not know, lose nothing either, and ~ is refused", async () => {
  vi.spyOn(os, "homedir").mockImplementation(() => {
    throw new Error("uv_os_homedir returned ENOENT");
  });
  syncBuiltinESMExports();
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const notices: string[] = [];
  const told = Object.assign(new Output({}), { say() {}, notice: (line: string) => notices.push(line) });
  const folder = await RunFolder.create({ out: cli.path("run") }, {} as never);
  await mkdir(cli.path("run/model.safetensors"));
  const writes = new LastWrites(folder, told, new AbortController().signal, { input, output });
  output.on("data", () => (notices.length > 1 ? input.end() : input.write("~/kept\n")));
  vi.stubEnv("TMPDIR", cli.path());
  await writes.do(() => folder.writeModel(Uint8Array.of(1, 2, 3)));
  expect(notices[1]).toContain("~/kept: the system knows no home folder that ~ could stand for.");
  expect(folder.path).toContain(cli.path("mnist-webgpu-run-"));
  expect([...(await readFile(`${folder.path}/model.safetensors`))]).toEqual([1, 2, 3]);

  // Where the folder for temporary files takes nothing either, the first reason is told.
  vi.stubEnv("TMPDIR", cli.path("none"));
  const other = await RunFolder.create({ out: cli.path("other") }, {} as never);
  await mkdir(cli.path("other/model.safetensors"));
  input.end();
  const last = new LastWrites(other, told, AbortSignal.abort(), {
    input: Object.assign(new PassThrough()),
    output,
  });
  await expect(last.do(() => other.writeModel(Uint8Array.of(1)))).rejects.toThrow(
    "other/model.safetensors cannot be written",
  );
});
