import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { initialise } from "../../src/model/initialise.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { writeWhole } from "../../src/node/files.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();
const trained = "run/model.safetensors";

async function train(...flags: string[]): Promise<string[]> {
  const data = await cli.data();
  const args = ["train", ...data, "--out=run", "--json", "--batch-size=8", "--learning-rate=1", ...flags];
  const { code, stdout } = await cli.run(...args);
  expect(code).toBe(0);
  return [stdout.trimEnd().split("\n").at(-1)!];
}

describe("evaluate", () => {
  it.each(["webgpu", "cpu"])("finds what training found, on %s", async (backend) => {
    const [end] = await train("--epochs=4", "--backend", backend);
    const flags = ["--model", trained, "--data=data", "--backend", backend, "--json"];
    const { code, stdout, stderr } = await cli.run("evaluate", ...flags);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Adapter: /);
    const [result] = jsonLines(stdout);
    const { test } = JSON.parse(end!);
    expect(result).toMatchObject({ model: trained, network: "36-10-3", dataset: "data", images: 30 });
    expect(result!.accuracy).toBe(test.accuracy);
    // The file is float32, while the CPU trained and evaluated in float64.
    expect(result!.loss).toBeCloseTo(test.loss, 5);
    const confusion = result!.confusion as number[][];
    expect(confusion.map((row) => row.reduce((sum, count) => sum + count))).toEqual([10, 10, 10]);
    const correct = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
    expect(correct / 30).toBe(test.accuracy);
  });

  it("takes the folder of a run for its model, and says so where a flag contradicts it", async () => {
    await train("--epochs=1", "--hidden=3", "--activation=relu");
    const { code, stderr } = await cli.run("evaluate", "--model=run", "--data=data", "--activation=tanh");
    expect(code).toBe(0);
    expect(stderr).toContain(
      `${trained} tells that its hidden layers apply relu: --activation tanh is taken instead.`,
    );
    expect(
      (await cli.run("evaluate", "--model=run", "--data=data", "--activation=relu")).stderr,
    ).not.toContain("tells");
  });

  it("prints the figures and the confusion matrix", async () => {
    await train("--epochs=12");
    const { code, stdout, stderr } = await cli.run("evaluate", "--model", trained, "--data=data");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`\nNetwork: 36-10-3 from ${trained}, trained on "data"\n`);
    expect(stdout).toMatch(/\n30 test images of data \(data\): loss 0\.\d{4} {2}accuracy 100\.00%\n/);
    expect(stdout).toContain(
      [
        "  label |   0   1   2  <- prediction",
        "--------+------------",
        "      0 |  10   0   0",
        "      1 |   0  10   0",
        "      2 |   0   0  10\n",
      ].join("\n"),
    );
  });
});

describe("evaluate without a data set", () => {
  it.each([["evaluate"], ["predict", "--index=0"]])(
    "remarks that it is not the user's own: %s",
    async (...command) => {
      const metadata = new Map([["dataset", "my digits"]]);
      const parameters = initialise([784, 10], "zeros", 0);
      await writeFile(cli.path("own.safetensors"), encodeModel({ parameters, metadata }));
      const flags = ["--model=own.safetensors", "--backend=cpu"];
      const { code, stderr } = await cli.run(...command, ...flags);
      expect(code).toBe(0);
      const remark = 'own.safetensors was trained on "my digits", but here it reads MNIST: --data names';
      expect(stderr).toContain(remark);
      expect((await cli.run(...command, ...flags, "--dataset=synthetic")).stderr).not.toContain("my digits");
    },
  );

  it("looks for the one that the model was trained on, by its name", async () => {
    const metadata = new Map([["config", JSON.stringify({ ...defaultConfig, dataset: "kmnist" })]]);
    const parameters = initialise([784, 10], "zeros", 0);
    await writeFile(cli.path("model.safetensors"), encodeModel({ parameters, metadata }));
    const { code, stderr } = await cli.runAlone("evaluate", "--model=model.safetensors", "--backend=cpu");
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: Kuzushiji-MNIST is not in data\/kmnist and /),
    ]);
  });
});

