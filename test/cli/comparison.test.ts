import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { renderComparison } from "../../src/cli/report/comparison.ts";
import { accuracyText, lossText } from "../../src/cli/report/figures.ts";
import type { EpochRecord } from "../../src/cli/runs/records.ts";
import type { Run } from "../../src/cli/runs/run-reader.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import { jsonLines, setUpCli } from "../helpers/cli.ts";
import { words } from "./report-fixture.ts";

/** A run of two epochs whose test accuracy is `accuracy`. */
function run(name: string, accuracy: number, config: Partial<Config> = {}, change: Partial<Run> = {}): Run {
  const epochs = [1, 2].map(
    (epoch): EpochRecord => ({
      ...{ event: "epoch", epoch, steps: 5 * epoch, learningRate: 0.1, seconds: 1, stepsPerSecond: 5 },
      ...{ loss: 1 / epoch, accuracy: accuracy - 0.1 },
    }),
  );
  const test = { loss: 1 - accuracy, accuracy };
  const dataset = {
    name: "stripes",
    origin: "made here",
    train: 9,
    test: 3,
    rows: 5,
    columns: 7,
    classes: 3,
  };
  return {
    ...{ path: `runs/${name}`, name, epochs, state: "finished", steps: 10, test, best: undefined },
    description: {
      ...{ program: "mnist-webgpu 1.2.3", name, started: "2026-01-31T09:05:00.000Z", network: "35-4-3" },
      ...{ device: "a device", dataset, config: { ...defaultConfig, hidden: [4], epochs: 2, ...config } },
    },
    end: {
      ...{ event: "end", reason: "finished", steps: 10, seconds: 2, network: "35-4-3", dataset: "stripes" },
      ...{ test, folder: `runs/${name}` },
    },
    ...change,
  };
}

function compare(...runs: Run[]) {
  const { document } = parseHTML(renderComparison(runs));
  const rows = [...document.querySelectorAll("table tr")].map((row) => [...row.children].map(words));
  const charts = [...document.querySelectorAll("figure svg")];
  return { document, rows, charts, text: words(document.querySelector("main")) };
}

