import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { sweepReport } from "../../../src/cli/report/sweep/sweep-report.ts";
import type { SweepDescription } from "../../../src/cli/sweep/sweep-folder.ts";
import type { NetworkEndRecord, SweepRecord } from "../../../src/cli/sweep/sweep-records.ts";
import { type Config, defaultConfig, type SettingName } from "../../../src/model/settings.ts";
import { launchBrowser } from "../../helpers/browser.ts";
import { expectDocument } from "../../helpers/document.ts";
import { words } from "../report-fixture.ts";

/** What a network came to: its accuracy, or that it diverged. */
type Result = number | "diverged" | undefined;

/** A sweep over `swept` with the given networks, each with two epochs. */
function sweepOf(
  swept: readonly SettingName[],
  networks: readonly (readonly [Partial<Config>, Result])[],
  change = {},
) {
  const description: SweepDescription = {
    ...{ program: "mnist-webgpu 1.2.3", name: "s", started: "2026-01-31T09:05:00.000Z", device: "a device" },
    dataset: {
      ...{ name: "stripes", origin: "made here", train: 900, validation: 100 },
      ...{ test: 30, rows: 5, columns: 7, classes: 3 },
    },
    identity: { name: "stripes", train: 1000, test: 30, sha256: "0" },
    ...{ swept, halving: false, keep: "best" },
    config: { ...defaultConfig, batchSize: 32, evaluateEvery: 1, validation: 100, epochs: 2 },
    networks: networks.map(([changes]) => changes),
    ...change,
  };
  const records = networks.flatMap(([, result], place): SweepRecord[] => {
    if (result === undefined) return [];
    const network = place + 1;
    const accuracy = result === "diverged" ? 0.1 : result;
    const epochs = [1, 2].map(
      (epoch): SweepRecord => ({
        ...{ event: "epoch", network, epoch, steps: 29 * epoch, loss: 1 / epoch, accuracy: accuracy - 0.05 },
        ...{ learningRate: 0.1, seconds: 1, stepsPerSecond: 29 },
        validation: { loss: 1 - accuracy / epoch, accuracy: accuracy / (3 - epoch) },
      }),
    );
    const end: NetworkEndRecord =
      result === "diverged"
        ? { event: "end", network, reason: result, steps: 41 }
        : {
            event: "end",
            network,
            reason: "finished",
            steps: 58,
            validation: { loss: 1 - accuracy, accuracy },
          };
    return [...epochs, end];
  });
  return { description, records };
}

function shown({ description, records }: ReturnType<typeof sweepOf>, ...more: SweepRecord[]) {
  const html = sweepReport(description, [...records, ...more], { data: "my data", adapter: "soft" });
  const { document } = parseHTML(html);
  const section = (heading: string) => {
    const title = [...document.querySelectorAll("h2")].find(({ textContent }) =>
      textContent?.startsWith(heading),
    );
    return title?.parentElement ?? undefined;
  };
  const rows = (heading: string) =>
    [...(section(heading)?.querySelectorAll("tr") ?? [])].map((row) => [...row.children].map(words));
  return { html, document, section, rows, text: words(document.querySelector("main")) };
}

const grid = sweepOf(
  ["hidden", "learningRate", "seed"],
  [[4], [8]].flatMap((hidden) =>
    [0.1, 1].flatMap((learningRate) =>
      [1, 2].map((seed): [Partial<Config>, Result] => {
        if (hidden[0] === 8 && learningRate === 1)
          return [{ hidden, learningRate, seed }, seed === 1 ? 0.95 : "diverged"];
        return [{ hidden, learningRate, seed }, 0.5 + hidden[0] / 100 + learningRate / 10 + seed / 50];
      }),
    ),
  ),
);

