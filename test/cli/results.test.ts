import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { percent } from "../../src/cli/format.ts";
import { presets } from "../../src/model/presets.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";
import { mnistFolder } from "../helpers/mnist.ts";

/* The networks that are kept in the repository read what is said of them: the figures that people are told are these. */

const cli = setUpCli();
const root = new URL("../../", import.meta.url);
/** Images of 10,000: adapters round differently, and one may be read otherwise. */
const oneImage = 1.01e-4;

/** What `evaluate --json` says of a model file on MNIST's test split. */
async function evaluated(model: string) {
  const path = fileURLToPath(new URL(model, root));
  const { code, stdout } = await cli.run(
    "evaluate",
    `--model=${path}`,
    `--data=${await mnistFolder()}`,
    "--json",
  );
  expect(code).toBe(0);
  return jsonLines(stdout)[0] as { accuracy: number };
}

/** How a run ended that is kept in a folder of docs/results. */
async function ended(folder: string) {
  const metrics = await readFile(new URL(`docs/results/${folder}/metrics.jsonl`, root), "utf8");
  return jsonLines(metrics).at(-1) as { reason: string; test: { accuracy: number } };
}

/** The accuracy of a kept model as its run in docs/results ended, and a fresh `evaluate` gives it again. */
async function accuracyOf(folder: string, model = `docs/results/${folder}/model.safetensors`) {
  const { accuracy } = await evaluated(model);
  const { reason, test } = await ended(folder);
  expect([reason, Math.abs(accuracy - test.accuracy) < oneImage]).toEqual(["finished", true]);
  return test.accuracy;
}

it("preset record's network, alone and in a committee", async () => {
  const record = await accuracyOf("record");
  expect(presets.record.reaches).toBe(percent(record));
  // Wide networks take a software adapter long: of the committee only the best is evaluated here, all where its picture is taken.
  const kept = JSON.parse(await readFile(new URL("docs/results/committee/evaluation.json", root), "utf8"));
  const members: { model: string; accuracy: number }[] = kept.models;
  for (const { model, accuracy } of members) {
    const run = await ended(model.replace("/model.safetensors", ""));
    expect([run.reason, Math.abs(accuracy - run.test.accuracy) < oneImage]).toEqual(["finished", true]);
  }
  const readme = await readFile(new URL("README.md", root), "utf8");
  const [best] = members.toSorted((one, other) => other.accuracy - one.accuracy);
  const again = await evaluated(`docs/results/${best.model}`);
  expect(Math.abs(again.accuracy - best.accuracy)).toBeLessThan(oneImage);
  for (const figure of [record, best.accuracy, kept.accuracy]) expect(readme).toContain(percent(figure));
});

it("the network that was trained longest in one go", async () => {
  const accuracy = await accuracyOf("long");
  expect(await readFile(new URL("README.md", root), "utf8")).toContain(percent(accuracy));
});

it("the trained network that the page opens", async () => {
  expect(await accuracyOf("trained", "data/trained.safetensors")).toBeGreaterThan(0.99);
});
