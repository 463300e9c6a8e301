import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { type Config, defaultConfig } from "../../src/model/settings.ts";
import type { Inspection } from "../../src/reference/inspect.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { type MiniBatch, miniBatchOf } from "../../src/training/mini-batch.ts";
import { eventually, press, quick, quickest, text, useApp } from "../helpers/app.ts";
import { violationsIn } from "../helpers/axe.ts";

const app = useApp();
const dataset = builtInDigits({ train: 2000, test: 1 });

/** What the reference says of step `number`: mini-batch, inside before it, parameters and losses after it. */
async function stepOfReference(changes: Partial<Config>, number: number) {
  const config = { ...defaultConfig, backend: "cpu", limit: 2000, ...changes } as const;
  const trainer = await createTrainer({ config, dataset });
  const { engine } = trainer;
  for (let step = 1; step < number; step++) await trainer.run({ until: "step" });
  let batch: MiniBatch | undefined;
  let before: Promise<Inspection> | undefined;
  await trainer.run({
    until: "step",
    onSubmit: ([step]) => {
      batch = miniBatchOf(trainer, step);
      before = engine.inspect(batch.images, batch.labels, "training");
    },
  });
  const { images, labels } = batch!;
  const inspection = (await before)!;
  const after = await engine.inspect(images, labels, "training");
  trainer.destroy();
  return { labels, inspection, losses: inspection.backward!.losses, after };
}

const story = (page: Page) => page.locator("#step-story");
const words = (page: Page) => text(story(page).locator(".story-words"));
const stage = (page: Page) => text(story(page).locator("h3"));
const openStage = (page: Page, title: string) =>
  story(page).locator(".story-stages button", { hasText: title }).click();

/** Trains a step, and waits until it is shown. */
const take = async (page: Page, number = 1) => {
  await press(page, "Step");
  await story(page).getByText(`Step ${number},`).waitFor();
};

/** Every number in a part of the story, with all of its digits. */
const numbers = (page: Page, selector: string) =>
  story(page)
    .locator(`${selector} data`)
    .evaluateAll((nodes) => nodes.map((node) => Number((node as HTMLDataElement).value)));

/** The columns of the table that is shown. */
const columns = async (page: Page, count: number) => {
  const all = await numbers(page, ".number-bars");
  return Array.from({ length: count }, (_, column) => all.filter((_, at) => at % count === column));
};

const expectAll = (actual: readonly number[], expected: ArrayLike<number>, digits = 4) => {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of actual.entries()) expect(value).toBeCloseTo(expected[at], digits);
};

const row = (values: Float32Array | Float64Array, sample: number, width: number) =>
  Array.from(values.subarray(sample * width, (sample + 1) * width));

