import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { setUpCli } from "../helpers/cli.ts";
import { pngOf, sample } from "../helpers/data-files.ts";

const cli = setUpCli();

/** What a name may have: an escape, a bell, an end of a line, a control of one byte, a mark that turns text around. */
const evil = "\x1b]0;title\x07\n\u009b31m\u202e";
/** All that a terminal obeys but the end of a line. */
const obeyed = /(?!\n)\p{Cc}|[\u2028\u2029]|\p{Bidi_Control}/u;

/** What a command says, which must be fit for a terminal. */
async function said(...args: string[]): Promise<string> {
  const { stdout, stderr } = await cli.run(...args);
  const text = `${stdout}${stderr}`;
  expect(text, args.join(" ")).not.toMatch(obeyed);
  // The end of a line in a name is none of the output.
  expect(text).not.toContain("\n31m");
  return text;
}

async function writePictures(root: string): Promise<void> {
  const { pixels, ...split } = sample(40, { rows: 4, columns: 4, classes: 2 });
  for (const [index, label] of split.labels.entries()) {
    const path = cli.path(root, `${label}${evil}`, `${index}.png`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, pngOf({ ...split, pixels }, index));
  }
}

describe("names with what a terminal obeys are shown without, when they are", () => {
  it("data sets, classes, run folders, metadata", async () => {
    const [data, run] = [`data${evil}`, `run${evil}`];
    await writePictures(data);
    const quick = ["--backend=cpu", "--epochs=2", "--batch-size=4"];
    expect(await said("train", "--data", data, "--out", run, ...quick)).toContain("run\\u001b]0;title");
    const model = ["--model", `${run}/model.safetensors`, "--data", data, "--backend=cpu"];
    expect(await said("evaluate", ...model)).toContain("0\\u001b]0;title");
    expect(await said("predict", ...model, "--index=0", "--json")).toContain("\\u009b31m");
    const config = JSON.parse(await readFile(cli.path(run, "config.json"), "utf8")) as object;
    const changed = { ...config, network: evil, config: { activation: evil } };
    await writeFile(cli.path(run, "config.json"), JSON.stringify(changed));
    expect(await said("runs", ".")).toContain("\\u202e");
  });

  it("flags, files and folders in errors", async () => {
    await writeFile(cli.path(evil), "");
    const messages = await Promise.all([
      said("train", "--data=."),
      said("train", "--debug", "--data", evil),
      said("import", evil),
      said(`--${evil}`),
    ]);
    for (const message of messages) expect(message).toContain("\\u009b31m");
  });
});