describe("the report of a sweep", () => {
  it("ranks the networks, and has the best as a command", () => {
    const chosen = {
      network: 7,
      validation: { loss: 0.05, accuracy: 0.95 },
      test: { loss: 0.25, accuracy: 0.9 },
    };
    const { rows, text, section } = shown(grid, { event: "sweep", networks: 8, diverged: 1, chosen });
    expect(text).toMatch(
      /^Sweep of 8 networks on stripes 8 networks: 7 finished, 1 diverged\. Best validation accuracy95\.00%/,
    );
    expect(text).toContain("Its test accuracy90.00%");
    expect(words(section("The best, network 7, by itself")!.querySelector("code"))).toBe(
      "mnist-webgpu train --hidden=8 --learning-rate=1 --batch-size=32 --epochs=2 --validation=100 --evaluate-every=1 '--data=my data' --adapter=soft",
    );
    const [head, ...ranking] = rows("Ranking");
    expect(head).toEqual([
      "Rank",
      "Network",
      "Hidden layers",
      "Learning rate",
      "Validation accuracy",
      "Validation loss",
      "Training accuracy",
      "Epochs",
      "State",
    ]);
    expect(ranking[0]).toEqual(["1", "7", "8", "1", "95.00%", "0.0500", "90.00%", "2", "finished"]);
    expect(ranking.map(([, network]) => network)).toEqual(["7", "4", "3", "6", "5", "2", "1", "8"]);
    expect(ranking.at(-1)).toEqual(["–", "8", "8", "1", "–", "–", "5.00%", "2", "diverged at step 41"]);
  });

  it("has mean and spread over seeds, the highest mean first", () => {
    const [head, ...combinations] = shown(grid).rows("Mean and spread");
    expect(head).toEqual([
      "Hidden layers",
      "Learning rate",
      "Networks",
      "Mean",
      "Lowest to highest",
      "Spread",
    ]);
    expect(combinations.map((row) => row.slice(0, 5))).toEqual([
      ["8", "1", "1", "95.00%", "95.00% to 95.00%"],
      ["4", "1", "2", "67.00%", "66.00% to 68.00%"],
      ["8", "0.1", "2", "62.00%", "61.00% to 63.00%"],
      ["4", "0.1", "2", "58.00%", "57.00% to 59.00%"],
    ]);
  });

  it("has a heat map of means for two settings", () => {
    const { section, rows } = shown(grid);
    expect(rows("Accuracy by two settings")).toEqual([
      ["Learning rate \\ Hidden layers", "4", "8"],
      ["0.1", "58.0", "62.0"],
      ["1", "67.0", "95.0"],
    ]);
    const shades = [...section("Accuracy by two")!.querySelectorAll("td[class^=shade]")].map(
      ({ className }) => className,
    );
    // By the logarithm of what is misread: from 43% of the images to 5%.
    const share = (misread: number) => (Math.log(43) - Math.log(misread)) / (Math.log(43) - Math.log(5));
    expect(shades).toEqual([42, 38, 33, 5].map((misread) => `shade-${1 + Math.round(9 * share(misread))}`));
  });

  it("draws each network across the axes, and the curves of the best in colours", () => {
    const { section } = shown(grid);
    const lines = [...section("Parallel coordinates")!.querySelectorAll("g[class^=coordinate] path")];
    // The seven that have a figure, and the best once more.
    expect(lines).toHaveLength(8);
    const charts = [...section("Curves")!.querySelectorAll("figure svg")];
    expect(charts).toHaveLength(4);
    expect(charts[0]!.getAttribute("aria-label")).toContain(
      ", network 7 from 47.50% at epoch 1 to 95.00% at epoch 2",
    );
  });

  it("copes with one setting, with what has no effect, with parts and with networks that are not done", () => {
    const one = shown(
      sweepOf(
        ["seed"],
        [
          [{ seed: 1 }, 0.5],
          [{ seed: 2 }, undefined],
        ],
        { shard: { part: 1, of: 1 } },
      ),
    );
    expect(one.text).toContain("Part 1 of 1. 2 networks: 1 finished, 1 unfinished.");
    expect(one.section("Mean and spread")).toBeUndefined();
    expect(one.section("Accuracy by two")).toBeUndefined();
    expect(one.rows("Ranking")[2]).toEqual(["–", "2", "2", "–", "–", "–", "0", "unfinished"]);

    const none = shown(
      sweepOf(
        ["learningRate"],
        [
          [{ learningRate: 900 }, "diverged"],
          [{ learningRate: 800 }, "diverged"],
        ],
      ),
    );
    expect(none.text).toContain("2 networks: 2 diverged.");
    expect(none.section("The best")).toBeUndefined();

    const idle = shown(
      sweepOf(
        ["optimizer", "beta2"],
        [
          [{ optimizer: "sgd" }, 0.5],
          [{ optimizer: "adam", beta2: 0.9 }, 0.5],
          [{ optimizer: "adam", beta2: 0.99 }, 0.5],
        ],
      ),
    );
    expect(idle.rows("Ranking")[1]!.slice(1, 4)).toEqual(["1", "sgd", "–"]);
    const ticks = [...idle.section("Parallel coordinates")!.querySelectorAll("g.tick text")].map(words);
    expect(ticks).toEqual(["adam", "sgd", "–", "0.9", "0.99", "50.00%"]);
  });

  it("draws dots where settings have more values than a map has room for", () => {
    const drawn = Array.from({ length: 30 }, (_, index): [Partial<Config>, Result] => [
      { learningRate: 0.001 * 1.3 ** index, hidden: [4 + index] },
      0.3 + index / 100,
    ]);
    const { section } = shown(sweepOf(["hidden", "learningRate"], drawn));
    const dots = [...section("Accuracy by two")!.querySelectorAll("circle")];
    expect(dots).toHaveLength(30);
    expect(section("Accuracy by two")!.textContent).toContain(
      "network 1: hidden layers 4, learning rate 0.001, 30.00%",
    );
  });

  it("is not led astray by markup in names", () => {
    const { html } = shown({
      ...grid,
      description: { ...grid.description, device: "<b>device</b>", program: "</style>" },
    });
    expect(html).not.toContain("<b>");
    expect(html.match(/<\/style>/g)).toHaveLength(1);
  });
});

