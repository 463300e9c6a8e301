import { readFile } from "node:fs/promises";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { setUpCli } from "../helpers/cli.ts";
import { Random } from "./mutants.ts";
import { isWhole, report } from "./reliability.ts";

/* A device whose memory is used up in the middle of training: said as such, with a checkpoint, from which the run goes on. */

const seed = 4;
const cli = setUpCli();
const hook = new URL("exhaust-memory.mjs", import.meta.url);
const flags = ["--epochs=40", "--batch-size=8", "--evaluate-every=5", "--kernels=portable"];
const model = (folder: string) => readFile(cli.path(folder, "model.safetensors"));

test("memory that is used up ends a run with a sentence and a checkpoint", async () => {
  await cli.data();
  const random = new Random(xoroshiro128plus(seed));
  const count = isWhole ? 10 : 1;
  const whole = await cli.run("train", "--data=data", ...flags, "--out=straight");
  expect(whole.code, whole.stderr).toBe(0);
  for (let index = 0; index < count; index++) {
    const run = `run${index}`;
    const env = { NODE_OPTIONS: `--import=${hook.href}`, EXHAUST_AFTER: String(30 + random.below(60)) };
    const { code, stderr } = await cli.startWith(env, "train", "--data=data", ...flags, `--out=${run}`)
      .result;
    expect(stderr).toMatch(
      /^error: The GPU is out of memory: [^\n]+\. Use a smaller network or batch size\.$/m,
    );
    expect(code).toBe(1);
    const resumed = await cli.run("train", "--data=data", `--resume=${run}`);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect((await model(run)).equals(await model("straight"))).toBe(true);
  }
  await report("memory", "GPU memory used up at a random step, in Node", { tried: count, wrong: 0, seed });
});
