import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { seedConfigs } from "../../src/app/sweep/settings-map.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { eventually, press, quickest, steps, text, useApp } from "../helpers/app.ts";
import { autosaved } from "../helpers/autosaved.ts";
import { csvOf, sample } from "../helpers/data-files.ts";
import { type DeviceLab, loseDevices } from "../helpers/lost-devices.ts";

const app = useApp();
/** Few images, and kernels that compile fast, so that 25 networks take seconds. */
const few = "dataset=synthetic&limit=700&hidden=8&batchSize=32&kernels=portable";

const mapOf = (page: Page) => page.locator("#settings-map");
const start = (page: Page) => mapOf(page).getByRole("button", { name: "Train 25 networks" }).click();
const cellsOf = (page: Page) => mapOf(page).locator("tbody button");
/** Chooses small images of three classes. */
const openTiny = async (page: Page, name: string, count = 70) => {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, name)]);
  const file = { name: "tiny.csv", mimeType: "text/csv", buffer: Buffer.from(csvOf(sample(count))) };
  await chooser.setFiles(file);
};
const done = (page: Page) => mapOf(page).getByText(/^25 networks are trained/);

/** What the 25 networks at `few` read after two epochs, by whichever test trains them first. */
let undisturbed: readonly string[] | undefined;

test("25 networks fill a map while they train, and one of them is taken into the picture", async () => {
  const page = await app.open(few);
  await mapOf(page).getByLabel("Epochs of each network").selectOption("2");
  await start(page);
  // It fills in live: some are trained while others are not.
  await page.waitForFunction(() => {
    const texts = [...document.querySelectorAll("#settings-map tbody button")].map(
      (each) => each.textContent,
    );
    return texts.some((text) => text === "·") && texts.some((text) => text !== "·");
  });
  await done(page).waitFor({ timeout: 120_000 });
  const texts = await cellsOf(page).allTextContents();
  undisturbed = texts;
  const accuracies = texts.map(Number);
  expect(accuracies.length).toBe(25);
  expect(accuracies.every((value) => value >= 0 && value <= 100)).toBe(true);
  const best = mapOf(page).locator(".is-best");
  expect(Number(await best.textContent())).toBe(Math.max(...accuracies));
  const label = (await best.getAttribute("aria-label")) ?? "";
  const [, width, rate] = /Width (\d+), learning rate ([\d.]+): reads [\d.]+% of the validation images/.exec(
    label,
  )!;
  await best.click();
  await page.waitForFunction(
    (hidden) => location.search.includes(`hidden=${hidden}`) || hidden === "8",
    width,
  );
  await page.waitForFunction(
    (learningRate) => location.search.includes(`learningRate=${learningRate}`),
    rate,
  );
  // It is a trained network, which says so and can be trained on.
  expect(await page.getByText("It knows nothing yet").isVisible()).toBe(false);
  await page.getByRole("button", { name: "Step", exact: true }).click();
  await page.locator("#readouts").getByText("1", { exact: true }).waitFor();
}, 200_000);

test("a network of the map is taken with the data that it was trained on, and autosaved as it was taken", async () => {
  const page = await app.open(`${quickest}&hidden=4&batchSize=8`);
  const facts = () => text(page.locator("#facts"));
  await openTiny(page, "Open files of your own");
  await eventually(facts).toContain("tiny, 60 + 10 images");
  await mapOf(page).getByLabel("Epochs of each network").selectOption("1");
  await start(page);
  await done(page).waitFor({ timeout: 120_000 });
  await page.getByRole("combobox", { name: "Data", exact: true }).selectOption("synthetic");
  await eventually(facts).toContain("built-in digits");
  await mapOf(page).locator(".is-best").click();
  await eventually(facts).toContain("tiny, 60 + 10 images");
  await eventually(() => autosaved(page, app.address)).toMatchObject({ last: 0 });
  const taken = await facts();
  await page.reload();
  const offer = page.locator(".toast.offer");
  await eventually(() => text(offer)).toMatch(
    /Training of 9-\d+-3 with the weights of the map of settings, /,
  );
  await openTiny(page, "Open the files", 69);
  await page.getByText("was trained on other data").waitFor();
  await eventually(() => page.locator("#progress").isVisible()).toBe(false);
  await openTiny(page, "Open the files");
  await eventually(facts).toBe(taken);
  expect(await steps(page)).toBe(0);
}, 200_000);

