import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { lessonConfig, stations } from "../../src/app/lesson/stations.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { initialise } from "../../src/model/initialise.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import { defaultConfig, settings } from "../../src/model/settings.ts";
import { gather } from "../../src/reference/gather.ts";
import { inspect } from "../../src/reference/inspect.ts";
import { eventually, figure, press, quickest, steps, text, useApp } from "../helpers/app.ts";
import { violationsIn } from "../helpers/axe.ts";
import { csvOf, sample } from "../helpers/data-files.ts";

const app = useApp();

const title = (page: Page) => text(page.locator("#lesson h2"));
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "");
const hash = (page: Page) => page.evaluate(() => location.hash);
const shown = (page: Page, id: string) => page.locator(`#${id}`).isVisible();
const words = (page: Page) => text(page.locator(".story-words"));
const stage = (page: Page) => text(page.locator("#step-story h3"));

/** More images than elsewhere: epochs are long, and the test images are not evaluated every few steps. */
const long = "dataset=synthetic&limit=10000&backend=cpu";
const trained = (page: Page) =>
  expect.poll(() => steps(page), { timeout: 110_000, interval: 200 }).toBe(1000);

/** Percent of the images that the headline says are read. */
const accuracy = async (page: Page) =>
  Number((await figure(page, "Test accuracy")).match(/([\d.]+)% of/)?.[1] ?? Number.NaN);

/** Goes forward from what has the focus, as somebody does who has no mouse, until something with this text has it. */
const tabTo = async (page: Page, name: string, most = 60) => {
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) return;
  }
  throw new Error(`Tab did not reach "${name}" in ${most} presses`);
};

const next = async (page: Page) => {
  await tabTo(page, "Next");
  await page.keyboard.press("Enter");
};

const act = async (page: Page, name: string) => {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
};

