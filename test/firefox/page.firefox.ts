import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, ElementHandle, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAdapter, launchFirefox } from "../helpers/firefox.ts";
import { ServedApp } from "../helpers/served-app.ts";

/** Longest time that a software adapter may compile kernels for, at their first use. */
const compilingMs = 240_000;

const served = new ServedApp();
const problems: string[] = [];
let downloads: string;
let browser: Browser;
/** The page's default network, on digits that are soon drawn. */
let page: Page;

beforeAll(async () => {
  downloads = await mkdtemp(join(tmpdir(), "mnist-webgpu-firefox-"));
  browser = await launchFirefox(downloads);
  await served.start();
  page = await open(`${served.address}?dataset=synthetic&limit=20000`);
  await expectAdapter(page);
  await page.waitForSelector("#page", { visible: true });
}, compilingMs);

afterAll(async () => {
  await browser?.close();
  served.stop();
  await rm(downloads, { recursive: true, force: true });
});

async function open(address: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(address);
  return page;
}

const press = (page: Page, name: string) =>
  page.locator(`::-p-xpath(//button[normalize-space()="${name}"])`).click();

/** The figure with this title beside the buttons. */
const figure = (page: Page, title: string) =>
  page.evaluate((title) => {
    const rows = [...document.querySelectorAll("#readouts > div")];
    const row = rows.find((row) => row.querySelector("dt")?.textContent === title);
    return row?.querySelector("dd")?.textContent ?? "";
  }, title);

const steps = async (page: Page) => Number((await figure(page, "Step")).replaceAll(",", ""));
/** Steps a second, as the page tells them below its picture. */
const speed = async (page: Page) => numberIn(await text(page, "#facts"), /([\d,]+) steps\/s/);
const numberIn = (words: string, place: RegExp) => Number(words.match(place)?.[1].replaceAll(",", "") ?? 0);
const text = (page: Page, selector: string) =>
  page.evaluate((selector) => document.querySelector(selector)?.textContent ?? "", selector);

const eventually = <T>(value: () => Promise<T>, timeout = 30_000) =>
  expect.poll(value, { timeout, interval: 200 });

describe("the page in Firefox", { timeout: 2 * compilingMs }, () => {
  test("trains, and says how fast", async () => {
    await press(page, "Train");
    await eventually(() => steps(page), compilingMs).toBeGreaterThan(0);
    // Half a minute at ten steps a second, which is what one step for each answer of Firefox comes to.
    await eventually(() => steps(page), 15_000).toBeGreaterThan(300);
    await eventually(() => speed(page)).toBeGreaterThan(50);
    const [before, startedAt] = [await steps(page), performance.now()];
    const told: number[] = [];
    while (performance.now() - startedAt < 10_000) {
      await new Promise((wake) => setTimeout(wake, 500));
      told.push(await speed(page));
    }
    const really = (1000 * ((await steps(page)) - before)) / (performance.now() - startedAt);
    const mean = told.reduce((sum, value) => sum + value) / told.length;
    console.log(`${Math.round(really)} steps/s; the page says ${Math.round(mean)}`);
    expect(mean / really).toBeGreaterThan(0.7);
    expect(mean / really).toBeLessThan(1.4);
    await eventually(async () =>
      numberIn(await figure(page, "Test accuracy"), /(\d+) of 100/),
    ).toBeGreaterThan(50);
    await press(page, "Pause");
    await eventually(async () =>
      Boolean(await page.$('::-p-xpath(//button[normalize-space()="Train"])')),
    ).toBe(true);
  });

  test("reads what is drawn on the pad", async () => {
    const pad = (await page.$("#pad canvas"))!;
    await pad.scrollIntoView();
    const { x, y, width, height } = (await pad.boundingBox())!;
    await page.mouse.move(x + 0.5 * width, y + 0.2 * height);
    await page.mouse.down();
    await page.mouse.move(x + 0.5 * width, y + 0.8 * height, { steps: 8 });
    await page.mouse.up();
    await eventually(() => text(page, ".answer"), compilingMs).toMatch(/^1/);
  });

  test("saves a network and loads it", async () => {
    await press(page, "Save model");
    // While it is being written there is another file beside it.
    await eventually(() => readdir(downloads)).toEqual(["mnist-784-10-10.safetensors"]);
    // Whoever drives Firefox has it dismiss the dialog at once.
    await page.evaluate(() =>
      addEventListener("cancel", (event) => event.stopImmediatePropagation(), { capture: true }),
    );
    await press(page, "Load model");
    const input = (await page.waitForSelector("input[type=file]")) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(join(downloads, "mnist-784-10-10.safetensors"));
    await eventually(() => text(page, "#toasts")).toContain(
      "784-10-10 of mnist-784-10-10.safetensors is loaded",
    );
  });

  test("opens a shared link as the same run", async () => {
    await page.evaluate(() => {
      navigator.clipboard.writeText = async (link) => {
        document.title = link;
      };
    });
    await press(page, "Share link");
    await eventually(() => page.title()).toContain(served.address);
    const another = await open(await page.title());
    await another.waitForSelector("#page", { visible: true, timeout: compilingMs });
    expect(await text(another, "#facts")).toBe(await text(page, "#facts"));
    expect(new URL(another.url()).searchParams.get("limit")).toBe("20000");
    await another.close();
  });

  test("complains of nothing", () => {
    expect(problems).toEqual([]);
  });
});
