import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { initialise } from "../../src/model/initialise.ts";
import { decodeModel } from "../../src/model/model-file.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { gather } from "../../src/reference/gather.ts";
import { inspect } from "../../src/reference/inspect.ts";
import {
  eventually,
  least,
  percentages,
  press,
  quick,
  rested,
  setField,
  steps,
  text,
  useApp,
} from "../helpers/app.ts";

const app = useApp();
const wide = { context: { viewport: { width: 1280, height: 1000 } } };

/** What the reference says of the first test digit. */
const inside = (parameters: Parameters, activation: "sigmoid" | "relu" = "sigmoid") => {
  const { test: split } = builtInDigits({ train: 1, test: 1 });
  const input = gather(split.images, Uint32Array.of(0), { first: 0, size: 1 }, 784);
  return inspect(parameters, input, undefined, { ...defaultConfig, activation });
};

const numberIn = (words: string) => Number(words.replace("−", "-").replace("%", ""));

/** What the units of hidden layer `layer` show. */
const values = async (page: Page, layer = 0) =>
  (await page.locator(`.unit[data-layer="${layer}"] .value`).allTextContents()).map(numberIn);

/** Asserts that what is shown with so many digits is what was expected. */
const expectShown = (shown: readonly number[], expected: ArrayLike<number>, digits: number) => {
  expect(shown).toHaveLength(expected.length);
  for (const [index, value] of shown.entries()) expect(value).toBeCloseTo(expected[index], digits);
};

/** What lies over pad, answer or another unit, and how wide the page is with it. */
const crowded = (page: Page) =>
  page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".unit, #pad, #reading")].map((node) => ({
      html: node.outerHTML.slice(0, 80),
      box: node.getBoundingClientRect(),
    }));
    const isOver = (a: DOMRect, b: DOMRect) =>
      a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const over = boxes.filter(({ box }) =>
      boxes.some((other) => other.box !== box && isOver(box, other.box)),
    );
    return { units: over.map(({ html }) => html), width: document.documentElement.scrollWidth };
  });

const untrained = (sizes: readonly number[]) => initialise(sizes, "article", 1);

