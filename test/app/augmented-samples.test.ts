import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { eventually, least, press, setField, steps, text, useApp } from "../helpers/app.ts";

const app = useApp();

const view = (page: Page) => page.locator("#augmented-samples");
const hint = (page: Page) => text(view(page).locator(".hint"));
/** The pixels of all digits of the view. */
const digits = (page: Page) =>
  view(page)
    .locator("img")
    .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).src));

describe("what the network sees in training", () => {
  test("a switch shows training digits plain and augmented, another draw on demand and in every epoch", async () => {
    const page = await app.open(`${least}&shift=3&rotation=20&epochs=2`);
    expect(await hint(page)).toMatch(/drawn anew in every one: shift 3, rotation 20\.$/);
    const augmented = await digits(page);
    expect(augmented).toHaveLength(12);
    const box = page.getByLabel("as augmented");
    await box.uncheck();
    expect(await hint(page)).toBe("The first training images as they are.");
    const plain = await digits(page);
    for (const [index, digit] of plain.entries()) expect(digit).not.toBe(augmented[index]);
    expect(await page.getByRole("button", { name: "Draw again" }).count()).toBe(0);
    await box.check();
    // The draw is that of the step: the same again.
    expect(await digits(page)).toEqual(augmented);
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    await eventually(() => digits(page)).not.toEqual(augmented);
    const second = await digits(page);
    await press(page, "Draw again");
    expect(await digits(page)).not.toEqual(second);
    // Beyond the end, too.
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(64);
    await press(page, "Draw again");
    expect(await hint(page)).toMatch(/: shift 3, rotation 20\.$/);
  });

  test("follows the settings, and says where nothing is changed", async () => {
    const page = await app.open(least);
    expect(await hint(page)).toContain("Nothing is changed");
    const plain = await digits(page);
    await setField(page, "Elastic", "2");
    await eventually(() => hint(page)).toContain("elastic 2");
    await eventually(() => digits(page)).not.toEqual(plain);
  });

  test("has the amounts of the step it shows: half of them at a calm end", async () => {
    const page = await app.open(`${least}&shift=3&inputDropout=0.1&calmEnd=0.5&epochs=2`);
    expect(await hint(page)).toMatch(/: shift 3, input dropout 0\.1\.$/);
    await press(page, "Epoch");
    await eventually(() => hint(page)).toMatch(/: shift 1\.5, input dropout 0\.1\.$/);
  });
});
