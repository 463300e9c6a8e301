import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "@playwright/test";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chart, integerTicks } from "../../src/cli/report/chart.ts";
import { chooseDigits } from "../../src/cli/report/digits.ts";
import type { TrainedRun } from "../../src/cli/report/report-data.ts";
import type { EndRecord } from "../../src/cli/runs/records.ts";
import { confusionMatrix } from "../../src/data/confusion.ts";
import { augment } from "../../src/reference/augment.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { expectDocument } from "../helpers/document.ts";
import { columns, report, rows, split, words } from "./report-fixture.ts";

/** The section below a heading. */
function section(document: Document, heading: string): Element {
  const found = [...document.querySelectorAll("h2")].find((title) => title.textContent === heading);
  return found!.parentElement!;
}

function pngOf(image: Element) {
  const [kind, base64] = image.getAttribute("src")!.split(",");
  expect(kind).toBe("data:image/png;base64");
  return decode(Buffer.from(base64, "base64"));
}

/** The facts of a run with some of its end changed. */
const ended =
  (change: Partial<EndRecord>) =>
  ({ end }: TrainedRun) => ({ end: { ...end, ...change } });

describe("report", () => {
  it("says what was trained, and the final figures", async () => {
    const { document, facts, text } = await report();
    expect(document.title).toBe("35-4-3 on stripes");
    expect(document.querySelector("h1")!.textContent).toBe("35-4-3 on stripes");
    expect(text).toContain("Finished 9 steps in 1.5s, 6.0 steps/s.");
    const last = facts.epochs.at(-1)!;
    expect([...document.querySelectorAll(".headline div")].map(words)).toEqual([
      `Test accuracy${(100 * facts.end.test.accuracy).toFixed(2)}%`,
      `Test loss${facts.end.test.loss.toFixed(4)}`,
      `Training accuracy, epoch 3${(100 * last.accuracy).toFixed(2)}%`,
      `Training loss, epoch 3${last.loss.toFixed(4)}`,
    ]);
    const settings = [...section(document, "Settings").querySelectorAll("tbody tr")].map(words);
    expect(settings).toContainEqual(expect.stringContaining("Learning rate 1 default 0.1"));
    expect(words(section(document, "Run"))).toContain("made here");
  });

  it("is not led astray by markup in names", async () => {
    const name = `</title><script>alert("1")</script><img src=x onerror='alert(2)'>&amp;`;
    const { document, html } = await report({
      change: ({ dataset }) => ({ name, device: name, dataset: { ...dataset, name, origin: name } }),
    });
    expect(document.querySelector(".name")!.textContent).toBe(name);
    expect(document.title).toBe(`35-4-3 on ${name}`);
    expect(document.querySelectorAll("script, [onerror]")).toHaveLength(0);
    expect(html).not.toContain("<script");
  });

  it("counts as confusionMatrix does", async () => {
    const { document, facts } = await report({ config: { epochs: 1, learningRate: 0.1 } });
    const { counts } = confusionMatrix(facts.dataset.test.labels, facts.evaluation.classes, 3);
    const cells = [...document.querySelectorAll(".matrix tbody tr")].map((row) =>
      [...row.querySelectorAll("td")].map((cell) => cell.textContent),
    );
    expect(cells.flatMap((row) => row.slice(0, 3)).map((cell) => (cell === "·" ? 0 : Number(cell)))).toEqual([
      ...counts,
    ]);
    expect(cells.map((row) => row[3])).toEqual([0, 4, 8].map((cell) => (5 * counts[cell]).toFixed(1)));
  });

  it("lists mistakes where a matrix would be too large", async () => {
    const { document } = await report({ classes: 40 });
    expect(document.querySelector(".matrix")).toBeNull();
    const confusion = section(document, "Confusion matrix");
    expect(words(confusion)).toContain("40 classes are too many");
    expect(confusion.querySelectorAll("details tbody tr")).toHaveLength(40);
  });

  it("draws a unit's weights in its colours, none at zero", async () => {
    const { document, facts } = await report();
    const images = [...document.querySelectorAll("img.weights")];
    expect(images).toHaveLength(4);
    const { weight } = facts.parameters[0];
    const scale =
      3 * Math.sqrt(Float64Array.from(weight).reduce((sum, value) => sum + value * value, 0) / weight.length);
    const png = pngOf(images[2]);
    expect([png.height, png.width, png.channels]).toEqual([rows, columns, 4]);
    for (let pixel = 0; pixel < rows * columns; pixel++) {
      const value = weight[2 * rows * columns + pixel];
      const [red, , blue, alpha] = png.data.subarray(4 * pixel, 4 * pixel + 4);
      expect(red > blue).toBe(value > 0);
      expect(alpha).toBe(Math.round(255 * Math.min(1, Math.abs(value) / scale)));
    }
  });

  it("says how many units of how many it draws, and calls them classes where there is no hidden layer", async () => {
    const many = await report({ config: { hidden: [130] } });
    expect(many.document.querySelectorAll("img.weights")).toHaveLength(100);
    expect(many.text).toContain("The first 100 of 130 units");
    const none = await report({ config: { hidden: [] } });
    expect(none.text).toContain("All 3 classes");
    const zeros = await report({ config: { hidden: [], initialiser: "zeros", learningRate: 1e-9 } });
    expect(zeros.text).toContain("weights from -0.00 to 0.00");
  });

  it("shows the first test digits as they are, with what they were read as", async () => {
    const { document, facts, probabilities } = await report();
    const { test } = facts.dataset;
    const tiles = [...section(document, "Test digits").querySelectorAll("li")];
    expect(tiles).toHaveLength(40);
    const png = pngOf(tiles[5].querySelector("img")!);
    const ink = png.data.filter((_, position) => position % 2 === 1);
    expect([...ink]).toEqual([...test.images.subarray(5 * rows * columns, 6 * rows * columns)]);
    for (const [index, tile] of tiles.entries()) {
      const predicted = facts.evaluation.classes[index];
      const right = predicted === test.labels[index];
      expect(words(tile)).toMatch(new RegExp(`^${right ? "" : "read "}${predicted} `));
      expect(tile.className).toBe(right ? "" : "misread");
    }
    const bars = [...document.querySelectorAll(".probabilities rect")].map((bar) =>
      bar.getAttribute("width"),
    );
    expect(bars).toEqual([0, 1, 2].map((name) => (100 * probabilities[name]).toFixed(2)));
  });

  it("shows training digits plain and as training changed them, where it did", async () => {
    const config = { shift: 1, elastic: 1, inputDropout: 0.1 };
    const { document, facts } = await report({ config });
    const { train } = facts.dataset;
    const tiles = [...section(document, "Training digits").querySelectorAll("li")];
    expect(tiles).toHaveLength(12);
    const order = Uint32Array.from({ length: 12 }, (_, index) => index);
    const values = augment(train, order, { first: 0, size: 12 }, { ...facts.config, step: 1 });
    for (const [index, tile] of tiles.entries()) {
      const [plain, changed] = [...tile.querySelectorAll("img")].map((image) =>
        [...pngOf(image).data].filter((_, position) => position % 2 === 1),
      );
      const from = index * rows * columns;
      expect(plain).toEqual([...train.images.subarray(from, from + rows * columns)]);
      expect(changed).not.toEqual(plain);
      expect(changed).toEqual(
        [...values.subarray(from, from + rows * columns)].map((value) =>
          Math.min(255, Math.round(255 * value)),
        ),
      );
      expect(words(tile)).toBe(String(train.labels[index]));
    }
    const without = await report({ config: { hiddenDropout: 0.5 } });
    expect(without.text).not.toContain("Training digits");
  });

  it("calls classes by their names wherever there are some", async () => {
    const classNames = ["sock", "shoe", "scarf"];
    const { document } = await report({
      config: { hidden: [], shift: 1 },
      change: ({ dataset }) => ({ dataset: { ...dataset, classNames } }),
    });
    const captions = (heading: string) =>
      [...section(document, heading).querySelectorAll(".caption")].map(words);
    expect(captions("First-layer weights")).toEqual(classNames);
    expect(captions("Training digits").slice(0, 4)).toEqual([...classNames, "sock"]);
    expect(section(document, "Training digits").innerHTML).toContain("Training image 1, labelled shoe");
    expect(section(document, "First-layer weights").innerHTML).toContain("Weights of class scarf");
  });

  it("draws a point for every epoch, and for the test split where it was evaluated", async () => {
    const { document } = await report({ config: { epochs: 5, evaluateEvery: 2 } });
    const charts = document.querySelectorAll("svg.plot");
    expect(charts).toHaveLength(2);
    for (const chart of charts) {
      expect(chart.querySelectorAll(".dot.train circle")).toHaveLength(5);
      // After epochs 2 and 4, and at the end.
      expect(chart.querySelectorAll(".dot.test circle")).toHaveLength(3);
      expect(chart.getAttribute("aria-label")).toMatch(
        /training from \S+ at epoch 1 to \S+ at epoch 5, test /,
      );
    }
    expect(document.querySelectorAll("details tbody tr")).toHaveLength(5);
  });

  it("draws the validation images' figures where some were set apart, and names the best epoch", async () => {
    const config = { epochs: 4, validation: 3, evaluateEvery: 1 };
    const best = { epoch: 2, loss: 0.5, accuracy: 0.75 };
    const { document, text } = await report({ config, change: ended({ best, reason: "stopped early" }) });
    const charts = [...document.querySelectorAll("svg.plot")];
    expect(charts).toHaveLength(2);
    for (const chart of charts) {
      expect(chart.querySelectorAll(".dot.test circle")).toHaveLength(4);
      expect(chart.getAttribute("aria-label")).toMatch(/, validation from \S+ at epoch 1 to \S+ at epoch 4$/);
    }
    expect(text).toContain("Stopped early, after 12 steps");
    expect(text).toContain("Validation accuracy, epoch 275.00%");
    expect(text).toContain("Validation images3");
    expect(words(document.querySelector(".figures thead"))).toContain("Validation loss");
  });

  it("draws the learning rate where it changes", async () => {
    const { document } = await report({ config: { epochs: 4, schedule: "cosine" } });
    const charts = document.querySelectorAll("svg.plot");
    expect(charts).toHaveLength(3);
    expect(charts[2].getAttribute("aria-label")).toMatch(
      /^Curve of the learning rate, learning rate from 0.933 at epoch 1 to 0.0\d+ at epoch 4$/,
    );
    expect(charts[2].querySelectorAll(".dot.train circle")).toHaveLength(4);
  });

  it("tells a network that its sweep stopped", async () => {
    const { text } = await report({ change: ended({ reason: "halved", steps: 6, seconds: 2 }) });
    expect(text).toContain(
      "Stopped by its sweep after 6 steps in 2.0s, 3.0 steps/s: it was among the worse half",
    );
  });

  it("tells a run that was interrupted, before its first step too", async () => {
    const { text, document } = await report({
      change: (facts) => ({ ...ended({ reason: "interrupted", steps: 0, seconds: 0 })(facts), epochs: [] }),
    });
    expect(text).toContain("Interrupted after 0 steps in 0.0s.");
    expect(text).toContain("there is nothing to draw");
    expect(document.querySelectorAll("svg.plot")).toHaveLength(0);
  });

  it("tells a run that diverged, and leaves out what is not finite", async () => {
    const { document, html, text } = await report({
      change: (facts) => ({
        ...ended({ reason: "diverged", steps: 8 })(facts),
        epochs: facts.epochs.map((epoch) =>
          epoch.epoch === 3 ? { ...epoch, loss: Number.NaN, accuracy: Number.POSITIVE_INFINITY } : epoch,
        ),
      }),
    });
    expect(text).toContain("Diverged: the loss ceased to be finite at step 8");
    expect(text).toContain("Training loss, epoch 3not finite");
    for (const chart of document.querySelectorAll("svg.plot")) {
      expect(chart.querySelectorAll(".dot.train circle")).toHaveLength(2);
      expect(chart.querySelectorAll(".dot.test circle")).toHaveLength(0);
    }
    expect(html).not.toMatch(/NaN|Infinity/);
  });

  it("stays small for long runs", async () => {
    const { html, document } = await report({
      change: ({ epochs: [first] }) => ({
        epochs: Array.from({ length: 20_000 }, (_, index) => ({ ...first, epoch: index + 1 })),
      }),
    });
    expect(html.length).toBeLessThan(300_000);
    expect(document.querySelectorAll("details tbody tr")).toHaveLength(200);
    expect(words(section(document, "Loss and accuracy"))).toContain("200 of 20,000 epochs.");
  });
});

