import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonLines, setUpCli } from "../helpers/cli.ts";
import { csvOf, pngOf, type Sample, sample } from "../helpers/data-files.ts";

const cli = setUpCli();

/** Images of 4x4 pixels with a bright row that tells the class. */
function rowsOf(count: number, classes: number): Sample {
  const made = sample(count, { rows: 4, columns: 4, classes });
  const pixels = made.pixels.map((byte, at) =>
    Math.floor((at % 16) / 4) === made.labels[Math.floor(at / 16)] ? 255 : byte >> 3,
  );
  return { ...made, pixels };
}

async function write(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(cli.path(path)), { recursive: true });
  await writeFile(cli.path(path), bytes);
}

async function writePictures(folder: string, split: Sample, names: readonly string[]): Promise<void> {
  for (const [index, label] of split.labels.entries())
    await write(`${folder}/${names[label]}/${index}.png`, pngOf(split, index));
}

const quick = ["--backend=cpu", "--batch-size=4", "--learning-rate=2", "--epochs=40"];

describe("classes with names", () => {
  it("have them in the report, in the model, and in what is evaluated and predicted", async () => {
    const names = ["bag", "coat", "<i>hat"];
    await writePictures("clothes", rowsOf(70, 3), names);
    const { code, stderr } = await cli.run("train", "--data=clothes", "--out=run", "--seed=5", ...quick);
    expect([code, stderr.split("\n").length]).toEqual([0, 2]);
    expect(stderr).toContain("There are no test images. Instead, 10 of the 70 training images are set apart");
    const report = await readFile(cli.path("run/report.html"), "utf8");
    expect(report).toContain('<th scope="row">coat</th>');
    expect(report).toMatch(/<th scope="row">&[#\w]+;i&[#\w]+;hat<\/th>/);
    expect(report).not.toContain("<i>hat");
    const model = ["--model=run/model.safetensors", "--backend=cpu"];
    const evaluated = await cli.run("evaluate", ...model, "--data=clothes");
    // The order of folders: a name that begins with a sign is first.
    expect(evaluated.stdout).toMatch(/\n +label \| {3}0 {3}1 {3}2|\n +label \| {2}0 {2}1 {2}2/);
    expect(evaluated.stdout).toContain("2 coat |");
    const [result] = jsonLines((await cli.run("evaluate", ...model, "--data=clothes", "--json")).stdout);
    expect(result).toMatchObject({ classNames: ["<i>hat", "bag", "coat"], images: 10 });
    const end = jsonLines(await readFile(cli.path("run/metrics.jsonl"), "utf8")).at(-1) as { test: object };
    expect(result).toMatchObject({ accuracy: (end.test as { accuracy: number }).accuracy });
    const { stdout } = await cli.run("predict", ...model, "--data=clothes", "--index=0");
    expect(stdout).toMatch(/\ntest image 0 of clothes: (bag|coat|<i>hat), labelled (bag|coat|<i>hat)\n/);
    expect(stdout).toMatch(/\n {3}1 bag {4} +\d+\.\d\d%/);

    // Fewer classes, whose numbers are others: they are found by their names.
    await writePictures("fewer/train", rowsOf(8, 3), ["coat", "bag", "coat"]);
    await writePictures("fewer/test", rowsOf(6, 3), ["coat", "bag", "coat"]);
    const fewer = await cli.run("evaluate", ...model, "--data=fewer", "--json");
    const { confusion } = jsonLines(fewer.stdout)[0] as { confusion: number[][] };
    expect(confusion.map((row) => row.reduce((sum, count) => sum + count))).toEqual([0, 2, 4]);
    await write("other/train/shoe/1.png", pngOf(rowsOf(1, 3), 0));
    await write("other/test/shoe/1.png", pngOf(rowsOf(1, 3), 0));
    const other = await cli.run("evaluate", ...model, "--data=other");
    expect(other.code).toBe(1);
    expect(other.stderr).toContain(
      'does not know the classes "shoe" of other. It was trained on "<i>hat", "bag",',
    );
  });
});

describe("a run that began with a model whose classes have names", () => {
  const names = ["ant", "bee", "cow"];
  const model = (folder: string) => readFile(cli.path(folder, "model.safetensors"));
  const run = async (...flags: string[]) => {
    const { code, stderr } = await cli.run("train", "--batch-size=4", ...flags);
    expect(code, stderr).toBe(0);
  };

  it.each([
    [
      "some of these classes",
      async () => {
        await writePictures("data/train", rowsOf(12, 2), ["ant", "cow"]);
        await writePictures("data/test", rowsOf(6, 2), ["ant", "cow"]);
      },
    ],
    [
      "classes without names",
      async () => {
        await write("data/train.csv", csvOf(rowsOf(12, 3)));
        await write("data/test.csv", csvOf(rowsOf(6, 3)));
      },
    ],
  ])("goes on with %s, in a folder of another name too, to the same file", async (_, prepare) => {
    await writePictures("all/train", rowsOf(9, 3), names);
    await writePictures("all/test", rowsOf(3, 3), names);
    await prepare();
    await run("--data=all", "--backend=cpu", "--epochs=1", "--out=first");
    const begin = ["--data=data", "--backend=cpu", "--init=first/model.safetensors", "--checkpoint-every=1"];
    await run(...begin, "--epochs=3", "--out=straight");
    await run(...begin, "--epochs=2", "--out=run");
    await rename(cli.path("data"), cli.path("moved"));
    await run("--data=moved", "--resume=run", "--epochs=3");
    expect((await model("run")).equals(await model("straight"))).toBe(true);
    expect(String(await model("run"))).toContain(JSON.stringify(JSON.stringify(names)).slice(1, -1));
    const { code, stderr } = await cli.run("report", "run", "--data=moved");
    expect([code, stderr]).toEqual([0, ""]);
  });
});

describe("--transpose", () => {
  it("is part of a run: --resume and evaluate use it again", async () => {
    await write("t/train.csv", csvOf(rowsOf(40, 3)));
    await write("t/test.csv", csvOf(rowsOf(10, 3)));
    const flags = ["--data=t", "--out=run", "--transpose", "--checkpoint-every=5", "--steps=10", ...quick];
    const first = await cli.run("train", ...flags);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toContain("(40 training and 10 test images, t, transposed)");
    const { config } = JSON.parse(await readFile(cli.path("run/config.json"), "utf8"));
    expect(config.transpose).toBe(true);
    const evaluate = ["evaluate", "--model=run/model.safetensors", "--data=t", "--backend=cpu"];
    expect((await cli.run(...evaluate)).stdout).toContain("(t, transposed)");
    const plain = await cli.run("train", "--data=t", "--resume=run", "--no-shuffle");
    expect(plain.code).not.toBe(0);
    const resumed = await cli.run("train", "--data=t", "--resume=run", "--epochs=41");
    expect(resumed.stderr).toMatch(/after 10 steps: there is nothing to go on with\. Start from its weights/);
  });
});
