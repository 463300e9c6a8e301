import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { nameInFolder, readPlace } from "../../src/node/data-folder.ts";
import { csvOf, idxOf, npyOf, pngOf, sample, zipOf } from "../helpers/data-files.ts";

const root = mkdtempSync(join(tmpdir(), "data-folder-"));
afterAll(() => rm(root, { recursive: true }));

const notices: string[] = [];
const read = (path: string) => {
  notices.length = 0;
  return readPlace(path, `--data ${path}`, { notice: (line) => void notices.push(line) });
};

/** A new folder with files. */
async function folderWith(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = mkdtempSync(join(root, "x"));
  for (const [name, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), contents);
  }
  return folder;
}

async function refusal(path: string): Promise<string> {
  const error = await read(path).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  return (error as Error).message;
}

test("a named file is read though its name hides it", async () => {
  const folder = await folderWith({ ".mine.csv": csvOf(sample(14)), "train.csv": csvOf(sample(7)) });
  const dataset = await read(join(folder, ".mine.csv"));
  expect([dataset.name, dataset.train.count, dataset.test.count]).toEqual([".mine", 12, 2]);
  expect((await read(folder)).train.count).toBe(6);
});

test("a named file that is no data set is refused by its own name", async () => {
  const folder = await folderWith({ "notes.txt": "", "train.csv": csvOf(sample(7)), ".env": "" });
  for (const name of ["notes.txt", ".env"]) {
    const path = join(folder, name);
    expect(await refusal(path)).toMatch(`--data ${path}: found ${name}: no data set. Expected IDX`);
  }
});

test("a folder is read however deep its files lie, as a zip of it is", async () => {
  const files = { "a/b/c/d/e/f/train.csv": csvOf(sample(14)) };
  await writeFile(join(root, "deep.zip"), zipOf(files));
  const { train } = await read(await folderWith(files));
  expect(train.count).toBe(12);
  expect((await read(join(root, "deep.zip"))).train).toEqual(train);
});

test.skipIf(process.platform === "win32")(
  "links are followed, but none to a folder around them",
  async () => {
    const folder = await folderWith({});
    await mkdir(join(folder, "data/train"), { recursive: true });
    await writeFile(join(folder, "data/train/a.csv"), csvOf(sample(14)));
    await mkdir(join(folder, "links"));
    await symlink(join(folder, "data/train"), join(folder, "links/train"));
    for (const [path, to] of [
      ["data/self", "."],
      ["data/train/up", ".."],
      ["data/train/top", "../.."],
      ["links/around", "../links"],
    ])
      await symlink(to, join(folder, path));
    for (const name of ["data", "links"]) {
      expect((await read(join(folder, name))).train.count).toBe(12);
      expect(notices).toEqual([expect.stringMatching("^There are no test images")]);
    }
  },
);

describe("of several data sets, the one is read that is named as the message says", () => {
  const split = sample(14);
  const idx = { images: "images-idx3-ubyte", labels: "labels-idx1-ubyte" };
  const arrays = (path: string) => ({
    [`${path}${idx.images}`]: idxOf(split).images,
    [`${path}${idx.labels}`]: idxOf(split).labels,
  });
  const npy = {
    "x_train.npy": npyOf("|u1", [14, 3, 3], split.pixels),
    "y_train.npy": npyOf("|u1", [14], split.labels),
  };
  const pictures = (folder: string) =>
    Object.fromEntries(
      Array.from({ length: 14 }, (_, index) => [`${folder}${index % 2}/${index}.png`, pngOf(split, index)]),
    );

  test.each<[string, Record<string, Uint8Array | string>, string[]]>([
    [
      "folders of pictures",
      { ...pictures("a/"), ...pictures("b/c/train/"), ...pictures("d/train/") },
      ["a", "d"],
    ],
    [
      "folders of pictures, one too deep",
      { ...pictures("train/3/"), ...pictures("train/8/") },
      ["train/3", "train/8"],
    ],
    ["arrays in folders of halves", { ...arrays("a/train/"), ...arrays("b/train/") }, ["a", "b"]],
    ["arrays of one name", { ...arrays("a/my-train-"), ...arrays("b/my-train-") }, ["a", "b"]],
    ["arrays in one folder", { ...arrays("my-train-"), ...arrays("your-train-") }, ["my", "your"]],
    [
      "tables in folders of halves",
      { "a/train/x.csv": csvOf(split), "b/train/x.csv": csvOf(split) },
      ["a", "b"],
    ],
    ["tables in one folder", { "x.csv": csvOf(split), "y.csv": csvOf(split) }, ["x.csv", "y.csv"]],
    ["tables in folders", { "a/x.csv": csvOf(split), "b/x.csv": csvOf(split) }, ["a/x.csv", "b/x.csv"]],
    ["archives", { "mnist.npz": zipOf(npy), "mnist2.npz": zipOf(npy) }, ["mnist.npz", "mnist2.npz"]],
  ])("%s", async (_, files, expected) => {
    const folder = await folderWith(files);
    const message = await refusal(folder);
    const [, names, what] = /holds several data sets: (.*)\. Name (the folder|a file) of/.exec(message) ?? [];
    expect(names.split(", ")).toEqual(expected);
    for (const name of expected) {
      const path = what === "the folder" ? name : Object.keys(files).find((file) => file.startsWith(name));
      expect((await read(join(folder, path as string))).train.count).toBe(12);
    }
  });
});

test.skipIf(process.platform === "win32")("what is neither file nor folder is refused", async () => {
  const pipe = join(await folderWith({ "train.csv": csvOf(sample(7)) }), "pipe.csv");
  execFileSync("mkfifo", [pipe]);
  for (const path of [pipe, "/dev/null"])
    expect(await refusal(path)).toMatch(`--data ${path}: it is neither a file nor a folder. Expected IDX`);
});

test.runIf(process.platform === "linux")(
  "folders that cannot be read are left out, with a remark",
  async () => {
    // Nobody, whatever their rights, can open a path of over 4095 bytes, but by a link to a folder further down.
    const levels = Math.floor((4080 - root.length) / 241);
    const deep = join(root, ...Array<string>(levels).fill("d".repeat(240)));
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, "train.csv"), csvOf(sample(7)));
    const link = join(root, "link");
    await symlink(deep, link);
    const names = ["e", "f"].map((letter) => letter.repeat(255));
    for (const name of names) await mkdir(join(link, name));
    try {
      expect((await read(deep)).train.count).toBe(6);
      const found = names.map((name) => `Left out, since it cannot be read: ${join(deep, name)} (`);
      expect(found.some((text) => notices[0].startsWith(text))).toBe(true);
      expect(notices[0]).toMatch(/\) and 1 more\.$/);
    } finally {
      for (const name of names) await rm(join(link, name), { recursive: true });
    }
  },
);

test("a file is called as its folder calls it, where the system takes capital letters for others, or accents apart", async () => {
  const folder = join(root, "names");
  await mkdir(folder);
  for (const name of ["Train.csv", "caf\u00e9.csv", "test.csv", "TEST.csv"])
    await writeFile(join(folder, name), "");
  const called = (name: string) => nameInFolder(join(folder, name));
  expect(await called("tRAIN.CSV")).toBe("Train.csv");
  expect(await called("cafe\u0301.csv")).toBe("caf\u00e9.csv");
  expect([await called("test.csv"), await called("TEST.csv")]).toEqual(["test.csv", "TEST.csv"]);
  expect(await called("other.csv")).toBe("other.csv");
});