describe("a comparison of runs", () => {
  it("has their figures, and columns for what differs alone", () => {
    const { document, rows, text } = compare(
      run("slow", 0.5, { batchSize: 8, learningRate: 0.01 }),
      run("fast", 0.75, { batchSize: 8, shuffle: false }),
    );
    expect(document.title).toBe("Comparison of 2 runs");
    const figures = [
      "Test accuracy",
      "Test loss",
      "Training accuracy",
      "Training loss",
      "Epochs",
      "Steps",
      "Time",
    ];
    expect(rows).toEqual([
      ["Run", "State", ...figures, "Learning rate", "Shuffle"],
      ["slow", "finished", "50.00%", "0.5000", "40.00%", "0.5000", "2/2", "10", "2.0s", "0.01", "true"],
      ["fast", "finished", "75.00%", "0.2500", "65.00%", "0.5000", "2/2", "10", "2.0s", "0.1", "false"],
    ]);
    expect(text).toContain("All runs: 35-4-3, on stripes, batch size 8. ");
    const best = [...document.querySelectorAll(".best")].map(words);
    expect(best).toEqual(["0.5000", "75.00%", "0.2500", "65.00%", "0.5000"]);
  });

  it("draws the curves of all over each other, in colours of their own", () => {
    const { charts } = compare(run("a", 0.5), run("b", 0.75));
    expect(charts.map((chart) => chart.getAttribute("aria-label"))).toEqual([
      "Curve of loss, a from 1.0000 at epoch 1 to 0.5000 at epoch 2, b from 1.0000 at epoch 1 to 0.5000 at epoch 2",
      "Curve of accuracy, a 50.00% at epoch 2, b 75.00% at epoch 2",
      "Curve of loss, a 0.5000 at epoch 2, b 0.2500 at epoch 2",
      "Curve of accuracy, a from 40.00% at epoch 1 to 40.00% at epoch 2, b from 65.00% at epoch 1 to 65.00% at epoch 2",
    ]);
    for (const chart of charts) {
      for (const name of ["run-0", "run-1"]) expect(chart.querySelectorAll(`.line.${name}`)).toHaveLength(1);
    }
    expect(words(charts[1]!.querySelector(".dot.run-1 title"))).toBe("b, epoch 2: 75.00%");
  });

  it("has validation figures and learning rates where there are any", () => {
    const validated = run("validated", 0.5, { validation: 3 });
    const epochs = validated.epochs.map((record, index) => ({
      ...{ ...record, learningRate: 0.1 / (index + 1) },
      validation: { loss: 0.5, accuracy: 0.75 - 0.25 * index },
    }));
    const best = { epoch: 1, ...epochs[0]!.validation };
    const { rows, charts, text } = compare(
      { ...validated, epochs, best, state: "stopped early" },
      run("plain", 0.75),
    );
    expect(rows.map((row) => row.slice(0, 5))).toEqual([
      ["Run", "State", "Test accuracy", "Test loss", "Best validation accuracy"],
      ["validated", "stopped early", "50.00%", "0.5000", "75.00%"],
      ["plain", "finished", "75.00%", "0.2500", "–"],
    ]);
    expect(text).toContain("test and validation figures are of the weights after it");
    // Its test figures are those of the weights kept, which need not be the last epoch's.
    expect(charts.map((chart) => chart.getAttribute("aria-label"))).toEqual([
      expect.stringMatching(/^Curve of loss, validated .*, plain /),
      "Curve of accuracy, plain 75.00% at epoch 2",
      "Curve of loss, plain 0.2500 at epoch 2",
      "Curve of accuracy, validated from 75.00% at epoch 1 to 50.00% at epoch 2",
      "Curve of loss, validated from 0.5000 at epoch 1 to 0.5000 at epoch 2",
      expect.stringMatching(/^Curve of accuracy, validated .*, plain /),
      "Curve of the learning rate, validated from 0.1 at epoch 1 to 0.05 at epoch 2, plain from 0.1 at epoch 1 to 0.1 at epoch 2",
    ]);
  });

  it("tells twenty runs apart", () => {
    const { document } = compare(
      ...Array.from({ length: 20 }, (_, index) => run(`run ${index}`, index / 20)),
    );
    const looks = [...document.querySelectorAll("tbody .line")].map((line) => line.getAttribute("class"));
    expect(new Set(looks).size).toBe(20);
  });

  it("copes with runs that diverged, were killed, or never began", () => {
    const diverged = run("diverged", Number.NaN, {}, { state: "diverged" });
    const killed = run("killed", 0.5, {}, { end: undefined, state: "running or killed", test: undefined });
    const empty = run("empty", 0.5, {}, { ...killed, name: "empty", epochs: [], steps: 0 });
    const { rows, charts, document } = compare(diverged, killed, empty, run("good", 0.75));
    expect(rows.map((row) => row.slice(0, 6))).toEqual([
      ["Run", "State", "Test accuracy", "Test loss", "Training accuracy", "Training loss"],
      ["diverged", "diverged", "not finite", "not finite", "not finite", "0.5000"],
      ["killed", "running or killed", "–", "–", "40.00%", "0.5000"],
      ["empty", "running or killed", "–", "–", "–", "–"],
      ["good", "finished", "75.00%", "0.2500", "65.00%", "0.5000"],
    ]);
    expect(charts[1]!.getAttribute("aria-label")).toBe("Curve of accuracy, good 75.00% at epoch 2");
    expect(words(document.querySelector(".diverged"))).toBe("diverged");
    // None of them has anything to draw.
    expect(compare(empty, empty).text).toContain("There is no figure that is finite.");
  });

  it("calls runs of one name by their paths, and never takes a name for markup", () => {
    const name = `<img src=x onerror="alert(1)">`;
    const { rows, document } = compare(run(name, 0.5), { ...run(name, 0.5), path: "other" });
    expect(rows.slice(1).map(([label]) => label)).toEqual([`runs/${name}`, "other"]);
    expect(document.querySelectorAll("img, script")).toHaveLength(0);
  });
});