describe("the lesson", () => {
  test("goes from end to end with the keyboard alone, and shows what it speaks of", async () => {
    const page = await app.open(long, { context: { viewport: { width: 1280, height: 900 } } });
    await page.locator("#lesson-start").focus();
    await page.keyboard.press("Enter");
    const arrive = async (at: number) => {
      await eventually(() => title(page)).toBe(`${at + 1}. ${stations[at].title}`);
      expect(await focused(page)).toBe(`${at + 1}. ${stations[at].title}`);
      await eventually(() => hash(page)).toBe(`#lesson=${at + 1}`);
    };

    // A picture is numbers: those of the digit on the pad.
    await arrive(0);
    const { test: split } = builtInDigits({ train: 1, test: 1 });
    await page.locator("#pixels canvas").focus();
    for (const key of ["ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowDown"])
      await page.keyboard.press(key);
    const byte = split.images[14 * 28 + 11];
    await eventually(() => text(page.locator("#pixels .hint"))).toContain(
      `Row 15, column 12: ${byte} of 255`,
    );
    expect(await shown(page, "hidden-layers")).toBe(false);
    await page.locator("#lesson h2").focus();

    // A unit is a weighted sum: the reference's.
    await next(page);
    await arrive(1);
    await act(page, "Take unit 4 apart");
    const input = gather(split.images, Uint32Array.of(0), { first: 0, size: 1 }, 784);
    const parameters = initialise([784, 10, 10], lessonConfig.initialiser, defaultConfig.seed);
    const { Z, A } = inspect(parameters, input, undefined, { ...defaultConfig }).layers[0];
    const formula = text(page.locator("#unit .formula"));
    for (const value of [Z[3], A[3]]) expect(await formula).toContain(value.toFixed(2).replace("-", "−"));
    await page.locator("#lesson h2").focus();

    // Guess, and measure the error.
    await next(page);
    await arrive(2);
    await eventually(() => stage(page)).toBe("Loss");
    await act(page, "Guess for 64 other images");
    await page.getByText("Step 2, 64 images").waitFor();
    await eventually(() => stage(page)).toBe("Loss");
    await page.locator("#lesson h2").focus();

    // Who is to blame: dZ of the classes, and of the units.
    await next(page);
    await arrive(3);
    await eventually(() => stage(page)).toBe("Backward: classes");
    expect(await words(page)).toContain("This is dZ");
    await act(page, "Go back to the hidden units");
    await eventually(() => stage(page)).toBe("Backward: units");
    await page.locator("#lesson h2").focus();

    // A step downhill: dW, and alpha with its number.
    await next(page);
    await arrive(4);
    await eventually(() => stage(page)).toBe("Update");
    await act(page, "Another step");
    await page.getByText("Step 3, 64 images").waitFor();
    await eventually(() => stage(page)).toBe("Update");
    expect(await words(page)).toContain("α, the learning rate, is 0.5");
    expect(await text(page.locator(".maps").first())).toContain("− α · dW");
    await page.locator("#lesson h2").focus();

    // A thousand steps.
    await next(page);
    await arrive(5);
    expect(await shown(page, "step-story")).toBe(false);
    await act(page, "Train 1,000 steps");
    await trained(page);
    await eventually(() => accuracy(page)).toBeGreaterThan(40);
    await page.locator("#lesson h2").focus();

    // Where it fails.
    await next(page);
    await arrive(6);
    await page.locator("#mistakes .tile").first().waitFor();
    await act(page, "Why the worst one?");
    await eventually(() => text(page.locator("#unit h3"))).toMatch(/^Why \d\?$/);
    const [, label, read] = (await text(page.locator("#mistakes .caption").first())).match(/(\d) → (\d)/)!;
    expect(await text(page.locator("#unit h3"))).toBe(`Why ${read}?`);
    expect(await text(page.locator(".verdict .hint"))).toContain(`labelled ${label}`);
    await page.locator("#lesson h2").focus();

    // Break it.
    await next(page);
    await arrive(7);
    await act(page, "Learning rate 100");
    await eventually(() => page.evaluate(() => location.search)).toContain("learningRate=100&");
    await trained(page);
    await eventually(() => accuracy(page)).toBeLessThan(60);
    expect(await hash(page)).toBe("#lesson=8");
    await act(page, "No hidden layer");
    await eventually(() => page.locator(".unit").count()).toBe(0);
    await act(page, "One image a step");
    await eventually(() => page.locator(".unit").count()).toBe(10);
    await trained(page);
    await page.locator("#lesson h2").focus();
    await act(page, "Finish");
    await eventually(() => hash(page)).toBe("");
    expect(await focused(page)).toContain("lesson");
    expect(await shown(page, "settings")).toBe(true);
    const search = () => page.evaluate(() => location.search);
    expect(await search()).toMatch(/batchSize=1&.*&steps=0&/);
    await press(page, "Back to before the lesson");
    await eventually(search).toContain("&batchSize=64&");
    expect(await page.locator(".card[aria-pressed='true']").innerText()).toContain("Article");
  }, 300_000);

  test("a link opens any station, set up as it needs, in whatever order", async () => {
    const page = await app.open(`${quickest}&hidden=7&learningRate=3#lesson=4`);
    for (const number of [4, 7, 3, 8, 1, 6, 5, 2]) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `lesson=${number}`);
      const station = stations[number - 1];
      await eventually(() => title(page)).toBe(`${number}. ${station.title}`);
      await eventually(() => text(page.locator("#facts"))).toContain("784-10-10");
      // What the page waits for can be told at every station.
      expect(
        await page.locator("#status").evaluate((status: HTMLElement) => {
          const { hidden } = status;
          status.hidden = false;
          const { bottom, height } = status.getBoundingClientRect();
          status.hidden = hidden;
          return height > 0 && bottom <= innerHeight;
        }),
      ).toBe(true);
      if (station.stage) await eventually(() => page.locator("#step-story h3").isVisible()).toBe(true);
      if (station.trained === "all")
        await eventually(() => page.locator("#mistakes .tile").count()).toBeGreaterThan(0);
      for (const width of [1920, 640, 1280]) {
        await page.setViewportSize({ width, height: 740 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      }
    }
  });

  test("ends where the browser goes back to before it, and the address has the settings in force", async () => {
    const page = await app.open(`${quickest}&hidden=7`);
    await page.evaluate(() => {
      location.hash = "lesson=4";
    });
    await eventually(() => text(page.locator("#facts"))).toContain("784-10-10");
    await page.goBack();
    await eventually(() => shown(page, "lesson")).toBe(false);
    expect(await hash(page)).toBe("");
    await eventually(() => page.evaluate(() => location.search)).toContain("hidden=10");
    await page.evaluate(() => {
      location.hash = "lesson=99";
    });
    const told = page.locator("#toasts p").getByText("lesson: got 99, expected a station from 1 to 8.");
    await told.waitFor();
    // Told again it takes its own place, whatever a translation of the page has made of it.
    await told.evaluate((words) => {
      words.textContent = "translated";
    });
    await page.evaluate(() => {
      location.hash = "lesson=99";
    });
    await told.waitFor();
    expect(await page.getByText("translated").count()).toBe(0);
    expect([await shown(page, "lesson"), await hash(page)]).toEqual([false, ""]);
  });

  test("begins with a network that knows nothing, where one was loaded that does", async () => {
    const page = await app.open(`${quickest}&learningRate=0.5&evaluateEvery=1`);
    const bytes = encodeModel({ parameters: initialise([784, 10, 10], "zeros", 1), metadata: new Map() });
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, "Load model")]);
    const file = {
      name: "mine.safetensors",
      mimeType: "application/octet-stream",
      buffer: Buffer.from(bytes),
    };
    await chooser.setFiles(file);
    await page
      .getByRole("alert")
      .filter({ hasText: "does not tell" })
      .getByRole("button", { name: "sigmoid", exact: true })
      .click();
    await page.getByText("The network 784-10-10 of mine.safetensors is loaded").waitFor();
    expect(await page.getByText("It knows nothing yet").isVisible()).toBe(false);
    await press(page, "A lesson in eight stations");
    await page.locator("#toasts").getByText("is in the picture").waitFor();
    await press(page, "End lesson");
    await page.getByText("It knows nothing yet").waitFor();
  });

  test("speaks of the data that there is", async () => {
    const page = await app.open(quickest);
    const files = (["train", "test"] as const).map((name) => ({
      name: `${name}.csv`,
      mimeType: "text/csv",
      buffer: Buffer.from(csvOf(sample(300, { rows: 5, columns: 5, classes: 4 }))),
    }));
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      press(page, "Open files of your own"),
    ]);
    await chooser.setFiles(files);
    await eventually(() => text(page.locator("#facts"))).toContain("25-10-4");
    expect(await page.locator("#pixels .hint").textContent()).toMatch(/^Row 5, column 5: \d+ of 255\./);
    for (const [number, expected] of [
      [1, "25 numbers, one for each pixel of an image of 5 by 5"],
      [3, "1.4 if it gave all 4 the same"],
    ] as const) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `lesson=${number}`);
      await eventually(() => text(page.locator(".lesson-text"))).toContain(expected);
    }
  });

  test("has a mode for the projector, fits a phone, and is clean for axe", async () => {
    const page = await app.open(`${quickest}#lesson=2&projector`);
    const size = () =>
      page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
    await eventually(size).toBe(24);
    // On projectors of any width there is room for its large type.
    for (const number of [8, 2]) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `lesson=${number}&projector`);
      await eventually(() => title(page)).toContain(`${number}.`);
      for (const width of [1920, 1280, 1024]) {
        await page.setViewportSize({ width, height: 720 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        for (const part of [".lesson-text", ".lesson-do"])
          expect((await page.locator(part).boundingBox())!.width, `${part} at ${width}`).toBeGreaterThan(450);
      }
    }
    const mode = page.getByRole("button", { name: "Projector" });
    expect(await mode.getAttribute("aria-pressed")).toBe("true");
    await mode.click();
    expect(await size()).toBe(16);
    expect(await hash(page)).toBe("#lesson=2");
    await page.setViewportSize({ width: 360, height: 740 });
    for (const number of [1, 5, 8]) {
      await page.getByRole("button", { name: `Station ${number}:` }).click();
      await eventually(() => title(page)).toBe(`${number}. ${stations[number - 1].title}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(await violationsIn(page)).toEqual([]);
  });

  test("its settings are settings", () => {
    for (const [name, value] of Object.entries(lessonConfig)) {
      expect(name in settings).toBe(true);
      expect(typeof value).toBe(typeof defaultConfig[name as keyof typeof defaultConfig]);
    }
    expect(stations).toHaveLength(8);
  });
});
