import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import {
  draw,
  eventually,
  least,
  press,
  quick,
  rested,
  rows,
  setField,
  text,
  useApp,
} from "../helpers/app.ts";
import { csvOf, sample } from "../helpers/data-files.ts";

/* What a page gives to those who have a keyboard, a screen reader or a finger, or data of another kind than digits. */

const app = useApp();

const spoken = (page: Page) => page.locator("#announcer").textContent();

test("a digit is labelled with the keyboard, which keeps the focus", async () => {
  const page = await app.open(least);
  await draw(page, [
    [0.3, 0.3],
    [0.7, 0.7],
  ]);
  const label = page.getByRole("button", { name: "The drawing is a 3", exact: true });
  await label.and(page.locator("[aria-disabled=false]")).waitFor();
  await label.focus();
  await page.keyboard.press("Enter");
  await eventually(() => spoken(page)).toBe("Added as 3: 1 of yours. Draw the next one.");
  await page.getByRole("button", { name: "The drawing is a 3", exact: true, disabled: true }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
    "The drawing is a 3",
  );
  // There is nothing to label now.
  await page.keyboard.press("Enter");
  expect(await page.locator(".own-tiles .tile").count()).toBe(1);
});

test("toasts come where screen readers listen already, and none but alerts has a role of its own", async () => {
  const page = await app.open(`${least}&epochs=1`);
  await press(page, "Train");
  await rested(page);
  await press(page, "Train");
  await page.locator("#toasts[aria-live=polite] .toast.offer:not([role])").waitFor();
  await setField(page, "Batch size", "many");
  await page.locator("#toasts .toast[role=alert]").waitFor();
});

test("a finger reads a pixel of the lesson", async () => {
  const page = await app.open(`${least}#lesson=1`);
  const numbers = page.locator("#pixels canvas");
  await numbers.waitFor();
  const { width, height } = (await numbers.boundingBox())!;
  const place = { x: (width * 4.5) / 28, y: (height * 2.5) / 28 };
  await numbers.evaluate((canvas, { x, y }) => {
    const { left, top } = canvas.getBoundingClientRect();
    const at = { clientX: left + x, clientY: top + y, pointerType: "touch", bubbles: true };
    canvas.dispatchEvent(new PointerEvent("pointerdown", at));
  }, place);
  await eventually(() => text(page.locator("#pixels .hint"))).toMatch(/^Row 3, column 5: /);
});

test("on a narrow page what has the focus is above the buttons that lie over it", async () => {
  const page = await app.open(least, { context: { viewport: { width: 390, height: 700 } } });
  await page.getByRole("navigation").getByRole("button", { name: "Settings" }).click();
  const covered = await page.evaluate(() => {
    const nodes = [
      ...document.querySelectorAll<HTMLElement>("#settings :is(button, input, select, summary)"),
    ].filter((node) => node.checkVisibility());
    const bar = document.querySelector(".transport")!;
    const found: string[] = [];
    for (const node of nodes) {
      // Below it, and yet in the window: browsers scroll to what has the focus only where it is out of sight.
      scrollBy(0, node.getBoundingClientRect().bottom - innerHeight + 20);
      node.focus();
      const { bottom } = node.getBoundingClientRect();
      if (bottom > bar.getBoundingClientRect().top) found.push(node.outerHTML);
    }
    return { count: nodes.length, found };
  });
  expect(covered.count).toBeGreaterThan(10);
  expect(covered.found).toEqual([]);
});

test("a matrix of 47 classes can be read and pressed", async () => {
  const page = await app.open(least);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    press(page, "Open files of your own"),
  ]);
  const buffer = Buffer.from(csvOf(sample(47 * 8, { classes: 47 })));
  await chooser.setFiles({ name: "letters.csv", mimeType: "text/csv", buffer });
  await eventually(() => page.locator(".matrix tbody tr").count()).toBe(47);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    if (width === 390) await page.getByRole("navigation").getByRole("button", { name: "Mistakes" }).click();
    const cells = await page
      .locator(".matrix tbody button")
      .evaluateAll((all) => all.map((cell) => [cell.clientWidth, cell.scrollWidth]));
    expect(Math.min(...cells.map(([room]) => room))).toBeGreaterThanOrEqual(24);
    expect(cells.filter(([room, needed]) => needed > room)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  }
});

test("a map of networks is not said to do what the network before it did", async () => {
  const page = await app.open(quick);
  await page.getByRole("textbox", { name: "Hidden layers" }).evaluate((field: HTMLInputElement) => {
    const said: string[] = [];
    Object.assign(window, { said });
    const status = document.querySelector("#status")!;
    new MutationObserver(() => said.push(status.textContent)).observe(status, {
      ...{ childList: true, characterData: true, subtree: true },
    });
    field.value = "20";
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type));
    const buttons = [...document.querySelectorAll("button")];
    buttons.find(({ textContent }) => textContent === "Train 25 networks")!.click();
  });
  const said = () => page.evaluate(() => (window as never as { said: string[] }).said);
  await eventually(async () => (await said()).some((words) => words.startsWith("Training a map"))).toBe(true);
  await page.locator("#settings-map").getByRole("button", { name: "Stop" }).click();
  expect((await said()).filter((words) => /^Training a map[^…]*: /.test(words))).toEqual([]);
});

test("figures of the test split are those of the network that is there", async () => {
  const page = await app.open(`${least}&epochs=1&validation=100`);
  await press(page, "Train");
  await rested(page);
  await eventually(async () => (await rows(page, "Runs"))[0][6]).not.toBe("");
  await setField(page, "Epochs", "1000");
  await press(page, "Step");
  await rested(page);
  await eventually(async () => (await rows(page, "Runs"))[0][6]).toBe("");
});