describe("report", () => {
  const cli = setUpCli();

  async function train(out: string, ...flags: string[]) {
    const { code } = await cli.run("train", "--data=data", `--out=${out}`, "--backend=cpu", ...flags);
    expect(code).toBe(0);
    return jsonLines(await readFile(cli.path(out, "metrics.jsonl"), "utf8")).at(-1)!.test as EpochRecord;
  }

  it("of several runs writes a page with their figures", async () => {
    await cli.data();
    const a = await train("runs/a", "--epochs=2");
    const b = await train("runs/b", "--epochs=3", "--learning-rate=1");
    const { code, stdout, stderr } = await cli.run("report", "runs/a", "runs/b");
    expect([code, stdout, stderr]).toEqual([0, "Wrote comparison.html.\n", ""]);
    const { document } = parseHTML(await readFile(cli.path("comparison.html"), "utf8"));
    const rows = [...document.querySelectorAll("tbody tr")].map((row) => [...row.children].map(words));
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ["a", "finished", accuracyText(a.accuracy), lossText(a.loss)],
      ["b", "finished", accuracyText(b.accuracy), lossText(b.loss)],
    ]);
    const named = await cli.run("report", "runs/a", "runs/b", "--out=my.html", "--json");
    expect(jsonLines(named.stdout)).toEqual([{ file: "my.html", runs: ["runs/a", "runs/b"] }]);
    expect(await readFile(cli.path("my.html"), "utf8")).toContain("Comparison of 2 runs");
  });

  it("of one run makes its report anew, and of one that was killed too", async () => {
    await cli.data();
    const validation = ["--validation=20", "--evaluate-every=1", "--keep-best", "--schedule=cosine"];
    await train("runs/a", "--epochs=2", ...validation);
    const file = cli.path("runs/a/report.html");
    const before = await readFile(file, "utf8");
    await rm(file);
    const flags = ["--data=data", "--json"];
    expect(jsonLines((await cli.run("report", "runs/a", ...flags)).stdout)).toEqual([
      { file: "runs/a/report.html", runs: ["runs/a"] },
    ]);
    // The weights of the file are float32, while the run computed in float64: the figures are the recorded ones.
    const parts = (html: string) => {
      const { document } = parseHTML(html);
      return [".headline", ".figures", ".facts"].map((part) => words(document.querySelector(part)));
    };
    expect(parts(await readFile(file, "utf8"))).toEqual(parts(before));
    expect(parts(before).join(" ")).toMatch(/Validation accuracy, epoch \d.*Validation images20/);
    await cp(cli.path("runs/a"), cli.path("killed"), { recursive: true });
    const [first] = (await readFile(cli.path("killed/metrics.jsonl"), "utf8")).split("\n");
    await writeFile(cli.path("killed/metrics.jsonl"), `${first}\n`);
    expect((await cli.run("report", "killed/", "--data=data")).code).toBe(0);
    const killed = await readFile(cli.path("killed/report.html"), "utf8");
    expect(killed).toContain("Interrupted after 2 steps");
  });

  const refused: [what: string, args: string[], exitCode: number, message: string][] = [
    [
      "a folder that is none",
      ["nowhere"],
      1,
      "nowhere/config.json cannot be read (no such file or directory)",
    ],
    ["a folder that is none among runs", ["runs/a", "nowhere"], 1, "nowhere/config.json cannot be read"],
    [
      "a folder of something else",
      ["data"],
      1,
      "data holds no run: there is no config.json in it. Name a folder that",
    ],
    [
      "the folder that runs are in",
      ["runs"],
      1,
      "runs holds no run, but folders of runs. Name one of them, as runs/",
    ],
    [
      "a file of a run",
      ["runs/a/config.json"],
      1,
      "runs/a/config.json is a file. Name the run's folder: runs/a.",
    ],
    [
      "a run without a model",
      ["bare", "--data=data"],
      1,
      "bare holds a run without model.safetensors: it is under way, or was killed. Wait until it ends, or train it anew",
    ],
    [
      "other data",
      ["runs/a", "--data=other"],
      1,
      "runs/a was trained and tested on data (data; 96 training and 30 test images of 6x6, SHA-256 ",
    ],
    [
      "data for a comparison",
      ["runs/a", "bare", "--data=data"],
      2,
      "--data data is of no use to compare runs",
    ],
    ["nothing", [], 2, "missing required argument 'run'"],
    ["a place that cannot be", ["runs/a", "bare", "--out=no/such.html"], 1, "no/such.html cannot be written"],
  ];

  it("refuses what it cannot report, and leaves everything as it is", async () => {
    await cli.data();
    await train("runs/a", "--epochs=1");
    await cp(cli.path("runs/a"), cli.path("bare"), { recursive: true });
    await rm(cli.path("bare/model.safetensors"));
    await cp(cli.path("data"), cli.path("other"), { recursive: true });
    const images = await readFile(cli.path("data/t10k-images-idx3-ubyte"));
    await writeFile(cli.path("other/t10k-images-idx3-ubyte"), images.fill(9, images.length - 1));
    const before = await cli.files();
    for (const [what, args, exitCode, message] of refused) {
      const { code, stdout, stderr } = await cli.run("report", ...args);
      expect(stderr, what).toContain(message);
      expect(stderr, what).toMatch(/^error: [^\n]+\n$/);
      expect([code, stdout], what).toEqual([exitCode, ""]);
      expect(await cli.files(), what).toEqual(before);
    }
  });

  it("refuses other images of the same name, and other counts where a run does not tell more", async () => {
    await cli.data();
    await train("runs/a", "--epochs=1", "--validation=20");
    await cp(cli.path("data"), cli.path("other/data"), { recursive: true });
    const images = cli.path("other/data/t10k-images-idx3-ubyte");
    const changed = await readFile(images);
    changed[changed.length - 1] ^= 1;
    await writeFile(images, changed);
    const refused = async (data: string, message: RegExp) => {
      const { code, stderr } = await cli.run("report", "runs/a", `--data=${data}`);
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(stderr).toMatch(/ was found\. Name the folder of its data with --data\.\n$/);
    };
    await refused(
      "other/data",
      /^error: runs\/a was .* on data \(data; 76 training .*, but data \(other\/data; 76 /,
    );
    const file = cli.path("runs/a/config.json");
    const config = JSON.parse(await readFile(file, "utf8"));
    config.dataset = { ...config.dataset, sha256: undefined, test: 29 };
    await writeFile(file, JSON.stringify(config));
    await refused(
      "data",
      /76 training and 29 test images of 6x6\), but data \(data; 76 training and 30 test/,
    );
  });
});
