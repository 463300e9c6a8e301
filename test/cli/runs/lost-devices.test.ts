import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { jsonLines, setUpCli } from "../../helpers/cli.ts";

const cli = setUpCli();
const hook = new URL("../../faults/lose-devices.mjs", import.meta.url);

/** Trains on the GPU, while devices are lost as lose-devices.mjs says. */
const trainLosing = (losses: string, ...flags: string[]) =>
  cli.startWith(
    { NODE_OPTIONS: `--import=${hook.href}`, LOSE_DEVICES: losses },
    "train",
    "--data=data",
    ...flags,
  );

const flags = ["--epochs=40", "--batch-size=8", "--evaluate-every=5", "--kernels=portable", "--json"];
const model = (folder: string) => readFile(cli.path(folder, "model.safetensors"));
const lossesOf = (text: string) => jsonLines(text).map(({ loss }) => loss);

it("devices that are lost are replaced, and the run ends as if nothing had happened", async () => {
  await cli.data();
  const [straight, some] = await Promise.all([
    cli.run("train", "--data=data", ...flags, "--out=straight"),
    trainLosing("30,compiling,4,25", ...flags, "--out=some").result,
  ]);
  expect(some.stderr).toMatch(/^The GPU device was lost \(\w+\): .+ Asking for another one\.$/m);
  expect(some.stderr.match(/There is one: training goes on/g)).toHaveLength(4);
  expect(some.code).toBe(0);
  expect((await model("some")).equals(await model("straight"))).toBe(true);
  expect(lossesOf(some.stdout)).toEqual(lossesOf(straight.stdout));
});

it.each([
  ["in the middle", "60"],
  ["before the state was read since training began", "3"],
])("too many that are lost in a row, %s, are an end, with a checkpoint", async (_, first) => {
  await cli.data();
  const [, many] = await Promise.all([
    cli.run("train", "--data=data", ...flags, "--out=straight"),
    trainLosing([first, ...Array(9).fill("compiling")].join(), ...flags, "--out=many").result,
  ]);
  expect(many.stderr).toMatch(/^error: The GPU device was lost .+ again and again, with no step between: /m);
  const [, command] = /^Go on with: (.* train --resume many --data=data)$/m.exec(many.stderr)!;
  expect(many.code).toBe(1);
  expect((await cli.paste(command)).code).toBe(0);
  expect((await model("many")).equals(await model("straight"))).toBe(true);
});