describe("evaluate refuses", () => {
  it("a network whose answers are no numbers", async () => {
    const parameters = initialise([36, 3], "zeros", 0);
    for (const { weight } of parameters) weight.fill(3e38);
    await writeFile(cli.path("large.safetensors"), encodeModel({ parameters, metadata: new Map() }));
    const flags = ["--model=large.safetensors", ...(await cli.data())];
    for (const command of [["evaluate"], ["predict", "--index=0"]]) {
      const { code, stdout, stderr } = await cli.run(...command, ...flags);
      expect([code, stdout.includes("%")]).toEqual([1, false]);
      expect(stderr).toMatch(
        /^error: large\.safetensors gives probabilities that are no numbers: .+ another model/m,
      );
    }
  });

  it("to write a page in the place of what is none", async () => {
    await train("--epochs=1", "--backend=cpu");
    const before = await readFile(cli.path(trained));
    const evaluate = ["evaluate", "--model=run", "--data=data", "--backend=cpu"];
    for (const command of [
      [...evaluate, "--report"],
      ["report", "run", "--data=data", "--out"],
    ]) {
      for (const file of [trained, "run/config.json"]) {
        const { code, stderr } = await cli.run(...command, file);
        expect([code, stderr]).toEqual([1, expect.stringContaining(`${file} is there, and is no page.`)]);
      }
      // A page, or a file that is empty, is replaced.
      await writeFile(cli.path("empty"), "");
      for (const file of ["run/report.html", "empty"]) expect((await cli.run(...command, file)).code).toBe(0);
      expect((await readFile(cli.path("empty"), "utf8")).slice(0, 9)).toBe("<!doctype");
    }
    expect(await readFile(cli.path(trained))).toEqual(before);
  });

  it.each([
    [
      "missing/report.html",
      "missing/report.html cannot be written (no such file or directory). Make room, or",
    ],
    ["data", "data cannot be written (it is a folder). Name a file."],
  ])("a report that cannot be written, before it computes: %s", async (report, message) => {
    const data = await cli.data();
    const { code, stdout, stderr } = await cli.run("evaluate", "--model=none", ...data, "--report", report);
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining(`error: ${message}`)]);
    await expect(writeWhole(cli.path(report), "text")).rejects.toThrow(message);
    expect(await cli.files()).not.toContainEqual(expect.stringContaining(".part"));
  });

  it.each([
    ["a missing file", [], "model.safetensors cannot be read (no such file or directory)."],
    ["a broken file", "not a model", "model.safetensors is not a readable safetensors file"],
    ["images of another size", [784, 3], "for images of 784 pixels, but those of data have 6x6 = 36."],
    ["more classes than it knows", [36, 2], "for 2 classes, but data has 3."],
  ])("%s", async (_, contents, message) => {
    const data = await cli.data();
    if (typeof contents === "string") await writeFile(cli.path("model.safetensors"), contents);
    else if (contents.length > 0) {
      const parameters = initialise(contents, "zeros", 0);
      await writeFile(cli.path("model.safetensors"), encodeModel({ parameters, metadata: new Map() }));
    }
    const { code, stdout, stderr } = await cli.run("evaluate", "--model=model.safetensors", ...data);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([1, ""]);
  });
});

it("evaluate, predict, train, export and import take no folder of runs for a run, and name one", async () => {
  await train("--epochs=1", "--backend=cpu");
  await mkdir(cli.path("runs"));
  await rename(cli.path("run"), cli.path("runs/first"));
  for (const command of [
    ["evaluate", "--model=runs"],
    ["predict", "--model=runs", "a.png"],
    ["train", "--init=runs"],
    ["export", "runs", "--format=json"],
    ["import", "runs"],
  ]) {
    const { code, stderr } = await cli.run(...command);
    const message = "error: runs holds no run, but folders of runs. Name one of them, as runs/first.";
    expect([command, code, stderr]).toEqual([command, 1, expect.stringContaining(message)]);
  }
});
