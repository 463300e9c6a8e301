import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/data/random.ts";
import { decodeModel } from "../../src/model/model-file.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";
import { zipOf } from "../helpers/data-files.ts";
import { type TorchTensor, torchFile } from "../helpers/torch-file.ts";

const cli = setUpCli();

/** Tensors of two layers, 36-5-3, as a module of PyTorch names them. */
function tensors(first: string, second: string): TorchTensor[] {
  const random = randomStream(3, "parameters", 0);
  const tensor = (name: string, ...shape: number[]) => ({
    name,
    shape,
    values: Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.fround(random.normal() / 4)),
  });
  return [
    tensor(`${first}.weight`, 5, 36),
    tensor(`${first}.bias`, 5),
    tensor(`${second}.weight`, 3, 5),
    tensor(`${second}.bias`, 3),
  ];
}

const config = async (file: string) => {
  const { metadata } = decodeModel(await readFile(cli.path(file)), file);
  return JSON.parse(metadata.get("config")!);
};

describe("import", () => {
  it.each([
    ["nn.Sequential", "0", "2"],
    ["a module", "fc1", "fc2"],
  ])("makes a model of what PyTorch wrote of %s", async (_, first, second) => {
    const source = tensors(first, second);
    await writeFile(cli.path("torch.safetensors"), torchFile(source, { format: "pt" }));
    const { code, stdout, stderr } = await cli.run("import", "torch.safetensors", "--activation=relu");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe("Wrote model.safetensors: network 36-5-3 of torch.safetensors, relu.\n");
    const { parameters, metadata } = decodeModel(await readFile(cli.path("model.safetensors")), "model");
    expect(parameters.flatMap(({ weight, bias }) => [[...weight], [...bias]])).toEqual(
      source.map(({ values }) => values),
    );
    expect(await config("model.safetensors")).toEqual({ hidden: [5], activation: "relu" });
    expect([...metadata.keys()].sort()).toEqual(["config", "network"]);
  });

  it("and training goes on from it with its activation", async () => {
    const data = await cli.data();
    await writeFile(cli.path("torch.safetensors"), torchFile(tensors("0", "2")));
    await cli.run("import", "torch.safetensors", "--activation=sigmoid", "--out=mine.safetensors");
    const { code } = await cli.run("train", ...data, "--init=mine.safetensors", "--epochs=1", "--out=run");
    expect(code).toBe(0);
    expect(await config("run/model.safetensors")).toMatchObject({ hidden: [5], activation: "sigmoid" });
  });

  it("takes back what export wrote as JSON, and evaluates the same", async () => {
    const data = await cli.data();
    await cli.run("train", ...data, "--out=run", "--epochs=2");
    await cli.run("export", "run", "--format=json", "--out=network.txt");
    const { code, stdout } = await cli.run("import", "network.txt", "--format=json", "--json");
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual([
      { file: "model.safetensors", source: "network.txt", network: "36-10-3", activation: "sigmoid" },
    ]);
    const files = ["run/model.safetensors", "model.safetensors"].map((file) => readFile(cli.path(file)));
    const [before, after] = await Promise.all(files);
    expect(after!.equals(before!)).toBe(true);
  });

  it("is not needed to evaluate a file of PyTorch's, whose activation is given or assumed", async () => {
    const data = await cli.data();
    await writeFile(cli.path("torch.safetensors"), torchFile(tensors("0", "2"), { format: "pt" }));
    const evaluate = async (...flags: string[]) => {
      const all = ["--model=torch.safetensors", ...data, "--backend=cpu", ...flags];
      const { code, stdout } = await cli.run("evaluate", ...all);
      expect(code).toBe(0);
      const [, network, loss] = /\nNetwork: (.*)\n.*loss (\S+)/.exec(stdout) ?? [];
      return { network, loss };
    };
    const assumed = await evaluate();
    expect(assumed.network).toBe(
      "36-5-3 from torch.safetensors, taken for sigmoid: the file does not tell (--activation does)",
    );
    const given = await evaluate("--activation=sigmoid");
    expect(given).toEqual({ network: "36-5-3 from torch.safetensors", loss: assumed.loss });
    expect((await evaluate("--activation=relu")).loss).not.toBe(assumed.loss);
  });

  it("folds mean and standard deviation of pixels into the first layer", async () => {
    const source = tensors("0", "2");
    await writeFile(cli.path("torch.safetensors"), torchFile(source));
    const flags = ["--activation=relu", "--mean=0.1307", "--std=0.3081"];
    const { code, stdout } = await cli.run("import", "torch.safetensors", ...flags);
    expect([code, stdout]).toEqual([
      0,
      "Wrote model.safetensors: network 36-5-3 of torch.safetensors, relu, with mean 0.1307 and standard deviation " +
        "0.3081 in its first layer.\n",
    ]);
    const { parameters } = decodeModel(await readFile(cli.path("model.safetensors")), "model");
    const [weight, bias, ...second] = source.map(({ values }) => values);
    const firstRow = weight.slice(0, 36).reduce((sum, value) => sum + value, 0);
    expect(parameters[0].weight[7]).toBeCloseTo(weight[7] / 0.3081, 5);
    expect(parameters[0].bias[0]).toBeCloseTo(bias[0] - (0.1307 / 0.3081) * firstRow, 5);
    expect([[...parameters[1].weight], [...parameters[1].bias]]).toEqual(second);
  });

  it("says what it leaves out, and which order it takes", async () => {
    const values = [1, 2, 3, 4];
    const file = torchFile([
      { name: "b.weight", shape: [2, 2], values },
      { name: "a.weight", shape: [2, 2], values },
      { name: "steps", shape: [], values: [9], dtype: "I64" },
    ]);
    await writeFile(cli.path("torch.safetensors"), file);
    const { code, stderr } = await cli.run("import", "torch.safetensors", "--activation=relu");
    expect(code).toBe(0);
    expect(stderr.split("\n")).toEqual([
      'torch.safetensors: left out, as weights are no whole numbers: "steps" [].',
      expect.stringMatching(
        /^torch\.safetensors: .* several orders\. They are taken as "a\.weight", "b\.weight";/,
      ),
      "",
    ]);
  });
});

