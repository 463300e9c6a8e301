import { readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { jsonLines, setUpCli } from "../helpers/cli.ts";

const cli = setUpCli();

const data = ["--data=data", "--backend=cpu"];
const quick = [...data, "--batch-size=8", "--epochs=2", "--learning-rate=0.5"];

interface Result {
  readonly loss: number;
  readonly models?: readonly { readonly loss: number }[];
}

async function evaluated(...flags: string[]): Promise<Result> {
  const { code, stdout } = await cli.run("evaluate", ...data, "--json", ...flags);
  expect(code).toBe(0);
  return jsonLines(stdout)[0] as unknown as Result;
}

const textOf = (path: string) => readFile(cli.path(path), "utf8");

it("a network that was trained on deskewed images reads such ever after, wherever it goes", async () => {
  await cli.data();
  const trained = await cli.run("train", ...quick, "--deskew", "--out=upright");
  expect([trained.code, trained.stderr]).toEqual([0, ""]);
  expect(JSON.parse(await textOf("upright/config.json")).config.deskew).toBe(true);
  await cli.run("train", ...quick, "--out=plain");
  const [upright, plain] = ["--model=upright/model.safetensors", "--model=plain/model.safetensors"];

  // What training found is what the file gives: nobody need say that it is of deskewed images.
  const { test } = jsonLines(await textOf("upright/metrics.jsonl")).at(-1) as { test: Result };
  const alone = await evaluated(upright);
  // The file holds float32.
  expect(alone.loss).toBeCloseTo(test.loss, 6);
  const { stdout } = await cli.run("evaluate", ...data, upright);
  expect(stdout).toMatch(/Network: 36-10-3 from upright.model.safetensors, .*, of deskewed images$/m);
  const other = await evaluated(plain);
  expect(other.loss).not.toBe((await evaluated(plain, "--deskew")).loss);

  // Members of an ensemble read each what it was trained on.
  const both = await evaluated(upright, plain);
  expect(both.models!.map(({ loss }) => loss)).toEqual([alone.loss, other.loss]);
  const probabilities = async (...flags: string[]) => {
    const { stdout } = await cli.run("predict", ...data, "--json", "--index=7", ...flags);
    return (jsonLines(stdout)[0] as { probabilities: number[] }).probabilities;
  };
  const [first, second, together] = [
    await probabilities(upright),
    await probabilities(plain),
    await probabilities(upright, plain),
  ];
  const mean = first.map((probability, label) => (probability + second[label]!) / 2);
  for (const [label, probability] of together.entries()) expect(probability).toBeCloseTo(mean[label]!, 6);

  // Through other formats and back; a file that does not tell is told.
  await cli.run("export", "upright", "--format=json", "--out=a.json");
  await cli.run("export", "upright", "--format=safetensors", "--out=b.safetensors");
  await cli.run("import", "a.json", "--out=c.safetensors");
  for (const file of ["a.json", "b.safetensors", "c.safetensors"])
    expect((await evaluated(`--model=${file}`)).loss).toBe(alone.loss);
  const { metadata, ...bare } = JSON.parse(await textOf("a.json"));
  expect(JSON.parse(metadata.config).deskew).toBe(true);
  await writeFile(cli.path("bare.json"), JSON.stringify(bare));
  expect((await evaluated("--model=bare.json")).loss).not.toBe(alone.loss);
  expect((await evaluated("--model=bare.json", "--deskew")).loss).toBe(alone.loss);
  await cli.run("import", "bare.json", "--deskew", "--out=d.safetensors");
  expect((await evaluated("--model=d.safetensors")).loss).toBe(alone.loss);

  // Who goes on from it goes on with what it reads.
  await cli.run("train", ...quick, "--init=upright/model.safetensors", "--out=on");
  expect(JSON.parse(await textOf("on/config.json")).config.deskew).toBe(true);
  expect(await cli.run("report", "upright", ...data)).toMatchObject({ code: 0, stderr: "" });
});
