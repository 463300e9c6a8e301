import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/data/random.ts";
import { decodeModel } from "../../src/model/model-file.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";
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

  it("is not needed to evaluate a file of PyTorch's, whose activation is then assumed", async () => {
    const data = await cli.data();
    await writeFile(cli.path("torch.safetensors"), torchFile(tensors("0", "2"), { format: "pt" }));
    const flags = ["--model=torch.safetensors", ...data, "--backend=cpu"];
    const { code, stdout } = await cli.run("evaluate", ...flags);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "\nNetwork: 36-5-3 from torch.safetensors, taken for sigmoid: the file does not tell\n",
    );
  });
});

describe("import refuses", () => {
  it.each([
    ["a missing file", ["nothing.safetensors"], 1, "nothing.safetensors cannot be read"],
    ["half a file", ["half.safetensors"], 1, "half.safetensors is not a readable safetensors file"],
    ["safetensors for JSON", ["good.safetensors", "--format=json"], 1, "holds no network as JSON"],
    ["JSON for safetensors", ["good.json", "--format=safetensors"], 1, "not a readable safetensors file"],
    ["a convolution", ["conv.safetensors"], 1, "has shape [8,1,3,3], expected [outputs, inputs]"],
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
    ["to replace what --out does not name", ["good.safetensors"], 1, "model.safetensors is there already."],
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
