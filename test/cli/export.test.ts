import { readFile, writeFile } from "node:fs/promises";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { describe, expect, it } from "vitest";
import { parseImages } from "../../src/data/idx.ts";
import { initialise } from "../../src/model/initialise.ts";
import { decodeJsonModel } from "../../src/model/json-model.ts";
import { decodeModel, encodeModel } from "../../src/model/model-file.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();
env.wasm.numThreads = 1;

async function train() {
  const data = await cli.data();
  const { code } = await cli.run(
    "train",
    ...data,
    "--out=run",
    "--epochs=4",
    "--batch-size=8",
    "--backend=cpu",
  );
  expect(code).toBe(0);
}

async function writeModel(name: string, activation = "sigmoid", change?: (parameters: Parameters) => void) {
  const parameters = initialise([36, 4, 3], "article", 1);
  change?.(parameters);
  const metadata = new Map([["config", JSON.stringify({ activation })]]);
  await writeFile(cli.path(name), encodeModel({ parameters, metadata }));
}

describe("export", () => {
  it("writes into a pipe by the name of stdout, and nothing else there", async () => {
    await writeModel("model.safetensors");
    const command = `${cli.pasted()} export model.safetensors --format=json --out=/dev/stdout`;
    const { stdout, stderr } = await cli.paste(`${command} | cat`);
    expect(decodeJsonModel(new TextEncoder().encode(stdout), "piped").parameters).toHaveLength(2);
    expect(stderr).toMatch(
      /^Wrote \/dev\/stdout \([\d,]+ bytes\): network 36-4-3 from model\.safetensors\.\n$/,
    );
    expect(await cli.paste(`${command} --json | cat`)).toMatchObject({
      stdout: "",
      stderr: "error: /dev/stdout is where --json writes to. Name another file, or leave --json out.\n",
    });
  });

  it.each([
    ["/dev/stdout", ">>"],
    ["/dev/fd/1", ">>"],
    ["/dev/stderr", "2>>"],
    ["/dev/fd/3", "3>>"],
  ])("adds to the file that a shell has opened as %s, and replaces nothing", async (out, redirection) => {
    await writeModel("model.safetensors");
    await writeFile(cli.path("all.json"), "before\n");
    const command = `${cli.pasted()} export model.safetensors --format=json --out=${out}`;
    const { code, stderr } = await cli.paste(
      `{ ${command} && echo after >>all.json; } ${redirection}all.json`,
    );
    expect(code, stderr).toBe(0);
    const text = await readFile(cli.path("all.json"), "utf8");
    expect(text).toMatch(/^before\n\{.+\}\n?(Wrote .+\n)?after\n$/s);
  });

  it("refuses a file of its usual name that a shell has opened for what it says", async () => {
    await writeModel("model.safetensors");
    const { code, stderr } = await cli.paste(
      `${cli.pasted()} export model.safetensors --format=onnx >model.onnx`,
    );
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: model\.onnx is there already\. .+\n$/),
    ]);
    expect(await readFile(cli.path("model.onnx"), "utf8")).toBe("");
  });

  it("writes a run as ONNX, which says of the test split what predict says", async () => {
    await train();
    const { code, stdout, stderr } = await cli.run("export", "run", "--format=onnx", "--json");
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^Wrote run\/model\.onnx \([\d,]+ bytes\): network 36-10-3 from run\/model\.safetensors, /,
    );
    expect(jsonLines(stdout)).toEqual([
      {
        file: "run/model.onnx",
        format: "onnx",
        model: "run/model.safetensors",
        network: "36-10-3",
        activation: "sigmoid",
      },
    ]);
    const images = parseImages(await readFile(cli.path("data/t10k-images-idx3-ubyte")), "images");
    const session = await InferenceSession.create(await readFile(cli.path("run/model.onnx")));
    const { probabilities } = await session.run({ pixels: new Tensor("uint8", images.pixels, [30, 36]) });
    const flags = ["--model=run/model.safetensors", "--data=data", "--backend=cpu", "--json"];
    for (const index of [0, 1, 29]) {
      const [said] = jsonLines((await cli.run("predict", ...flags, `--index=${index}`)).stdout);
      const expected = said!.probabilities as number[];
      expected.forEach((value, digit) => {
        expect(Math.abs((probabilities!.data as Float32Array)[3 * index + digit]! - value)).toBeLessThan(
          1e-5,
        );
      });
    }
  });

  it("writes JSON and PyTorch's safetensors that hold the same numbers", async () => {
    await train();
    const original = decodeModel(await readFile(cli.path("run/model.safetensors")), "model");
    expect((await cli.run("export", "run/", "--format=json")).stdout).toMatch(/^Wrote run\/model\.json \(/);
    expect(original).toEqual({
      ...decodeJsonModel(await readFile(cli.path("run/model.json")), "json"),
      remarks: [],
    });
    const flags = ["--format=safetensors", "--out=torch.safetensors"];
    expect((await cli.run("export", "run/model.json", ...flags)).code).toBe(0);
    const torch = decodeModel(await readFile(cli.path("torch.safetensors")), "torch");
    expect(torch.parameters).toEqual(original.parameters);
    expect(torch.metadata.get("format")).toBe("pt");
  });

  it("rounds to float16 for half the bytes, which every reader widens again", async () => {
    await writeModel("a.safetensors", "silu");
    const { parameters } = decodeModel(await readFile(cli.path("a.safetensors")), "a");
    const half = ["--format=safetensors", "--float16", "--out=half.safetensors"];
    expect((await cli.run("export", "a.safetensors", ...half)).code).toBe(0);
    const bytes = await readFile(cli.path("half.safetensors"));
    const whole = await readFile(cli.path("a.safetensors"));
    const numbers = parameters.flatMap(({ weight, bias }) => [...weight, ...bias]);
    expect(bytes.length).toBeLessThan(whole.length - 2 * numbers.length + 200);
    const rounded = decodeModel(bytes, "half").parameters.flatMap(({ weight, bias }) => [...weight, ...bias]);
    for (const [at, number] of numbers.entries())
      expect(Math.abs(rounded[at] - number)).toBeLessThanOrEqual(
        Math.max(2 ** -11 * Math.abs(number), 2 ** -25),
      );
  });

  it("takes the activation from the file, or another that is given", async () => {
    await writeModel("a.safetensors", "silu");
    const given = ["--activation=relu", "--out=b.onnx"];
    const a = await cli.run("export", "a.safetensors", "--format=onnx");
    expect((await cli.run("export", "a.safetensors", "--format=onnx", ...given)).code).toBe(0);
    expect(a.stdout).toMatch(/^Wrote a\.onnx \(\d,\d+ bytes\): network 36-4-3 from a\.safetensors\.\n$/);
    const nodes = async (file: string) => (await readFile(cli.path(file))).includes("Mul");
    expect([await nodes("a.onnx"), await nodes("b.onnx")]).toEqual([true, false]);
  });

  it("replaces a file only where --out names it", async () => {
    await writeModel("a.safetensors");
    await writeFile(cli.path("a.json"), "mine");
    const refused = await cli.run("export", "a.safetensors", "--format=json");
    expect([refused.code, refused.stdout, await readFile(cli.path("a.json"), "utf8")]).toEqual([
      1,
      "",
      "mine",
    ]);
    expect(refused.stderr).toBe(
      "error: a.json is there already. Name the file to write with --out; it may be the same.\n",
    );
    expect((await cli.run("export", "a.safetensors", "--format=safetensors")).code).toBe(1);
    expect((await cli.run("export", "a.safetensors", "--format=json", "--out=a.json")).code).toBe(0);
    expect(await readFile(cli.path("a.json"), "utf8")).toContain('"sizes": [36,4,3]');
  });
});