test("arrow keys go through the cells; stopped, it says how many are trained, and the page goes on", async () => {
  const page = await app.open(few);
  await mapOf(page).getByLabel("Epochs of each network").selectOption("10");
  await start(page);
  await cellsOf(page).first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  expect(await focused()).toMatch(/^Width 4, learning rate 0\.03/);
  await mapOf(page).getByRole("button", { name: "Stop" }).click();
  await mapOf(page)
    .getByText(/^\d+ of 25 networks are trained, the others were stopped\./)
    .waitFor();
  // The button that had the focus is gone.
  await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Try 5 seeds");
  await page.getByRole("button", { name: "Step", exact: true }).click();
  await page.locator("#readouts").getByText("1", { exact: true }).waitFor();
}, 120_000);

test("a device that is lost meanwhile is replaced, and the networks are what they would have been", async () => {
  const page = await app.open(few, { before: loseDevices });
  await mapOf(page).getByLabel("Epochs of each network").selectOption("2");
  if (!undisturbed) {
    await start(page);
    await done(page).waitFor({ timeout: 120_000 });
    undisturbed = await cellsOf(page).allTextContents();
  }
  await start(page);
  await page.waitForFunction(() => /^(5|10) of/.test(document.querySelector(".map-told")?.textContent ?? ""));
  await page.evaluate(() => (window as unknown as DeviceLab).device.destroy());
  await done(page).waitFor({ timeout: 120_000 });
  expect(await cellsOf(page).allTextContents()).toEqual(undisturbed);
}, 300_000);

test("seeds are a spread around the curve, and go with the settings that they are of", async () => {
  const page = await app.open(few);
  await mapOf(page).getByLabel("Epochs of each network").selectOption("2");
  await mapOf(page).getByRole("button", { name: "Try 5 seeds" }).click();
  const told = mapOf(page).getByText(/5 seeds, after 2 epochs: [\d.]+% on average, [\d.]+% to [\d.]+%\./);
  await told.waitFor({ timeout: 60_000 });
  const [mean, lowest, highest] = (await told.textContent())!.match(/[\d.]+(?=%)/g)!.map(Number);
  expect([lowest <= mean, mean <= highest]).toEqual([true, true]);
  await page.locator("#charts .plot").nth(1).hover();
  await page.locator("#charts .key.seeds").nth(1).waitFor();
  // A setting that takes effect at once makes no other network.
  await page.getByRole("textbox", { name: "Learning rate" }).fill("0.7");
  await page.getByRole("textbox", { name: "Learning rate" }).press("Enter");
  await told.waitFor({ state: "detached" });
  // They are of the settings at their turn, and of the data.
  await page.getByLabel("Hidden layers").evaluate((field: HTMLInputElement) => {
    field.value = "5";
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type));
    const buttons = [...document.querySelectorAll("button")];
    buttons.find(({ textContent }) => textContent === "Try 5 seeds")!.click();
  });
  await told.waitFor({ timeout: 60_000 });
  expect(await text(page.locator("#facts"))).toContain("784-5-10");
  await openTiny(page, "Open files of your own");
  await told.waitFor({ state: "detached" });
}, 120_000);

test("seeds beyond the largest begin again at 0", () => {
  const dataset = builtInDigits({ train: 100, test: 10 });
  const config = { ...defaultConfig, seed: 2 ** 32 - 2 };
  const seeds = seedConfigs(config, dataset, 1, 4).map(({ seed }) => seed);
  expect(seeds).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0, 1]);
});