/** A sweep whose drawn values lie close to each other, over more settings than a page is wide for. */
const crowded = sweepOf(
  ["labelSmoothing", "hiddenDropout", "initialiser", "weightDecay", "hidden", "averageDecay", "learningRate"],
  [0.3, 0.31, 0.304, 0.9, 0.89, 0.1, 0.6].map((value, index): [Partial<Config>, Result] => [
    {
      ...{ labelSmoothing: value, hiddenDropout: value / 2, weightDecay: value / 7, averageDecay: value },
      ...{ learningRate: value, hidden: [20 + index, 300] },
      initialiser: index > 3 ? "glorot-uniform" : "he-normal",
    },
    value,
  ]),
);

it("leaves out ticks that have no room, and is as wide as its headings and ticks need", () => {
  const drawing = shown(crowded).section("Parallel coordinates")!.querySelector("svg")!;
  const texts = [...drawing.querySelectorAll("text")].filter(({ textContent }) => textContent);
  const placed = texts.map((text) => {
    const [, x, y] = /translate\(([\d.]+),\s*([\d.]+)\)/.exec(text.getAttribute("transform")!)!;
    const isTick = text.closest("g.tick") !== null;
    const left = Number(x) + (isTick ? 8 : -3.5 * words(text).length);
    return { text: words(text), isTick, left, right: left + 7 * words(text).length, y: Number(y) };
  });
  for (const [index, a] of placed.entries())
    for (const b of placed.slice(index + 1)) {
      const isBeside = a.right < b.left || b.right < a.left;
      const isApart = isBeside || a.isTick !== b.isTick || Math.abs(a.y - b.y) >= 12;
      expect(isApart, `${a.text} and ${b.text}`).toBe(true);
    }
  const ticks = placed.filter(({ isTick }) => isTick).map(({ text }) => text);
  // Of the learning rate, before four of accuracies: 0.304 and 0.31 lie above 0.3, and 0.89 below 0.9.
  expect(ticks.slice(-8, -4)).toEqual(["0.1", "0.3", "0.6", "0.9"]);
  expect(placed.filter(({ isTick }) => !isTick)).toHaveLength(8);
  const width = (svg: Element) => Number(svg.getAttribute("width"));
  expect(width(drawing)).toBeGreaterThan(820);
  expect(width(shown(grid).section("Parallel coordinates")!.querySelector("svg")!)).toBe(820);
});

it("fits 360 pixels, light, and 1920, dark, loads nothing and is accessible", {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sweep-report-"));
  const browser = await launchBrowser();
  try {
    const file = join(folder, "report.html");
    await writeFile(file, shown(grid).html);
    await expectDocument(browser, file, { width: 360, colorScheme: "light" });
    await expectDocument(browser, file, { width: 1920, colorScheme: "dark" });
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
});

it("calls nothing common to all networks that each has for itself, though a folder's config has every setting", () => {
  const learningRates = [0.3, 0.03].map((learningRate) => [{ learningRate }, 0.9] as const);
  const { section } = shown(sweepOf(["learningRate"], learningRates));
  const facts = words(section("Sweep") ?? null);
  expect(facts).toMatch(/All networks.*batch size 32/);
  expect(facts).not.toContain("learning rate 0.3");
});

it("names the best accuracy as it is, also where all images are read right", () => {
  const networks = [0.3, 0.03].flatMap((learningRate) =>
    [10, 20].map((width) => [{ learningRate, hidden: [width] }, learningRate === 0.3 ? 1 : 0.5] as const),
  );
  const { section } = shown(sweepOf(["learningRate", "hidden"], networks));
  expect(words(section("Accuracy by two") ?? null)).toContain("from 50.00% to 100.00%");
});
