import { readFile, writeFile } from "node:fs/promises";
import { parseHTML } from "linkedom";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { beforeEach, describe, expect, it } from "vitest";
import { parseImages, parseLabels } from "../../src/data/idx.ts";
import type { Activation } from "../../src/model/activations.ts";
import { initialise } from "../../src/model/initialise.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();
env.wasm.numThreads = 1;

const data = ["--data=data", "--backend=cpu", "--json"];

async function writeModel(
  name: string,
  seed: number,
  activation: Activation,
  sizes = [36, 4, 3],
  extra = {},
) {
  // Large weights: the members do not agree.
  const parameters = initialise(sizes, "he-normal", seed).map((layer) => ({
    ...layer,
    weight: layer.weight.map((value) => 4 * value),
  }));
  const metadata = new Map(Object.entries({ config: JSON.stringify({ activation }), ...extra }));
  await writeFile(cli.path(name), encodeModel({ parameters, metadata }));
}

const members = ["a.safetensors", "b.safetensors", "c.safetensors"];
const asFlags = (files: readonly string[]) => files.map((file) => `--model=${file}`);

beforeEach(async () => {
  await cli.data();
  await writeModel(members[0], 1, "sigmoid");
  await writeModel(members[1], 2, "relu", [36, 7, 5, 3]);
  await writeModel(members[2], 3, "tanh");
});

/** What a network, or several, say of test image `index`. */
async function predicted(files: readonly string[], index: number): Promise<number[]> {
  const { code, stdout } = await cli.run("predict", ...asFlags(files), ...data, `--index=${index}`);
  expect(code).toBe(0);
  return jsonLines(stdout)[0]!.probabilities as number[];
}

