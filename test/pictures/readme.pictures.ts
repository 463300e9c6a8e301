import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { BrowserContextOptions, Page } from "@playwright/test";
import { decode } from "fast-png";
import { encode } from "modern-gif";
import { beforeEach, expect, test } from "vitest";
import { namedSets } from "../../src/data/named-sets.ts";
import { eventually, press, steps, useApp } from "../helpers/app.ts";
import { setUpCli } from "../helpers/cli.ts";
import { mnistFolder } from "../helpers/mnist.ts";

/*
 * The README's pictures, taken anew by `npm run pictures`. It is no part of the suite: it finds out nothing, somebody has to look.
 */
const app = useApp();
const cli = setUpCli();
const picture = (name: string) => join(import.meta.dirname, "../../docs", name);
const stepsOfEpoch = 938;
/** How long each stage of a step is to be seen. */
const stageMs = 3000;
/** Room around what a picture shows, in CSS pixels. */
const margin = 16;

beforeEach(async () => {
  const folder = await mnistFolder();
  for (const { name } of Object.values(namedSets.mnist.manifest))
    app.data.set(`${name}.gz`, gzipSync(await readFile(join(folder, name))));
});

/** The page after three epochs, when it rests. */
async function trained(context: BrowserContextOptions): Promise<Page> {
  const page = await app.open("epochs=3", { context });
  await press(page, "Train");
  await eventually(() => steps(page)).toBe(3 * stepsOfEpoch);
  await page.getByText("of 10,000 images").waitFor();
  await page.mouse.move(0, 0);
  return page;
}

test("the page", async () => {
  const page = await trained({ viewport: { width: 1280, height: 1000 }, colorScheme: "light" });
  await page.screenshot({ path: picture("page.png") });
});

test("the page on a phone", async () => {
  const viewport = { width: 390, height: 844 };
  const page = await trained({ viewport, colorScheme: "dark", deviceScaleFactor: 2 });
  await page.screenshot({ path: picture("page-phone.png") });
});

test("the map of settings", async () => {
  const page = await app.open("", {
    context: { viewport: { width: 1280, height: 1400 }, colorScheme: "light" },
  });
  const map = page.locator("#settings-map");
  await map.getByRole("button", { name: "Train 25 networks" }).click();
  await map.getByText(/^25 networks are trained/).waitFor({ timeout: 300_000 });
  await page.mouse.move(0, 0);
  await map.screenshot({ path: picture("settings-map.png") });
});

test("a step, stage by stage", async () => {
  const page = await app.open("epochs=3&learningRate=0.5", {
    context: { viewport: { width: 1100, height: 2400 }, colorScheme: "light" },
  });
  for (let step = 1; step <= 40; step++) {
    await press(page, "Step");
    await page.locator("#step-story").getByText(`Step ${step},`).waitFor();
  }
  // Room for the longest stage: what comes next on the page stays out of the pictures.
  await page.locator("#step-story").evaluate((story) => (story.style.minHeight = "700px"));
  const { x, y, width } = (await page.locator("#step-story").boundingBox())!;
  const clip = { x: x - margin, y: y - margin, width: width + 2 * margin, height: 650 };
  const stages = await page.locator(".story-stages button").all();
  const frames: Buffer[] = [];
  for (const stage of stages) {
    await stage.click();
    await page.mouse.move(0, 0);
    await page.waitForTimeout(500);
    frames.push(await page.screenshot({ clip }));
  }
  await writeFile(picture("step.gif"), await animation(frames));
});

test("the report", async () => {
  const { code } = await cli.run("train", "--data", await mnistFolder(), "--epochs", "3", "--out", "run");
  expect(code).toBe(0);
  const page = await app.browser.newPage({ viewport: { width: 1280, height: 1400 } });
  await page.goto(pathToFileURL(cli.path("run/report.html")).href);
  await page.screenshot({ path: picture("report.png") });
  await page.close();
});

test("the report of a sweep", { timeout: 600_000 }, async () => {
  const swept = ["--learning-rate=0.03,0.1,0.3", "--hidden=10,32,64", "--seeds=3", "--epochs=5"];
  const { code } = await cli.run("sweep", "--data", await mnistFolder(), ...swept, "--out", "sweep");
  expect(code).toBe(0);
  const page = await app.browser.newPage({ viewport: { width: 1280, height: 1480 } });
  await page.goto(pathToFileURL(cli.path("sweep/report.html")).href);
  await page.screenshot({ path: picture("sweep.png") });
  await page.close();
});

test("what the committee misreads", async () => {
  const models = ["record-calm", "wider-calm", "bent-calm", "upright"].map(
    (folder) =>
      `--model=${join(import.meta.dirname, "../../docs/results/committee", folder, "model.safetensors")}`,
  );
  const data = `--data=${await mnistFolder()}`;
  const { code } = await cli.run("evaluate", ...models, data, "--report=mistakes.html");
  expect(code).toBe(0);
  const page = await app.browser.newPage({ viewport: { width: 1100, height: 1000 } });
  await page.goto(pathToFileURL(cli.path("mistakes.html")).href);
  await page
    .locator("section")
    .last()
    .screenshot({ path: picture("mistakes.png") });
  await page.close();
});

/** Pictures of one size as an animation. */
async function animation(pictures: readonly Uint8Array[]): Promise<Uint8Array> {
  const decoded = pictures.map((png) => decode(png));
  const [{ width, height }] = decoded;
  const frames = decoded.map(({ data, channels }) => {
    const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let pixel = 0; pixel < width * height; pixel++)
      rgba.set(data.subarray(pixel * channels, pixel * channels + 3), pixel * 4);
    return { data: rgba, delay: stageMs };
  });
  return new Uint8Array(await encode({ width, height, frames, maxColors: 255 }));
}