describe("the picture of the network", () => {
  test("shows what an untrained network makes of a test digit from the first moment, and says that it is a guess", async () => {
    const page = await app.open(least, wide);
    await page.getByText("It knows nothing yet").waitFor();
    const { layers } = inside(untrained([784, 10, 10]));
    await eventually(() => values(page)).toHaveLength(10);
    expectShown(await values(page), layers[0].A, 2);
    const shares = Array.from(layers[1].A, (share) => 100 * share);
    for (const [index, shown] of (await percentages(page)).entries())
      expect(Math.abs(shown - shares[index])).toBeLessThan(0.51);
  });

  test("shows the numbers of the trained network, and takes a unit and an answer apart", async () => {
    const page = await app.open(`${quick}&learningRate=1&epochs=3`, wide);
    await press(page, "Train");
    await eventually(() => steps(page)).toBe(96);
    await rested(page);
    const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Save model")]);
    const { parameters } = decodeModel(await readFile(await download.path()), "saved");
    const { layers } = inside(parameters);
    await eventually(async () => (await values(page)).map((value) => value.toFixed(2))).toEqual(
      Array.from(layers[0].A, (value) => value.toFixed(2)),
    );
    expect(await page.getByText("It knows nothing yet").isVisible()).toBe(false);

    await page.locator('.unit[data-unit="3"]').click();
    const sum = await text(page.locator("#unit .formula"));
    const [z, a] = [layers[0].Z[3], layers[0].A[3]].map((value) => value.toFixed(2).replace("-", "−"));
    expect(sum).toContain(`= ${z}`);
    expect(sum).toContain(`a = sigmoid(z) = ${a}`);
    const terms = (await text(page.locator("#unit .formula"))).match(/b = (\S+) ([+−]\S+) =/)!;
    expect(numberIn(terms[1]) + numberIn(terms[2])).toBeCloseTo(layers[0].Z[3], 1);
    expect(await page.locator("#unit .unit-images canvas").count()).toBe(3);
    expect(await page.locator('.unit[data-unit="3"]').getAttribute("aria-pressed")).toBe("true");

    await press(page, "Why?");
    const best = layers[1].A.indexOf(Math.max(...layers[1].A));
    expect(await text(page.locator("#unit h3"))).toBe(`Why ${best}?`);
    const why = page.locator("#unit table.terms").first();
    const shown = (await why.locator("tbody tr").allInnerTexts()).map(
      (row) => row.match(/unit (\d+): (\S+) × (\S+)/)!,
    );
    const { weight, inputs } = parameters[1];
    for (const [, unit, activation, w] of shown) {
      const at = Number(unit) - 1;
      expect(numberIn(activation)).toBeCloseTo(layers[0].A[at], 1);
      expect(numberIn(w)).toBeCloseTo(weight[best * inputs + at], 1);
    }
    await page.keyboard.press("Escape");
    await page.getByText("Point at a unit or a class").waitFor();
  });

  test("lives while training runs", async () => {
    const page = await app.open(`${quick}&epochs=10000&learningRate=1`, wide);
    await eventually(() => values(page)).toHaveLength(10);
    const before = await values(page);
    await press(page, "Train");
    await eventually(() => values(page)).not.toEqual(before);
    const later = await values(page);
    await eventually(() => values(page)).not.toEqual(later);
  });

  test("shows no unit of a network that is gone, with an empty pad either", async () => {
    const page = await app.open(`${least}&hidden=64`, wide);
    await eventually(() => page.locator(".unit").count()).toBe(20);
    await page.keyboard.press("c");
    await eventually(() => text(page.locator(".answer"))).toBe("?");
    await setField(page, "Hidden layers", "12");
    await eventually(() => text(page.locator("#facts"))).toContain("784-12-10");
    await eventually(() => page.locator(".unit").count()).toBe(0);
    await press(page, "Random test digit");
    await eventually(() => page.locator(".unit").count()).toBe(12);
  });

  test("shows of wide layers the units that matter most, and all on demand", async () => {
    const page = await app.open(`${least}&hidden=64,24`, wide);
    await eventually(() => page.locator('.unit[data-layer="0"]').count()).toBe(20);
    await eventually(() => text(page.locator("#hidden-layers"))).toMatch(/20 of 64 units.*20 of 24 units/s);
    const { layers } = inside(untrained([784, 64, 24, 10]));
    for (const layer of [0, 1]) {
      const units = await page
        .locator(`.unit[data-layer="${layer}"]`)
        .evaluateAll((nodes) => nodes.map((node) => Number((node as HTMLElement).dataset.unit)));
      expect(units).toEqual([...units].sort((a, b) => a - b));
      expectShown(
        await values(page, layer),
        units.map((unit) => layers[layer].A[unit]),
        2,
      );
    }
    await page.getByRole("button", { name: "all", exact: true }).first().click();
    await eventually(() => page.locator('.unit[data-layer="0"]').count()).toBe(64);
    await page.getByRole("button", { name: "fewer", exact: true }).click();
    await eventually(() => page.locator('.unit[data-layer="0"]').count()).toBe(20);

    // Wherever there is no room for the layers between pad and answer they are below: nothing lies over anything.
    for (const hidden of [[128, 64], Array(8).fill(20), Array(64).fill(12)]) {
      await setField(page, "Hidden layers", hidden.join());
      await eventually(() => page.locator(".hidden-layer").count()).toBe(hidden.length);
      for (const width of [1280, 768]) {
        await page.setViewportSize({ width, height: 1000 });
        await eventually(() => crowded(page)).toEqual({ units: [], width });
        // Words about lines only where there are lines.
        const shown = ["#network-lines", ".of-lines"].map((place) => page.locator(place).isVisible());
        expect(new Set(await Promise.all(shown)).size).toBe(1);
      }
    }
    await setField(page, "Hidden layers", "10");
    await page.locator(".network.beside ~ .legend .of-lines").waitFor();
  });

  test("of a network without hidden layers goes from the image to the classes", async () => {
    const page = await app.open(`${least}&hidden=none`, wide);
    await eventually(() => percentages(page)).toHaveLength(10);
    expect(await page.locator(".unit").count()).toBe(0);
    await page.locator(".bars tr").nth(4).getByRole("button").click();
    expect(await page.locator("#unit .unit-images canvas").count()).toBe(3);
    const { layers } = inside(untrained([784, 10]));
    await eventually(() => text(page.locator("#unit .formula"))).toContain(
      `= ${layers[0].Z[4].toFixed(2).replace("-", "−")}`,
    );
  });

  test("is explored with the keyboard, and survives another network", async () => {
    const page = await app.open(least, wide);
    await eventually(() => values(page)).toHaveLength(10);
    await page.locator('.unit[data-unit="1"]').focus();
    await eventually(() => text(page.locator("#unit h3"))).toBe("Unit 2 of hidden layer 1");
    await page.keyboard.press("Tab");
    await eventually(() => text(page.locator("#unit h3"))).toBe("Unit 3 of hidden layer 1");
    await page.keyboard.press("Enter");
    await eventually(() => page.locator('.unit[aria-pressed="true"]').count()).toBe(1);
    await page.locator("#unit .close").press("Enter");
    await page.getByText("Point at a unit or a class").waitFor();
    const unit = page.locator('.unit[data-unit="2"]');
    expect(await unit.evaluate((node) => node === document.activeElement)).toBe(true);
    await unit.press("Enter");
    await setField(page, "Hidden layers", "4");
    await eventually(() => page.locator(".unit").count()).toBe(4);
    await page.getByText("Point at a unit or a class").waitFor();
  });
});

describe("from light to dark and back", () => {
  test.each(["before training", "while training", "with a learning rate that changes"])(
    "%s",
    async (state) => {
      const schedule = state.includes("rate") ? "&schedule=cosine" : "";
      const page = await app.open(`${least}&epochs=10000${schedule}`, wide);
      await eventually(() => values(page)).toHaveLength(10);
      if (state !== "before training") {
        await press(page, "Train");
        await eventually(() => steps(page)).toBeGreaterThan(5);
      }
      for (const colorScheme of ["dark", "light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const plot of await page.locator(".plot:visible").all()) await plot.hover();
      }
      // Errors of the page are looked for after each test.
      await page.locator("#toasts").getByText("mistake").waitFor({ state: "detached" });
    },
  );
});
