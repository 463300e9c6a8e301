import type { Browser, Page } from "@playwright/test";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually, press, rested, rows, steps } from "../helpers/app.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { type DeviceLab, loseDevices } from "../helpers/lost-devices.ts";
import { ServedApp } from "../helpers/served-app.ts";
import { Random } from "./mutants.ts";
import { report } from "./reliability.ts";

/*
 * Devices of the page that are lost, and its browser's GPU process that crashes: the curves of training must end as if nothing had
 * happened. A browser whose GPU process crashes is nobody else's, so that all this is a command of its own.
 */

const seed = 7;
const losses = 20;
const crashes = 10;
const epochs = 600;
const query = `dataset=synthetic&limit=2000&epochs=${epochs}`;
const stepsInAll = epochs * 32;

const served = new ServedApp();
let browser: Browser;
beforeAll(async () => {
  await served.start();
  // Browsers take WebGPU away from a page after some crashes in a row: here they are meant.
  browser = await launchBrowser([
    "--disable-gpu-process-crash-limit",
    "--disable-domain-blocking-for-3d-apis",
  ]);
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser.close();
  served.stop();
});

async function open(): Promise<Page> {
  const page = await (await browser.newContext({ locale: "en-US" })).newPage();
  await page.addInitScript(loseDevices);
  await page.goto(`${served.address}?${query}`);
  await page.locator("#page").waitFor({ timeout: 60_000 });
  return page;
}

/** All that the page shows of a training that has come to its end. */
async function trained(page: Page) {
  await expect.poll(() => steps(page), { timeout: 300_000 }).toBe(stepsInAll);
  await rested(page);
  return { steps: await rows(page, "Steps"), epochs: await rows(page, "Epochs") };
}

let whole: ReturnType<typeof trained> | undefined;

/** The same of a training that nothing disturbed. */
function undisturbed() {
  whole ??= open().then(async (page) => {
    await press(page, "Train");
    return trained(page);
  });
  return whole;
}

/** Trains on a page, and has `disturb` disturb it so many times at random steps, evenly over its course. */
async function disturbed(times: number, random: Random, disturb: (page: Page) => Promise<void>) {
  const page = await open();
  const span = Math.floor(stepsInAll / (times + 1));
  await press(page, "Train");
  for (let index = 0; index < times; index++) {
    const at = index * span + 1 + random.below(span);
    await eventually(() => steps(page)).toBeGreaterThanOrEqual(at);
    await disturb(page);
    // Too many in a row, with no step between, are an end: this waits for one that the next device has made.
    await page.waitForTimeout(200);
    const seen = await steps(page);
    await eventually(() => steps(page)).toBeGreaterThan(seen);
  }
  return trained(page);
}

test("devices that are lost, some with the next ones while kernels compile: the curves of a training that nothing disturbed", async () => {
  const random = new Random(xoroshiro128plus(seed));
  const lose = (page: Page) => {
    const more = random.of([0, 0, 1, 2]);
    return page.evaluate((more) => {
      const lab = window as unknown as DeviceLab;
      lab.toLose = more;
      lab.device.destroy();
    }, more);
  };
  expect(await disturbed(losses, random, lose)).toEqual(await undisturbed());
  await report("page", "devices lost", { tried: losses, wrong: 0, seed });
});

test("a GPU process that crashes: the curves of a training that nothing disturbed", async () => {
  const random = new Random(xoroshiro128plus(seed));
  const control = await browser.newBrowserCDPSession();
  const crash = async (page: Page) => {
    await page.evaluate(() => {
      const { device } = window as unknown as DeviceLab;
      Object.assign(window, { lost: device.lost.then(({ reason }) => reason) });
    });
    await control.send("Browser.crashGpuProcess");
    const reason = await page.evaluate(() => (window as unknown as { lost: Promise<string> }).lost);
    expect(reason).toBe("unknown");
  };
  expect(await disturbed(crashes, random, crash)).toEqual(await undisturbed());
  await report("page", "crashes of the GPU process", { tried: crashes, wrong: 0, seed });
});