describe("export refuses", () => {
  it.each([
    ["a missing file", ["nothing.safetensors", "--format=onnx"], 1, "nothing.safetensors cannot be read"],
    ["a folder without a model", [".", "--format=onnx"], 1, ". holds no run: there is no config.json in it"],
    ["a broken file", ["broken.safetensors", "--format=onnx"], 1, "not a readable safetensors file"],
    [
      "broken JSON",
      ["broken.json", "--format=onnx"],
      1,
      "broken.json holds no network as JSON: it is not JSON",
    ],
    [
      "another activation",
      ["odd.safetensors", "--format=onnx"],
      1,
      'activation "softplus", expected one of sigmoid',
    ],
    [
      "float16 in another format",
      ["odd.safetensors", "--format=onnx", "--float16"],
      2,
      "--float16 is for --format safetensors, but the format is onnx. Leave one out.",
    ],
    [
      "a number that float16 has not",
      ["large.safetensors", "--format=safetensors", "--float16", "--out=half.safetensors"],
      1,
      "Layer 2 has the number 70000, but float16 goes to 65504. Store it as float32.",
    ],
    ["another format", ["odd.safetensors", "--format=h5"], 2, "--format: got h5, expected one of onnx, safetensors, json."], // biome-ignore format: one line
    ["no format", ["odd.safetensors"], 2, "--format"],
    ["a place that cannot be", ["good.safetensors", "--format=onnx", "--out=no/such/x.onnx"], 1, "no/such/x.onnx cannot be written"], // biome-ignore format: one line
  ])("%s", async (_, args, exitCode, message) => {
    await writeFile(cli.path("broken.safetensors"), "nothing");
    await writeFile(cli.path("broken.json"), "{");
    await writeModel("odd.safetensors", "softplus");
    await writeModel("good.safetensors");
    await writeModel("large.safetensors", "sigmoid", (parameters) => {
      parameters[1].weight[5] = 70_000;
    });
    const before = await cli.files();
    const { code, stdout, stderr } = await cli.run("export", ...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([exitCode, ""]);
    expect(await cli.files()).toEqual(before);
  });
});
