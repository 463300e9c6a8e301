/*
 * What each ingredient adds: one small network trained with one more of them a row, three seeds each, on the test split.
 * The settings were chosen elsewhere, on a validation split (docs/recipes.md); nothing is chosen by these figures.
 *
 *     npm run ablation            about ten minutes on two cores; leaves docs/results/ablation.json and .md
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const seeds = [1, 2, 3];
const common = "--hidden 128 --epochs 5 --batch-size 128";

/** What is added, and the flags that are in force from this row on unless a later row sets them anew. */
const rows = [
  ["the article's: sigmoid, plain SGD at 0.1", ""],
  ["ReLU, he-normal", "--activation relu --initialiser he-normal"],
  ["Nesterov, learning rate 0.03", "--optimizer nesterov --learning-rate 0.03"],
  ["one-cycle, up to 0.1", "--schedule one-cycle --learning-rate 0.1"],
  ["Adam instead, up to 0.01", "--optimizer adam --learning-rate 0.01"],
  ["label smoothing 0.1 (preset quick)", "--label-smoothing 0.1"],
  ["average of the weights, decay 0.99", "--average-decay 0.99"],
  ["hidden dropout 0.1", "--hidden-dropout 0.1"],
  ["affine: shift 1, rotation 8, scale 0.08, shear 0.08", "--shift 1 --rotation 8 --scale 0.08 --shear 0.08"],
  ["elastic 0.8", "--elastic 0.8"],
  ["a second hidden layer of 128", "--hidden 128,128"],
];

const flags = new Map();
const results = [];
let device = "";
for (const [what, text] of rows) {
  for (const [, name, value] of `${common} ${results.length === 0 ? "" : text}`.matchAll(/(--\S+) (\S+)/g)) {
    // The common flags are the first row's: later rows keep what they changed.
    if (results.length === 0 || text.includes(`${name} `)) flags.set(name, value);
  }
  const accuracies = seeds.map((seed) => train([...flags].flat(), seed));
  results.push({ what, flags: [...flags].flat().join(" "), accuracies });
  process.stderr.write(`${what}: ${accuracies.map(percent).join(", ")}\n`);
}
const made = { device, seeds, date: new Date().toISOString(), rows: results };
writeFileSync(join(root, "docs/results/ablation.json"), `${JSON.stringify(made, null, 2)}\n`);
writeFileSync(join(root, "docs/results/ablation.md"), table());

/** Trains one network and gives its accuracy on the test split. */
function train(settings, seed) {
  const folder = mkdtempSync(join(tmpdir(), "ablation-"));
  try {
    const output = join(folder, "run");
    const call = [join(root, "dist/cli.js"), "train", ...settings, "--seed", seed, "--out", output, "--json"];
    execFileSync(process.execPath, call.map(String), { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
    device = JSON.parse(readFileSync(join(output, "config.json"), "utf8")).device;
    const lines = readFileSync(join(output, "metrics.jsonl"), "utf8").trim().split("\n");
    return JSON.parse(lines.at(-1)).test.accuracy;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function table() {
  const lines = results.map(({ what, accuracies }, index) => {
    const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
    const spread = `${percent(Math.min(...accuracies))} to ${percent(Math.max(...accuracies))}`;
    return `| ${index === 0 ? "" : "+ "}${what} | ${percent(mean)} | ${spread} |`;
  });
  const head = [
    "| setting, each row with those above it | test accuracy, mean | lowest to highest |",
    "|---|---|---|",
  ];
  return `784-128-10, 5 epochs, batch size 128, seeds ${seeds.join(", ")}, on ${device}.\n\n${[...head, ...lines].join("\n")}\n`;
}

function percent(share) {
  return `${(100 * share).toFixed(2)}%`;
}
