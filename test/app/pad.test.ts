import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { beforeAll, describe, expect, test } from "vitest";
import { deskewed } from "../../src/data/deskew.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import { draw, drawn, eventually, least, percentages, press, rested, text, useApp } from "../helpers/app.ts";

const app = useApp();
let reader: Uint8Array<ArrayBuffer>;

/** A network that reads digits well enough, trained by the reference: the page loads it as any other model. */
beforeAll(async () => {
  const dataset = builtInDigits({ train: 6000, test: 10 });
  const trainer = await createTrainer({
    dataset,
    config: { ...defaultConfig, backend: "cpu", hidden: [], learningRate: 0.2, epochs: 4 },
  });
  await trainer.run();
  reader = encodeModel({ parameters: await trainer.engine.readParameters(), metadata: new Map() });
});

const openReader = async () => {
  const page = await app.open(least, { context: { viewport: { width: 1280, height: 1000 } } });
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, "Load model")]);
  await chooser.setFiles({
    name: "reader.safetensors",
    mimeType: "application/octet-stream",
    buffer: Buffer.from(reader),
  });
  await page.getByText("of reader.safetensors is loaded").waitFor();
  return page;
};

const circle = Array.from({ length: 25 }, (_, index): [number, number] => {
  const angle = (index / 24) * 2 * Math.PI;
  return [0.5 + 0.22 * Math.sin(angle), 0.5 - 0.32 * Math.cos(angle)];
});

const answer = (page: Page) => text(page.locator(".answer"));

/** The red of each pixel of a small picture. */
const pixels = (canvas: Locator) =>
  canvas.evaluate((node: HTMLCanvasElement) => {
    const { data } = node.getContext("2d")!.getImageData(0, 0, 28, 28);
    return Array.from({ length: 28 * 28 }, (_, pixel) => data[4 * pixel]);
  });

/** What the page says that the network sees. */
const seen = (page: Page) => pixels(page.locator(".network-input canvas"));

/** Red goes from the paper's 255 to the ink's 29. */
const redOf = (image: Uint8Array) => Array.from(image, (byte) => Math.round(255 + (29 - 255) * (byte / 255)));

