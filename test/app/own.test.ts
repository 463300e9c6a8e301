import { readFile } from "node:fs/promises";
import type { Download, Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { encodeImages, encodeLabels, parseImages, parseLabels } from "../../src/data/idx.ts";
import {
  draw,
  eventually,
  figure,
  least,
  type Points,
  press,
  quickest,
  rested,
  setField,
  steps,
  text,
  toasts,
  useApp,
} from "../helpers/app.ts";
import { autosaved } from "../helpers/autosaved.ts";
import { fewDigits } from "../helpers/few-digits.ts";
import { modelFile } from "../helpers/model-files.ts";

const app = useApp();

/** A stroke that no other class has: the network has to learn it from these alone. */
const zigzag: Points = [
  [0.2, 0.2],
  [0.8, 0.35],
  [0.2, 0.5],
  [0.8, 0.65],
  [0.2, 0.8],
];
const label = (page: Page, digit: number) => press(page, `The drawing is a ${digit}`);
const tiles = (page: Page) => page.locator(".own-tiles .caption").allTextContents();
const score = (page: Page) => text(page.locator(".own-score"));
const mixed = (page: Page) => text(page.locator("#own-mixed"));

const add = async (page: Page, points: Points, digit: number) => {
  const before = (await tiles(page)).length;
  await draw(page, points);
  await label(page, digit);
  await eventually(async () => (await tiles(page)).length).toBe(before + 1);
};

describe("digits of one's own", () => {
  test("are trained on where training is, read better for it, and kept for the next visit", async () => {
    const page = await app.open(`${quickest}&epochs=200&learningRate=0.5`);
    await page.getByRole("button", { name: "The drawing is a 7", exact: true, disabled: true }).waitFor();
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    await add(page, zigzag, 7);
    await add(
      page,
      zigzag.map(([x, y]) => [y, x]),
      3,
    );
    await page.locator("#own-share").selectOption("0.2");
    await press(page, "Train with mine");
    await eventually(() => score(page)).toMatch(
      /^It reads 2 of your 2 right; before it trained on them, [012] of 2/,
    );
    expect(await mixed(page)).toBe("20% of the training images are your 2, each about 200 times.");
    // The figures beside the buttons are drawn less often than the score.
    await eventually(() => steps(page)).toBeGreaterThan(32);
    await press(page, "Pause");
    expect(await tiles(page)).toEqual(["7 ✓", "3 ✓"]);
    // The same browser again: they are there, and trained on where no settings say how to train.
    const linked = await app.open(quickest, { beside: page });
    await eventually(async () => (await tiles(linked)).length).toBe(2);
    expect(await mixed(linked)).toBe("");
    const again = await app.open("", { beside: page, before: fewDigits });
    await eventually(async () => (await tiles(again)).length).toBe(2);
    expect(await mixed(again)).toMatch(/^20% /);
    await press(again, "Without mine");
    await eventually(() => mixed(again)).toBe("");
    expect((await tiles(again)).length).toBe(2);
  });

  test("are a run's own: one that comes back, or is gone on with after a reload, has those that it was trained with", async () => {
    const page = await app.open(`${least}&epochs=2000`);
    const reload = async () => {
      await page.reload();
      await press(page, "Go on");
    };
    const share = async (said: string) => {
      await press(page, "Share link");
      await eventually(() => toasts(page)).toContain(said);
    };
    await press(page, "Step");
    await eventually(() => steps(page)).toBe(1);
    await share("Copy this link");
    expect(await toasts(page)).not.toContain("Digits of your own");
    await add(page, zigzag, 7);
    await press(page, "Train with mine");
    await eventually(() => steps(page)).toBeGreaterThan(64);
    await press(page, "Pause");
    expect(await mixed(page)).toMatch(/^10% /);
    await share("Digits of your own are among its training images");
    await rested(page);
    const last = await steps(page);
    await eventually(async () => (await autosaved(page, app.address))?.last).toBe(last);
    await reload();
    await eventually(() => steps(page)).toBeGreaterThan(last);
    expect(await mixed(page)).toMatch(/^10% /);

    await press(page, "Without mine");
    await eventually(() => mixed(page)).toBe("");
    const link = page.locator("#toasts .toast").filter({ hasText: "Copy this link" }).last();
    await share("Copy this link");
    await eventually(() => text(link)).toContain("Settings or images were changed during this run");
    expect(await text(link)).not.toContain("Digits of your own");
    const bringBack = (run: number) =>
      page
        .locator("#runs")
        .getByRole("button", { name: `Bring back run ${run}` })
        .click();
    await bringBack(1);
    await eventually(() => mixed(page)).toMatch(/^10% /);
    await bringBack(2);
    await eventually(() => mixed(page)).toBe("");
  });

  test.each([
    ["all its steps", "steps=40"],
    ["an early stop", "validation=100&patience=1&learningRate=1e-30"],
    ["more epochs than are asked for now", "epochs=3"],
  ])("are trained on where training has ended by %s, under the name of its weights", async (_, settings) => {
    const page = await app.open(`${least}&epochs=50&${settings}`);
    // A small network takes the place of the one beside the page, whose steps take many times as long.
    const file = modelFile([784, 12, 10], 1, new Map([["config", '{"activation":"relu"}']]));
    await page.route("**/*.safetensors", (route) => route.fulfill({ body: Buffer.from(file) }));
    await press(page, "Open a trained one");
    await eventually(() => text(page.locator("#facts"))).toContain("784-12-10");
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(32);
    await rested(page);
    const before = await steps(page);
    await eventually(() => figure(page, "Remaining")).toBe("0:00");
    if (settings === "epochs=3") await setField(page, "Epochs", "1");
    await add(page, zigzag, 7);
    await press(page, "Train with mine");
    await eventually(() => steps(page)).toBeGreaterThan(before);
    await press(page, "Pause");
    expect(await text(page.locator("#reading"))).not.toContain("knows nothing");
    await eventually(() => text(page.locator("#runs .run").first())).toContain(
      "weights of trained.safetensors",
    );
  });

  test("are trained on by the network of a setting that was asked for just before", async () => {
    const page = await app.open(least);
    await add(page, zigzag, 7);
    await press(page, "Step");
    await eventually(() => steps(page)).toBe(1);
    await page.getByRole("textbox", { name: "Hidden layers" }).evaluate((field: HTMLInputElement) => {
      field.value = "20";
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type));
      const buttons = [...document.querySelectorAll("button")];
      buttons.find(({ textContent }) => textContent === "Train with mine")!.click();
    });
    await eventually(() => mixed(page)).toMatch(/^10% /);
    expect(await text(page.locator("#facts"))).toContain("784-20-10");
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("of two pages at a time are all kept, and more than fit are refused", async () => {
    const page = await app.open(least);
    const other = await app.open(least, { beside: page });
    await add(page, zigzag, 7);
    await add(page, zigzag, 3);
    await other.bringToFront();
    await add(other, zigzag, 1);
    await page.reload();
    await eventually(async () => (await tiles(page)).map((caption) => caption[0])).toEqual(["7", "3", "1"]);
    await other.getByRole("button", { name: /^Remove your 1/ }).click();
    await eventually(() => tiles(other)).toEqual([]);
    await page.reload();
    await eventually(async () => (await tiles(page)).length).toBe(2);

    const count = 499;
    const images = { count, rows: 28, columns: 28, pixels: new Uint8Array(count * 784) };
    const file = (name: string, bytes: Uint8Array) => ({
      name,
      mimeType: "application/octet-stream",
      buffer: Buffer.from(bytes),
    });
    const files = [file("i", encodeImages(images)), file("l", encodeLabels(new Uint8Array(count)))];
    const importAll = async () => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, "Import")]);
      await chooser.setFiles(files);
    };
    await importAll();
    await page.getByText("There are 2 digits of yours, and 499 were given: at most 500 fit.").waitFor();
    expect((await tiles(page)).length).toBe(2);

    // Those that were removed wait for room.
    await press(page, "Remove all");
    await importAll();
    await eventually(async () => (await tiles(page)).length).toBe(499);
    await press(page, "Bring back");
    await page.getByText("There are 499 digits of yours, and 2 were given: at most 500 fit.").waitFor();
    await page
      .getByRole("button", { name: /^Remove your 0/ })
      .first()
      .click();
    await press(page, "Bring back");
    await eventually(async () => (await tiles(page)).length).toBe(500);
  });

  test("are none where the store holds what they cannot be", async () => {
    const page = await app.open(least);
    await add(page, zigzag, 7);
    await page.evaluate(async () => {
      const answer = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve) => {
          request.onsuccess = () => resolve(request.result);
        });
      const database = await answer(indexedDB.open("mnist-webgpu-state-1", 1));
      const store = database.transaction("states", "readwrite").objectStore("states");
      await answer(store.put({ digits: [{ image: new Uint8Array(3), label: 7 }] }, "own digits"));
      database.close();
    });
    await page.reload();
    await page.locator("#page").waitFor();
    await page.getByText("None of yours yet.").waitFor();
    await add(page, zigzag, 3);
  });

  test("leave as IDX files, come back from them, and can be taken away and brought back", async () => {
    const page = await app.open(least);
    const visible = (name: string) => page.getByRole("button", { name, exact: true }).isVisible();
    const ofSome = ["Export", "Remove all", "Train with mine"];
    for (const name of ofSome) expect([name, await visible(name)]).toEqual([name, false]);
    await add(page, zigzag, 7);
    await add(page, zigzag, 1);
    for (const name of ofSome) expect([name, await visible(name)]).toEqual([name, true]);
    const downloads: Download[] = [];
    page.on("download", (download) => downloads.push(download));
    await press(page, "Export");
    await eventually(() => downloads.length).toBe(2);
    const [images, labels] = await Promise.all(
      downloads.map(async (download) => ({
        name: download.suggestedFilename(),
        mimeType: "application/octet-stream",
        buffer: await readFile(await download.path()),
      })),
    );
    expect(parseImages(new Uint8Array(images.buffer), images.name)).toMatchObject({
      count: 2,
      rows: 28,
      columns: 28,
    });
    expect([...parseLabels(new Uint8Array(labels.buffer), labels.name).labels]).toEqual([7, 1]);

    await press(page, "Remove all");
    await eventually(() => tiles(page)).toEqual([]);
    const choose = async (...files: (typeof images)[]) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, "Import")]);
      await chooser.setFiles(files);
    };
    await choose(labels, images);
    await eventually(async () => (await tiles(page)).map((caption) => caption[0])).toEqual(["7", "1"]);
    await press(page, "Bring back");
    await eventually(async () => (await tiles(page)).length).toBe(4);
    await choose(images);
    await page.getByText(/^Found my-digits-images\.idx3-ubyte\. Choose two IDX files/).waitFor();
    await choose(images, { ...labels, buffer: Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 4]) });
    await page.getByText(/holds 2 images, .* 1 labels/).waitFor();
    // More than a function takes arguments.
    const count = 200_000;
    const pixels = new Uint8Array(count);
    await choose(
      { ...images, buffer: Buffer.from(encodeImages({ count, rows: 1, columns: 1, pixels })) },
      { ...labels, buffer: Buffer.from(encodeLabels(pixels.fill(9))) },
    );
    await page.getByText(/holds images of 1x1, .* labels up to 9\. Expected digits of 28x28/).waitFor();
    expect((await tiles(page)).length).toBe(4);
  });
});