describe("chooseDigits", () => {
  it("takes the misread digits with the largest losses, those that are not finite first", () => {
    const test = split(6, 3, 0);
    const classes = Uint16Array.from(test.labels, (label, index) => (index === 0 ? label : (label + 1) % 3));
    const losses = Float32Array.of(9, 1, 3, Number.NaN, Number.POSITIVE_INFINITY, 2);
    const { sample, worst } = chooseDigits({ classes, losses }, test);
    expect(sample).toEqual([0, 1, 2, 3, 4, 5]);
    expect(worst).toEqual([3, 4, 2, 5, 1]);
  });
});

describe("integerTicks", () => {
  it.each([
    [1, 1, [1]],
    [1, 3, [1, 2, 3]],
    [1, 10, [2, 4, 6, 8, 10]],
    [1, 100, [20, 40, 60, 80, 100]],
    [7, 9, [7, 8, 9]],
  ])("from %i to %i", (first, last, ticks) => {
    expect(integerTicks(first, last)).toEqual(ticks);
  });
});

describe("report in a browser", () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    folder = await mkdtemp(join(tmpdir(), "report-test-"));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  it("switches between plain and augmented digits without a script", async () => {
    const file = join(folder, "switch.html");
    await writeFile(file, (await report({ config: { shift: 1 } })).html);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    const shown = async () => [
      await page.locator(".plain:visible").count(),
      await page.locator(".changed:visible").count(),
    ];
    expect(await shown()).toEqual([0, 12]);
    await page.getByRole("checkbox", { name: "as augmented" }).press("Space");
    expect(await shown()).toEqual([12, 0]);
    await page.getByText("as augmented", { exact: true }).click();
    expect(await shown()).toEqual([0, 12]);
    await page.close();
  });

  it.each([
    [360, "light"],
    [1920, "dark"],
  ] as const)("fits %i pixels, %s, loads nothing, and is accessible", async (width, colorScheme) => {
    const file = join(folder, `${width}.html`);
    await writeFile(file, (await report({ classes: 10, config: { shift: 1 } })).html);
    await expectDocument(browser, file, { width, colorScheme });
  });
});

it("draws curves that are level in the middle of a chart, and those beside them where they are", () => {
  const level = (name: string, value: number, isQuiet: boolean) => ({
    ...{ name, className: name, isQuiet },
    points: [1, 2].map((epoch) => ({ epoch, value })),
  });
  const { text } = chart("accuracy", [level("best", 0.9, false), level("other", 0.895, true)]);
  const heights = ["best", "other"].map(
    (name) => new RegExp(`class="line ${name}".*? d="M[\\d.]+,([\\d.]+)`, "s").exec(text)?.[1],
  );
  expect(heights).not.toContain(undefined);
  expect(new Set(heights).size).toBe(2);
});
