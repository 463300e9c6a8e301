import { copyFile, writeFile } from "node:fs/promises";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { initialise } from "../../src/model/initialise.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import type { Sizes } from "../../src/model/parameters.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();
const model = ["--model", "model.safetensors"];

async function writeModel(sizes: Sizes, images?: string) {
  const metadata = new Map(images ? [["images", images]] : []);
  const bytes = encodeModel({ parameters: initialise(sizes, "article", 3), metadata });
  await writeFile(cli.path("model.safetensors"), bytes);
}

/** A picture of a vertical stroke at `column`, dark on light. */
async function writeStroke(name: string, column: number) {
  const [width, height] = [50, 70];
  const data = new Uint8Array(width * height).fill(250);
  for (let row = 10; row < 60; row++) data.fill(20, row * width + column, row * width + column + 6);
  await writeFile(cli.path(name), encode({ width, height, data, channels: 1 }));
}

describe("predict", () => {
  it("shows the class and ten probabilities of each picture, wherever the digit lies in it", async () => {
    await writeModel([784, 12, 10]);
    await writeStroke("left.png", 4);
    await writeStroke("right.png", 38);
    const { code, stdout, stderr } = await cli.run("predict", ...model, "left.png", "right.png");
    expect([code, stderr]).toEqual([0, ""]);
    const [head, left, right] = stdout.trimEnd().split("\n\n");
    expect(head).toMatch(
      /^Adapter: .+\nNetwork: 784-12-10 from model\.safetensors, taken for sigmoid: the file does not tell \(--activation does\)$/,
    );
    expect(left).toMatch(/^left\.png: \d\n( {3}\d {2} [ \d]\d\.\d\d%( {2}#+)?\n?){10}$/);
    expect(right).toBe(left!.replace("left", "right"));
  });

  it.each(["webgpu", "cpu"])("gives an object a picture with --json, on %s", async (backend) => {
    await writeModel([784, 12, 10]);
    await writeStroke("a.png", 4);
    const flags = ["--json", "--backend", backend];
    const { code, stdout } = await cli.run("predict", ...model, "a.png", "a.png", ...flags);
    expect(code).toBe(0);
    const [first, second, ...rest] = jsonLines(stdout);
    expect(rest).toEqual([]);
    expect(second).toEqual(first);
    const probabilities = first!.probabilities as number[];
    expect(probabilities).toHaveLength(10);
    expect(probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
    expect(first).toMatchObject({ image: "a.png", class: probabilities.indexOf(Math.max(...probabilities)) });
  });

  it("reads JPEG too, and remarks on more than one digit", async () => {
    await writeModel([784, 10]);
    const [width, height] = [90, 70];
    const data = new Uint8Array(width * height).fill(250);
    for (let row = 10; row < 60; row++)
      for (const column of [10, 70]) data.fill(20, row * width + column, row * width + column + 6);
    await writeFile(cli.path("two.png"), encode({ width, height, data, channels: 1 }));
    await copyFile(new URL("../fixtures/jpeg/gray.jpg", import.meta.url), cli.path("photo.jpg"));
    const { code, stdout, stderr } = await cli.run(
      "predict",
      ...model,
      "two.png",
      "photo.jpg",
      "--backend=cpu",
    );
    expect([code, stderr]).toEqual([
      0,
      "two.png seems to show more than one digit, and is read as one. Crop it to a single digit.\n",
    ]);
    expect(stdout).toMatch(/\ntwo\.png: \d\n.+\nphoto\.jpg: \d\n/s);
  });

  it("takes a test image of any size, and tells its label", async () => {
    const data = [...(await cli.data()), "--backend=cpu"];
    const flags = ["--epochs=12", "--batch-size=8", "--learning-rate=1", "--out=run"];
    await cli.run("train", ...data, ...flags);
    const index = ["--model=run/model.safetensors", ...data, "--index=7"];
    const { code, stdout } = await cli.run("predict", ...index);
    expect(code).toBe(0);
    expect(stdout).toContain("\ntest image 7 of data: 1, labelled 1\n   0 ");
    const [result] = jsonLines((await cli.run("predict", ...index, "--json")).stdout);
    expect(result).toMatchObject({ dataset: "data", index: 7, label: 1, class: 1 });
    expect(result!.probabilities).toHaveLength(3);
  });
});

describe("predict refuses", () => {
  const refused = async (args: string[], message: string) => {
    const { code, stdout, stderr } = await cli.run("predict", ...model, ...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([1, ""]);
  };

  it("pictures that are missing, broken or empty, and then predicts none", async () => {
    await writeModel([784, 10]);
    await writeStroke("good.png", 4);
    await writeFile(cli.path("broken.png"), "no picture");
    const blank = { width: 9, height: 9, data: new Uint8Array(81).fill(255), channels: 1 as const };
    await writeFile(cli.path("blank.png"), encode(blank));
    await refused(["good.png", "missing.png"], "missing.png cannot be read (no such file or directory).");
    await refused(["good.png", "broken.png"], "broken.png is not a picture, expected a PNG or JPEG file.");
    await refused(["good.png", "blank.png"], "blank.png");
  });

  it("pictures for a network of another size", async () => {
    await writeModel([36, 3]);
    await writeStroke("a.png", 4);
    await refused(
      ["a.png"],
      "model.safetensors holds a network 36-3 for images of 36 pixels, but pictures are",
    );
    await writeModel([784, 3], "14x56");
    await refused(
      ["a.png"],
      "model.safetensors holds a network 784-3 for images of 14x56 pixels, but pictures are prepared as MNIST's 28x28",
    );
  });

  it("test images that are not there", async () => {
    await writeModel([36, 3]);
    await refused([...(await cli.data()), "--index=30"], "--index 30: the test split of data has 30 images.");
  });
});