describe("an ensemble", () => {
  it("has a report with its figures, those of each member, and all that it misreads", async () => {
    const flags = [...asFlags(members), ...data];
    const { code, stdout, stderr } = await cli.run("evaluate", ...flags, "--report=mistakes.html");
    expect(code).toBe(0);
    expect(stderr).toContain("\nWrote mistakes.html.\n");
    const [{ models, accuracy, report }] = jsonLines(stdout) as [
      { models: { accuracy: number }[]; accuracy: number; report: string },
    ];
    const { document } = parseHTML(await readFile(cli.path(report), "utf8"));
    const texts = (selector: string) =>
      Array.from(document.querySelectorAll(selector), (node) => node.textContent);
    const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
    const misread = Math.round(30 * (1 - accuracy));
    expect(misread).toBeGreaterThan(0);
    expect(texts("dl.headline dd")).toEqual([percent(accuracy), expect.anything(), `${misread} of 30`]);
    expect(texts("table.figures td:nth-child(3)")).toEqual(models.map((member) => percent(member.accuracy)));
    expect(texts("li.misread img")).toHaveLength(misread);
    expect(texts("section .note").at(-1)).toContain(`All ${misread} misread test images`);
    const { labels } = parseLabels(await readFile(cli.path("data/t10k-labels-idx1-ubyte")), "labels");
    for (const tile of document.querySelectorAll("li.misread")) {
      const index = Number(
        tile
          .querySelector("img")!
          .getAttribute("alt")!
          .match(/image (\d+)/)![1],
      );
      const [, read] = tile.textContent!.match(/read (\d)/)!;
      const [, is] = tile.textContent!.match(/is (\d)/)!;
      expect([Number(is), read !== is]).toEqual([labels[index], true]);
    }
  });

  it("predicts the mean of its members' probabilities, and its ONNX file does too", async () => {
    const { code, stderr } = await cli.run("export", ...members, "--format=onnx", "--out=all.onnx", "--json");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Wrote all\.onnx .*the mean of 3 networks/)]);
    const { pixels } = parseImages(await readFile(cli.path("data/t10k-images-idx3-ubyte")), "images");
    const session = await InferenceSession.create(await readFile(cli.path("all.onnx")));
    const { probabilities } = await session.run({ pixels: new Tensor("uint8", pixels, [30, 36]) });
    const index = 17;
    const together = await predicted(members, index);
    const alone = await Promise.all(members.map((file) => predicted([file], index)));
    const onnx = (probabilities!.data as Float32Array).subarray(3 * index, 3 * index + 3);
    together.forEach((value, digit) => {
      const mean = alone.reduce((sum, own) => sum + own[digit]!, 0) / members.length;
      expect(value).toBeCloseTo(mean, 6);
      expect(onnx[digit]).toBeCloseTo(mean, 5);
    });
    expect(Math.max(...alone.map((own) => Math.abs(own[0]! - together[0]!)))).toBeGreaterThan(0.01);
  });

  it("is evaluated beside each of its members", async () => {
    const { code, stdout, stderr } = await cli.run("evaluate", ...asFlags(members), ...data);
    expect(code).toBe(0);
    const [result] = jsonLines(stdout);
    const { labels } = parseLabels(await readFile(cli.path("data/t10k-labels-idx1-ubyte")), "labels");
    const rows: number[][] = [];
    for (const index of [0, 11, 29]) rows.push(await predicted(members, index));
    [0, 11, 29].forEach((image, at) => {
      const row = rows[at]!;
      const matrix = result!.confusion as number[][];
      expect(matrix[labels[image]!]![row.indexOf(Math.max(...row))]).toBeGreaterThan(0);
    });
    for (const [index, file] of members.entries()) {
      const [alone] = jsonLines((await cli.run("evaluate", `--model=${file}`, ...data)).stdout);
      const { loss, accuracy, model, network } = alone!;
      expect((result!.models as object[])[index]).toEqual({ model, network, loss, accuracy });
    }
    expect(stderr).toMatch(/30 test images of data \(data\), ensemble of 3: loss \d/);
  });

  it.each([
    [
      "other images",
      [16, 4, 3],
      {},
      "d.safetensors takes images of 16 pixels as 3 classes, but a.safetensors takes",
    ],
    ["other classes", [36, 4, 5], {}, "images of 36 pixels as 5 classes, but"],
  ])("refuses a member for %s", async (_, sizes, extra, words) => {
    await writeModel("d.safetensors", 4, "relu", sizes, extra);
    for (const command of [
      ["evaluate", ...asFlags([...members, "d.safetensors"]), ...data],
      ["export", ...members, "d.safetensors", "--format=onnx"],
    ]) {
      const { code, stderr } = await cli.run(...command);
      expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
      expect(stderr).toContain("leave one of them out");
    }
  });

  it("of networks that were trained on images and on transposed ones is told which it reads", async () => {
    const trained = (transpose: boolean) => ({ config: JSON.stringify({ activation: "tanh", transpose }) });
    await writeModel("d.safetensors", 4, "tanh", [36, 4, 3], trained(true));
    await writeModel("e.safetensors", 5, "tanh", [36, 4, 3], trained(false));
    const asked = [...asFlags(["a.safetensors", "e.safetensors", "d.safetensors"]), ...data];
    for (const command of [
      ["evaluate", ...asked],
      ["predict", ...asked, "--index=0"],
    ]) {
      const { code, stderr } = await cli.run(...command);
      expect([code, stderr]).toEqual([
        1,
        "error: d.safetensors was trained on transposed images, but e.safetensors was not. Leave one of them out, or give " +
          "--transpose if both are to read transposed ones.\n",
      ]);
    }
    expect((await cli.run("evaluate", ...asked, "--transpose")).code).toBe(0);
  });

  it("refuses a member whose answers are no numbers, by its name", async () => {
    // Nine layers of such weights are beyond what even the reference can hold.
    const parameters = initialise([36, ...Array(9).fill(3)], "zeros", 1);
    for (const { weight } of parameters) weight.fill(3e38);
    const metadata = new Map([["config", '{"activation":"relu"}']]);
    await writeFile(cli.path("lost.safetensors"), encodeModel({ parameters, metadata }));
    const flags = [...asFlags([members[0], "lost.safetensors"]), ...data];
    for (const command of [["evaluate"], ["predict", "--index=0"]]) {
      const { code, stdout, stderr } = await cli.run(...command, ...flags);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(
        /^error: lost\.safetensors gives probabilities that are no numbers: .+ Leave it out/m,
      );
    }
  });

  it("goes into no file of one network", async () => {
    const { code, stderr } = await cli.run("export", ...members, "--format=json");
    expect(code).toBe(2);
    expect(stderr).toContain("--format json holds one network, but 3 are named");
    expect(await cli.files()).not.toContain("ensemble.json");
  });
});