const mean = (values: Float32Array | Float64Array) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("one step, slowly", () => {
  test("every number is the reference's, forwards and backwards in time, on the GPU", async () => {
    const { labels, inspection, losses, after } = await stepOfReference({ learningRate: 0.5 }, 2);
    const [hidden, output] = inspection.layers;
    const [first, last] = inspection.backward!.layers;
    const page = await app.open(`${quick}&learningRate=0.5`);
    await take(page);
    await take(page, 2);

    expectAll(await numbers(page, ".samples"), losses);
    expect((await numbers(page, ".story-words"))[0]).toBeCloseTo(mean(losses), 4);
    const sample = 5;
    await story(page).locator(".sample").nth(sample).click();
    expect(await story(page).locator(".sample").nth(sample).getAttribute("aria-pressed")).toBe("true");
    expect(await text(story(page).locator(".story-sample"))).toContain(`labelled ${labels[sample]}`);

    const label = labels[sample];
    const p = row(output.A, sample, 10);
    const dZ = row(last.dZ, sample, 10).map((value) => value * 64);
    const blame = row(first.dZ, sample, 10).map((value) => value * 64);
    const checks: Record<string, () => Promise<void>> = {
      "Forward: units": async () => {
        const [z, a] = await columns(page, 2);
        expectAll(z, row(hidden.Z, sample, 10));
        expectAll(a, row(hidden.A, sample, 10));
      },
      "Forward: classes": async () => {
        const [z, shown] = await columns(page, 2);
        expectAll(z, row(output.Z, sample, 10));
        expectAll(shown, p);
      },
      Loss: async () => {
        expectAll(await numbers(page, ".story-words"), [p[label], -Math.log(p[label]), mean(losses)]);
      },
      "Backward: classes": async () => {
        const [shown, y, difference] = await columns(page, 3);
        expectAll(shown, p);
        expect(y).toEqual(p.map((_, at) => Number(at === label)));
        expectAll(difference, dZ);
        expectAll(
          difference,
          p.map((share, at) => share - y[at]),
        );
      },
      "Backward: units": async () => {
        const [arriving, slope, shown] = await columns(page, 3);
        expectAll(shown, blame, 3);
        const a = row(hidden.A, sample, 10);
        expectAll(
          slope,
          a.map((value) => value * (1 - value)),
        );
        expectAll(
          arriving,
          a.map((value, at) => blame[at] / (value * (1 - value))),
          3,
        );
      },
      "Gradient dW": async () => {
        const unit = await pressedUnit(page);
        const dW = row(first.dW, unit, 784);
        const [largest] = await numbers(page, ".story-words");
        expect(Math.abs(largest)).toBeCloseTo(Math.max(...dW.map(Math.abs)), 4);
      },
      Update: async () => {
        const unit = await pressedUnit(page);
        const at = largestIn(row(first.dW, unit, 784));
        const weight = (parameters: Parameters) => parameters[0].weight[784 * unit + at];
        expectAll(await numbers(page, ".story-words"), [
          weight(inspection.parameters),
          0.5,
          first.dW[784 * unit + at],
          weight(after.parameters),
          mean(losses),
          mean(after.backward!.losses),
        ]);
      },
    };
    const titles = ["Mini-batch", ...Object.keys(checks)];
    for (const title of titles.slice(1)) {
      await press(page, "Next");
      expect(await stage(page)).toBe(title);
      await checks[title]();
    }
    for (const title of titles.slice(1).reverse()) {
      expect(await stage(page)).toBe(title);
      await checks[title]();
      await page.keyboard.press("ArrowLeft");
    }
    expect(await stage(page)).toBe("Mini-batch");
  });

  test("an optimizer that goes its own way says so, with the weights that it made", async () => {
    const { inspection, after } = await stepOfReference({ optimizer: "adam", learningRate: 0.01 }, 1);
    const page = await app.open(`${quickest}&optimizer=adam&learningRate=0.01`);
    await take(page);
    await openStage(page, "Update");
    expect(await words(page)).toContain("The optimizer adam does not go straight along dW");
    expect(await text(story(page).locator(".maps").first())).not.toContain("α");
    const unit = await pressedUnit(page);
    const at = largestIn(row(inspection.backward!.layers[0].dW, unit, 784));
    const weights = [inspection.parameters, after.parameters].map(([{ weight }]) => weight[784 * unit + at]);
    expectAll((await numbers(page, ".story-words")).slice(0, 2), weights, 6);
  });

  test("does not say of label smoothing what is so without", async () => {
    const page = await app.open(`${quickest}&hidden=none&labelSmoothing=0.9&learningRate=1`);
    await take(page);
    await openStage(page, "Loss");
    expect(await words(page)).not.toContain("nothing for certainty");
    expect(await text(story(page).locator(".story-drawing"))).toContain("the loss without label smoothing");
    await openStage(page, "Backward: classes");
    const [own] = await numbers(page, ".story-words");
    // The label's own share of 0.91 of ten classes that all say 0.19 is little: at first none says enough.
    const said =
      own > 0 ? /said too much .* the others together too little/ : /said too little .* together too much/;
    expect(await words(page)).toMatch(said);
  });

  test.each([
    ["hidden=none&batchSize=1", 6, "dW is what this one image says"],
    ["hidden=30,12&activation=relu", 10, "the mean of all 64"],
  ])("of %s has %i stages", async (query, count, says) => {
    const page = await app.open(`${quickest}&${query}`);
    await take(page);
    expect(await story(page).locator(".story-stages button").count()).toBe(count);
    for (let at = 1; at < count; at++) await press(page, "Next");
    await openStage(page, "Gradient dW");
    expect(await words(page)).toContain(says);
    // Another network has another step.
    await press(page, "Reset");
    await page.getByRole("button", { name: "Take a step" }).click();
    await story(page).getByText("Step 1,").waitFor();
  });

  test("plays by itself, pauses, and keeps still for those who ask for it", async () => {
    const page = await app.open(quickest);
    await take(page);
    await openStage(page, "Forward: units");
    const animation = () =>
      story(page)
        .locator(".story-drawing .fill")
        .first()
        .evaluate((node) => getComputedStyle(node).animationName);
    expect(await animation()).toBe("grow");
    await page.emulateMedia({ reducedMotion: "reduce" });
    expect(await animation()).toBe("none");
    await page.clock.install();
    await press(page, "Play");
    expect(await stage(page)).toBe("Forward: classes");
    await page.clock.runFor(7000);
    expect(await stage(page)).toBe("Loss");
    await press(page, "Pause");
    await page.clock.runFor(20_000);
    expect(await stage(page)).toBe("Loss");
    await press(page, "Play");
    await page.clock.runFor(60_000);
    expect(await stage(page)).toBe("Update");
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  });

  test("opens the code of each formula, is clean for axe, and fits a phone and a wall in every stage", async () => {
    const page = await app.open(quickest, { context: { viewport: { width: 360, height: 740 } } });
    await take(page);
    const fetched = () => app.requests.filter((path) => path.includes("code-")).length;
    expect(fetched()).toBe(0);
    await story(page).getByText("The code that computes it").click();
    await eventually(fetched).toBe(1);
    for (let at = 0; at < 8; at++) {
      if (at > 0) await press(page, "Next");
      await eventually(() => story(page).locator(".code-pair").count()).toBe(
        await story(page).locator(".formula-card").count(),
      );
      // The middle one is a page of 1280 at twice its size.
      for (const width of [1920, 640, 360]) {
        await page.setViewportSize({ width, height: 740 });
        const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(scrollWidth, await stage(page)).toBe(width);
      }
    }
    const panes = await story(page)
      .locator(".code-pane")
      .evaluateAll((nodes) =>
        nodes.map((node) => [
          node.querySelector("figcaption")!.textContent,
          node.querySelector("code")!.textContent,
        ]),
      );
    expect(panes.map(([caption]) => caption)).toEqual([
      "shaders/optimizers/optimizer_step.wgsl: optimizer_step",
      "src/reference/optimizers.ts: optimize",
      "shaders/optimizers/optimizer_sgd.wgsl: direction",
    ]);
    for (const [caption, shown] of panes) {
      const file = join(import.meta.dirname, "../..", caption!.split(":")[0]);
      expect(shown).toBe(await readFile(file, "utf8"));
    }
    expect(await text(story(page).locator(".code-pair"))).toContain("test/reference/optimizers.test.ts");
    for (const number of [8, 1]) {
      await story(page)
        .locator(".story-stages button")
        .nth(number - 1)
        .click();
      expect(await violationsIn(page, { within: "#step-story" })).toEqual([]);
    }
  });
});

/** The unit whose weights are looked at. */
async function pressedUnit(page: Page): Promise<number> {
  const pressed = story(page).locator('.map-name[aria-pressed="true"]');
  return Number((await text(pressed)).match(/\d+/)![0]) - 1;
}

function largestIn(values: readonly number[]): number {
  const sizes = values.map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}
