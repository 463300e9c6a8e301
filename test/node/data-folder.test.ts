import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { readPlace } from "../../src/node/data-folder.ts";
import { csvOf, sample, zipOf } from "../helpers/data-files.ts";

const root = mkdtempSync(join(tmpdir(), "data-folder-"));
afterAll(() => rm(root, { recursive: true }));

const notices: string[] = [];
const read = (path: string) => {
  notices.length = 0;
  return readPlace(path, `--data ${path}`, { notice: (line) => void notices.push(line) });
};

/** A new folder with files. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(root, "x"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
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
  const folder = await folderWith({});
  const path = "a/b/c/d/e/f/train.csv";
  await mkdir(join(folder, dirname(path)), { recursive: true });
  await writeFile(join(folder, path), csvOf(sample(14)));
  await writeFile(join(root, "deep.zip"), zipOf({ [path]: csvOf(sample(14)) }));
  const { train } = await read(folder);
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