describe("the drawing pad", () => {
  test("reads a digit that is drawn with the mouse, and forgets it on undo and clear", async () => {
    const page = await openReader();
    // The test digit that it begins with goes when somebody draws.
    await page.getByText("test image 0, labelled").waitFor();
    await draw(page, circle, 1);
    await eventually(() => text(page.locator(".verdict .hint"))).toBe("");
    await eventually(() => answer(page)).toMatch(/^0/);
    const shares = await percentages(page);
    expect(shares).toHaveLength(10);
    expect(shares.reduce((sum, share) => sum + share)).toSatisfy((sum: number) => Math.abs(sum - 100) < 2);
    await press(page, "Clear");
    await eventually(() => answer(page)).toBe("?");
    // However small it is drawn, its lines become as wide as those of training digits.
    await draw(
      page,
      circle.map(([x, y]) => [0.2 + x / 5, 0.2 + y / 5]),
      1,
    );
    await eventually(() => answer(page)).toMatch(/^0/);
    await press(page, "Clear");
    await draw(page, [
      [0.5, 0.15],
      [0.5, 0.85],
    ]);
    await eventually(() => answer(page)).toMatch(/^1/);
    await draw(page, [
      [0.1, 0.5],
      [0.9, 0.5],
    ]);
    await eventually(() => answer(page)).not.toMatch(/^1/);
    await press(page, "Undo");
    await eventually(() => answer(page)).toMatch(/^1/);
    await press(page, "Undo");
    await eventually(() => percentages(page)).toEqual([]);
  });

  test("reads while it is drawn on, and anew as training changes the network", async () => {
    const page = await app.open(`${least}&epochs=10000&learningRate=0.5`, {
      context: { viewport: { width: 1280, height: 1000 } },
    });
    await draw(page, circle, 1);
    await eventually(() => percentages(page)).toHaveLength(10);
    const untrained = await percentages(page);
    await press(page, "Train");
    await eventually(() => percentages(page)).not.toEqual(untrained);
    await press(page, "Pause");
    // From here on nothing but the pen changes what is read.
    await rested(page);
    await drawn(page);
    const pad = page.locator("#pad canvas");
    await pad.scrollIntoViewIfNeeded();
    const box = (await pad.boundingBox())!;
    const before = await percentages(page);
    // The pen stays down: what is drawn so far is read.
    await page.mouse.move(box.x + 20, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 20, box.y + box.height - 20, { steps: 10 });
    await eventually(() => percentages(page)).not.toEqual(before);
    await page.mouse.up();
  });

  test("takes touches without scrolling the page", async () => {
    const page = await app.open(least, {
      context: { hasTouch: true, viewport: { width: 360, height: 740 } },
    });
    const pad = page.locator("#pad canvas");
    expect(await pad.evaluate((canvas) => getComputedStyle(canvas).touchAction)).toBe("none");
    await pad.scrollIntoViewIfNeeded();
    await pad.tap();
    await eventually(() => percentages(page)).toHaveLength(10);
    // Images from below are brought to the pad, and the pad into sight.
    await press(page, "Mistakes");
    await page.locator("#mistakes .tile").last().tap();
    await eventually(() =>
      pad.evaluate((canvas) => {
        const { top, bottom } = canvas.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      }),
    ).toBe(true);
  });

  test("shows a random test digit exactly as the network sees it", async () => {
    const page = await app.open(least);
    await press(page, "Random test digit");
    await page
      .locator(".verdict .hint")
      .getByText(/test image \d+, labelled \d/)
      .waitFor();
    const index = Number((await text(page.locator(".verdict .hint"))).match(/\d+/)?.[0]);
    const { test: split } = builtInDigits({ train: 1, test: index + 1 });
    expect(await seen(page)).toEqual(redOf(split.images.subarray(index * 784)));
  });

  test("is seen upright by a network that reads deskewed images", async () => {
    const page = await app.open(`${least}&deskew=true`);
    const { test: split } = builtInDigits({ train: 1, test: 1 });
    const upright = redOf(deskewed(split.images, split));
    expect(upright).not.toEqual(redOf(split.images));
    await eventually(() => seen(page)).toEqual(upright);
    // A unit's sum is of what it sees: its parts are the engine's weighted sum.
    await page.locator("[data-layer='0'][data-unit]").first().click();
    const x = page.locator(".unit-images canvas").first();
    await eventually(() => pixels(x)).toEqual(upright);
    const formula = await text(page.locator(".unit-sum .formula"));
    const [sum, bias, z] = [...formula.replaceAll("−", "-").matchAll(/[-+]?\d+\.\d\d/g)].map(Number);
    expect(Math.abs(sum! + bias! - z!)).toBeLessThan(0.021);
    // It is the network's own, and goes with it to files and back.
    const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Save model")]);
    const file = await download.path();
    const other = await app.open(least);
    const [chooser] = await Promise.all([other.waitForEvent("filechooser"), press(other, "Load model")]);
    await chooser.setFiles({ name: "a.safetensors", mimeType: "", buffer: await readFile(file) });
    await other.getByText("of a.safetensors is loaded").waitFor();
    await eventually(() => seen(other)).toEqual(upright);
  });

  test("can be drawn on with the keyboard", async () => {
    const page = await openReader();
    await page.locator("#pad canvas").focus();
    await page.keyboard.press("Enter");
    for (let move = 0; move < 20; move++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await eventually(() => answer(page)).toMatch(/^1/);
    // The pen stays down when what it drew is cleared.
    await page.keyboard.press("Enter");
    await page.keyboard.press("c");
    await eventually(() => answer(page)).toBe("?");
    for (let move = 0; move < 20; move++) await page.keyboard.press("ArrowUp");
    await eventually(() => answer(page)).toMatch(/^1/);
  });
});
