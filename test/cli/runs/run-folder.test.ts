import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type RunDescription, RunFolder } from "../../../src/cli/runs/run-folder.ts";
import { UserError } from "../../../src/errors.ts";
import { defaultConfig } from "../../../src/model/settings.ts";
import { holdFolder } from "../../../src/node/hold.ts";

vi.mock(import("../../../src/node/hold.ts"), async (original) => {
  const { holdFolder } = await original();
  return { holdFolder: vi.fn(holdFolder) };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-folder-test-"));
  return () => rm(folder, { recursive: true, force: true });
});

const description = (name: string): RunDescription => ({
  ...{
    program: "mnist-webgpu 1.2.3",
    name,
    started: "2026-01-31T09:05:00Z",
    network: "4-2",
    device: "a device",
  },
  dataset: { name: "dots", origin: "here", train: 3, test: 2, rows: 2, columns: 2, classes: 2 },
  config: defaultConfig,
});

/** What came of runs that begin at once in the folder `out`: the names of those that have it, and the others' errors. */
async function race(out: string, count: number) {
  const names = Array.from({ length: count }, (_, index) => `run-${index}`);
  const begun = await Promise.allSettled(names.map((name) => RunFolder.create({ out }, description(name))));
  return {
    winners: begun.flatMap((run) => (run.status === "fulfilled" ? [run.value.description.name] : [])),
    errors: begun.flatMap((run) => (run.status === "rejected" ? [run.reason as Error] : [])),
  };
}

it("runs of one name that begin within a second have folders of their own", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(2026, 0, 31, 9, 5) });
  const before = process.cwd();
  process.chdir(folder);
  try {
    const begin = () => RunFolder.create({ name: "first" }, description("first"));
    const begun = await Promise.all([begin(), begin(), begin()]);
    const wanted = join("runs", "2026-01-31T09-05-00-first");
    expect(begun.map(({ path }) => path).sort()).toEqual([wanted, `${wanted}-2`, `${wanted}-3`]);
  } finally {
    process.chdir(before);
    vi.useRealTimers();
  }
});

describe("of runs that begin at once in one folder, one has it and the others touch nothing", () => {
  it.each([
    ["new", "the system's names decide", undefined],
    ["empty", "the system's names decide", undefined],
    ["new", "the file decides", async () => {}],
    ["empty", "the file decides", async () => {}],
  ] as const)("%s, where %s", async (kind, _, held) => {
    for (let round = 0; round < 10; round++) {
      const out = join(folder, `${round}`, "a", "run");
      if (kind === "empty") await mkdir(out, { recursive: true });
      if (held) vi.mocked(holdFolder).mockResolvedValue(held);
      const { winners, errors } = await race(out, 4);
      vi.mocked(holdFolder).mockRestore();
      expect(winners).toHaveLength(1);
      for (const error of errors) {
        expect(error).toBeInstanceOf(UserError);
        expect(error.message).toMatch(/run: (another run has begun in this folder|the folder is not empty)/);
      }
      expect((await readdir(out)).sort()).toEqual(["config.json", "metrics.jsonl"]);
      expect(JSON.parse(await readFile(join(out, "config.json"), "utf8")).name).toBe(winners[0]);
    }
  });

  it("also when one fails", async () => {
    // A folder cannot be replaced by a file.
    const out = join(folder, "made", "by", "it");
    const wrong = { ...description("x"), config: { ...defaultConfig, seed: 1n as unknown as number } };
    await expect(RunFolder.create({ out }, wrong)).rejects.toThrow(TypeError);
    expect(await readdir(folder)).toEqual([]);
    await mkdir(out, { recursive: true });
    await writeFile(join(folder, "made", "mine"), "");
    await expect(RunFolder.create({ out }, wrong)).rejects.toThrow(TypeError);
    expect(await readdir(folder, { recursive: true })).toEqual([
      "made",
      "made/by",
      "made/mine",
      "made/by/it",
    ]);
  });
});

it("a folder is held once, and each of several on its own", async () => {
  const [one, other] = [join(folder, "one"), join(folder, "other")];
  await mkdir(one);
  await mkdir(other);
  const same = await Promise.all([one, one, join(one, "..", "one")].map(holdFolder));
  expect(same.filter(Boolean)).toHaveLength(1);
  expect(await holdFolder(other)).toBeDefined();
  expect(await holdFolder(join(folder, "none"))).toBeDefined();
});

it("a folder that was let go can be held again", async () => {
  const letGo = await holdFolder(folder);
  expect(await holdFolder(folder)).toBeUndefined();
  await letGo?.();
  expect(await holdFolder(folder)).toBeDefined();
});
