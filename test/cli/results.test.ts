import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { jsonLines, setUpCli } from "../helpers/cli.ts";
import { mnistFolder } from "../helpers/mnist.ts";

/* The networks that are kept in the repository read what is said of them: the figures that people are told are these. */

const cli = setUpCli();
const root = new URL("../../", import.meta.url);
/** Images of 10,000: adapters round differently, and one may be read otherwise. */
const oneImage = 1.01e-4;

/** What `evaluate --json` says of model files on MNIST's test split. */
async function evaluated(...models: string[]) {
  const flags = models.map((path) => `--model=${fileURLToPath(new URL(path, root))}`);
  const { code, stdout } = await cli.run("evaluate", ...flags, `--data=${await mnistFolder()}`, "--json");
  expect(code).toBe(0);
  return jsonLines(stdout)[0] as { accuracy: number; models?: { accuracy: number }[] };
}

/** How a run ended that is kept in a folder of docs/results. */
async function ended(folder: string) {
  const metrics = await readFile(new URL(`docs/results/${folder}/metrics.jsonl`, root), "utf8");
  return jsonLines(metrics).at(-1) as { reason: string; test: { accuracy: number } };
}

it("the trained network that the page opens", async () => {
  const { accuracy } = await evaluated("data/trained.safetensors");
  const { reason, test } = await ended("trained");
  expect([reason, Math.abs(accuracy - test.accuracy) < oneImage]).toEqual(["finished", true]);
  expect(accuracy).toBeGreaterThan(0.99);
});