const untold =
  "holds a network 36-5-3, but does not tell what its hidden layers apply to their sums. Give --activation";

describe("whatever makes more of a network whose activation nobody told refuses:", () => {
  it.each([
    ["import", "torch.safetensors"],
    ["export", "torch.safetensors", "--format=onnx"],
    ["train", "--init=torch.safetensors"],
    ["train", "--init=torch.safetensors", "--preset=quick"],
  ])("%s %s %s", async (...args) => {
    await writeFile(cli.path("torch.safetensors"), torchFile(tensors("0", "2")));
    const { code, stdout, stderr } = await cli.run(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error: torch.safetensors ${untold}, one of sigmoid, tanh, relu,`);
  });

  it("but not if it has no hidden layers, or the activation is given", async () => {
    const data = await cli.data();
    await writeFile(cli.path("torch.safetensors"), torchFile(tensors("0", "2")));
    await writeFile(cli.path("one.safetensors"), torchFile([{ ...tensors("0", "2")[0], shape: [5, 36] }]));
    const flags = ["--init=torch.safetensors", ...data, "--activation=relu", "--epochs=1", "--out=run"];
    expect((await cli.run("import", "one.safetensors")).code).toBe(0);
    expect((await cli.run("train", ...flags)).code).toBe(0);
    expect(await config("run/model.safetensors")).toMatchObject({ hidden: [5], activation: "relu" });
    const onnx = ["torch.safetensors", "--format=json", "--activation=tanh"];
    expect((await cli.run("export", ...onnx)).stdout).not.toContain("taken for");
    expect(JSON.parse(await readFile(cli.path("torch.json"), "utf8"))).toMatchObject({ activation: "tanh" });
  });
});

it.each([
  ["evaluate", "--model=a.pt"],
  ["predict", "--model=a.pt", "a.png"],
  ["train", "--init=a.pt"],
  ["import", "a.pt"],
  ["export", "a.pt", "--format=json"],
])("%s says what another program's file is: %s", async (...args) => {
  await writeFile(cli.path("a.pt"), zipOf({ "a/data.pkl": "" }));
  const { code, stderr } = await cli.run(...args);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: a\.pt is a file of PyTorch, .*save_file/),
  ]);
});

describe("import refuses", () => {
  it.each([
    ["a missing file", ["nothing.safetensors"], 1, "nothing.safetensors cannot be read"],
    ["half a file", ["half.safetensors"], 1, "half.safetensors is not a readable safetensors file"],
    ["safetensors for JSON", ["good.safetensors", "--format=json"], 1, "holds no network as JSON"],
    ["JSON for safetensors", ["good.json", "--format=safetensors"], 1, "not a readable safetensors file"],
    ["a convolution", ["conv.safetensors"], 1, '"0" is a convolution, of "0.weight" [8, 1, 3, 3]'],
    ["no mean", ["good.safetensors", "--mean=x"], 2, "--mean: got x, expected a number."],
    ["a deviation of 0", ["good.safetensors", "--std=0"], 2, "--std: got 0, expected a number above 0."],
    [
      "an unknown activation",
      ["good.safetensors", "--activation=softplus"],
      2,
      "--activation: got softplus, expected",
    ],
    [
      "an unknown format",
      ["good.safetensors", "--format=pickle"],
      2,
      "--format: got pickle, expected one of",
    ],
    [
      "to replace what --out does not name",
      ["good.safetensors", "--activation=relu"],
      1,
      "model.safetensors is there already.",
    ],
  ])("%s", async (_, args, exitCode, message) => {
    const whole = torchFile(tensors("0", "2"), { format: "pt" });
    const convolution = { name: "0.weight", shape: [8, 1, 3, 3], values: Array<number>(72).fill(1) };
    await writeFile(cli.path("good.safetensors"), whole);
    await writeFile(cli.path("half.safetensors"), whole.subarray(0, whole.length / 2));
    await writeFile(cli.path("conv.safetensors"), torchFile([convolution]));
    await writeFile(cli.path("good.json"), '{"layers":[{"weight":[[1]],"bias":[0]}]}');
    await writeFile(cli.path("model.safetensors"), "mine");
    const { code, stdout, stderr } = await cli.run("import", ...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([exitCode, ""]);
    expect(await readFile(cli.path("model.safetensors"), "utf8")).toBe("mine");
  });
});
