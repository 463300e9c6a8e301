import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { beforeEach, describe, expect, test } from "vitest";
import { shownClass } from "../../src/app/views/class-name.ts";
import { initialise } from "../../src/model/initialise.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import { eventually, openMore, press, steps, text, toasts, useApp } from "../helpers/app.ts";
import { autosaved } from "../helpers/autosaved.ts";
import { csvOf, npyOf, pngOf, sample, zipOf } from "../helpers/data-files.ts";
import { mnistFolder } from "../helpers/mnist.ts";

const app = useApp();

const facts = (page: Page) => text(page.locator("#facts"));
const files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map(
  (name) => `${name}-ubyte.gz`,
);

describe("the data of the page", () => {
  test("is the built-in digits where MNIST is not, and the page says so", async () => {
    const page = await app.open("limit=500&backend=cpu");
    await eventually(() => toasts(page)).toContain(
      "MNIST is not on this server. This page trains on its built-in digits",
    );
    expect(await facts(page)).toContain("built-in digits, 500 + 2,000 images");
  });

  test("is the built-in digits where a file is not MNIST's, with the reason", async () => {
    for (const file of files) app.data.set(file, new Uint8Array(100));
    const page = await app.open("limit=500&backend=cpu");
    await eventually(() => toasts(page)).toMatch(
      /train-images-idx3-ubyte\.gz holds 100 bytes, expected 47040016/,
    );
    expect(await facts(page)).toContain("built-in digits");
  });

  test("has a screen where a link asks for MNIST and it cannot be had", async () => {
    const page = await app.open("dataset=mnist&limit=500&backend=cpu", { failing: true });
    await page.locator("#screen").waitFor();
    expect(await text(page.locator("#screen"))).toMatch(/MNIST cannot be loaded.*is not on this server/s);
    await press(page, "Use the built-in digits");
    await page.locator("#page").waitFor();
    expect(await facts(page)).toContain("built-in digits");
  });

  test("has a sentence for a data set that is not there, with its name and place", async () => {
    const page = await app.open("dataset=synthetic&limit=500&backend=cpu");
    await page.getByRole("combobox", { name: "Data" }).selectOption("fashion-mnist");
    await page.getByRole("alert").waitFor();
    await eventually(() => toasts(page)).toMatch(
      /is not on this server\. Put the four packed files of Fashion-MNIST into data\/fashion-mnist beside the page\./,
    );
    expect(await facts(page)).toContain("built-in digits, 500");
  });

  test("a choice that cannot be had leaves the network and its data alone", async () => {
    const page = await app.open("dataset=synthetic&limit=500&backend=cpu");
    await page.getByRole("combobox", { name: "Data" }).selectOption("mnist");
    await page.getByRole("alert").waitFor();
    await eventually(() => toasts(page)).toContain("is not on this server");
    expect(await page.getByRole("combobox", { name: "Data" }).inputValue()).toBe("synthetic");
    expect(await facts(page)).toContain("built-in digits, 500");
  });
});

describe("MNIST", () => {
  test("is fetched once, and kept by the browser", async () => {
    const folder = await mnistFolder();
    for (const file of files)
      app.data.set(file, gzipSync(await readFile(join(folder, file.replace(".gz", ""))), { level: 1 }));
    const page = await app.open("dataset=auto&backend=cpu");
    expect(await facts(page)).toContain("MNIST, 60,000 + 10,000 images");
    expect(await toasts(page)).toBe("");
    const fetched = app.requests.filter((path) => path.startsWith("data/"));
    expect(fetched).toEqual(files.map((file) => `data/mnist/${file}`));
    app.requests.length = 0;
    await page.reload();
    await page.locator("#page").waitFor();
    expect(await facts(page)).toContain("MNIST");
    expect(app.requests.filter((path) => path.startsWith("data/"))).toEqual([]);
  });
});

test("a name from right to left is isolated from what stands around it, and no other is changed", () => {
  const classNames = ["عربي", "bag"];
  expect([0, 1, 2].map((label) => shownClass({ classNames }, label))).toEqual([
    "\u2068عربي\u2069",
    "bag",
    "2",
  ]);
});

describe("data of one's own", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "app-data-test-"));
    return () => rm(folder, { recursive: true, force: true });
  });

  /** Writes files below the folder; the path of what is named first. */
  async function put(files: Readonly<Record<string, Uint8Array | string>>, first: string): Promise<string> {
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    return join(folder, first);
  }

  /** Pictures in folders named for their classes. */
  const pictures = (place: string, count: number, names: readonly string[]) => {
    const split = sample(count, { rows: 4, columns: 3, classes: names.length });
    const all = Array.from(
      split.labels,
      (label, index) => [`${place}/${names[label]}/${index}.png`, pngOf(split, index)] as const,
    );
    return Object.fromEntries(all);
  };

  /** Opens what lies at a path with one of the panel's buttons. */
  async function choose(page: Page, button: string, ...paths: string[]): Promise<void> {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, button)]);
    await chooser.setFiles(button.includes("folder") ? paths[0] : paths);
  }

  /**
   * Drops files and folders on the page, as the browser itself does, once the page has said that it would take them, while
   * what lies there is drawn anew, as much of the page often is; before that they are dragged over it and away again.
   */
  async function drop(page: Page, ...files: string[]): Promise<void> {
    const [x, y] = [300, 200];
    const outside = { x: -1, y: -1 };
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files, dragOperationsMask: 1 };
    const drag = (type: "dragEnter" | "dragOver" | "drop", place = { x, y }) =>
      session.send("Input.dispatchDragEvent", { type, ...place, data });
    const hint = page.locator(".drop-hint");
    const dragOver = async () => {
      await drag("dragEnter");
      await eventually(async () => {
        await drag("dragOver");
        return hint.isVisible();
      }).toBe(true);
      await drag("dragOver");
    };
    await dragOver();
    await drag("dragEnter", outside);
    await hint.waitFor({ state: "hidden" });
    await dragOver();
    await page.evaluate(
      ([x, y]) => {
        const drawn = document.elementsFromPoint(x, y).find((element) => !element.matches(".drop-hint"))!;
        drawn.replaceWith(drawn.cloneNode(true));
      },
      [x, y] as const,
    );
    await drag("drop");
    await hint.waitFor({ state: "hidden" });
  }

  const small = "dataset=synthetic&limit=500&backend=cpu&batchSize=4";
  const data = (page: Page) => page.getByRole("combobox", { name: "Data", exact: true });
  const chosen = (page: Page) =>
    data(page).evaluate((list: HTMLSelectElement) => list.selectedOptions[0].text);

  test("is a folder of pictures: its classes have names everywhere, and it is there until another is chosen", async () => {
    const names = ["ankle boot", "bag", "coat of several colours, kleingartenvereinsvorsitzendenversammlung"];
    const files = { ...pictures("clothes/train", 12, names), ...pictures("clothes/test", 6, names) };
    const path = await put({ ...files, "clothes/notes.txt": "" }, "clothes");
    const page = await app.open(small);
    await choose(page, "Open a folder of your own", path);
    await eventually(() => facts(page)).toContain("clothes, 12 + 6 images");
    expect(await facts(page)).toContain("network 12-10-3");
    await eventually(() => toasts(page)).toContain("The data is clothes: 12 training and 6 test images.");
    expect(await chosen(page)).toBe("clothes");
    await eventually(() => text(page.locator("#confusion thead"))).toMatch(/ankle boot\s+bag\s+coat of/);
    const rows = page.locator("#confusion tbody th");
    expect(await rows.allInnerTexts()).toEqual(names);
    expect(await page.locator("#reading .bars th").allInnerTexts()).toEqual(names);
    expect(await text(page.locator("#reading"))).toContain("test image 0, labelled ");
    await eventually(() => text(page.locator("#mistakes"))).toMatch(
      /(ankle boot|bag|coat of .*) → (ankle boot|bag|coat of .*)/,
    );

    // However long they are, in no stage of a step do they lie over anything, or make the page wider.
    await press(page, "Step");
    await page.locator("#step-story .sample").first().waitFor();
    for (let stage = 1; stage <= 8; stage++) {
      if (stage > 1) await press(page, "Next");
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${stage}`).toBe(width);
        const covered = await page.locator("#step-story .sample").evaluateAll((samples) =>
          samples.map((sample) => {
            const [name, loss] = ["[class^=verdict]", "data"].map((part) =>
              sample.querySelector(part)!.getBoundingClientRect(),
            );
            return name.right > loss.left && name.bottom > loss.top && loss.right > name.left;
          }),
        );
        expect(covered).not.toContain(true);
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 });

    await page.getByRole("textbox", { name: "Hidden layers" }).fill("7");
    await page.keyboard.press("Enter");
    await eventually(() => facts(page)).toContain("network 12-7-3");
    expect(await chosen(page)).toBe("clothes");
    await data(page).selectOption("synthetic");
    await eventually(() => facts(page)).toContain("built-in digits, 500");
    expect(await chosen(page)).toBe("synthetic");
    expect(await data(page).locator("option").allInnerTexts()).not.toContain("clothes");
  });

  test("is called by its name, however long that is, and so is a model", async () => {
    const page = await app.open(small);
    const long = "handwriting_samples_of_class_7b_collected_in_december_".repeat(3);
    const give = async (button: string, name: string, bytes: Uint8Array | string) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, button)]);
      await chooser.setFiles({ name, mimeType: "text/plain", buffer: Buffer.from(bytes) });
    };
    await give("Open files of your own", `${long}.csv`, csvOf(sample(70)));
    await eventually(() => facts(page)).toContain(long);
    const metadata = new Map([["config", JSON.stringify({ activation: "relu" })]]);
    const model = { parameters: initialise([9, 10, 3], "zeros", 1), metadata };
    await give("Load model", `${long}.safetensors`, encodeModel(model));
    await eventually(() => text(page.locator("#runs .run").first())).toContain(long);
    await press(page, "Reset");
    await page.locator("#runs").getByRole("button", { name: "Bring back run 1" }).waitFor();
    await page.setViewportSize({ width: 360, height: 700 });
    for (const view of ["Network", "Settings", "Charts", "Data"]) {
      await page.getByRole("navigation").getByRole("button", { name: view, exact: true }).click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBe(360);
    }
  });

  test("is dropped on the page: files, an archive, a folder; oddities are remarked on", async () => {
    const [train, test] = [sample(14), sample(6, { first: 3 })];
    const array = (shape: number[], bytes: Uint8Array) => npyOf("|u1", shape, bytes);
    const npz = zipOf({
      "x_train.npy": array([14, 3, 3], train.pixels),
      "y_train.npy": array([14], train.labels),
      "x_test.npy": array(
        [6, 3, 3],
        test.pixels.map((byte) => byte >> 5),
      ),
      "y_test.npy": array([6], test.labels),
    });
    await put({ "train.csv": csvOf(train), "test.csv": csvOf(test), "some.npz": npz }, "");
    await put({ "in/deep/one.csv": csvOf({ ...train, pixels: train.pixels.map((byte) => byte >> 5) }) }, "");
    const page = await app.open(small);
    await drop(page, join(folder, "train.csv"), join(folder, "test.csv"));
    await eventually(() => facts(page)).toContain("your files, 14 + 6 images");
    await drop(page, join(folder, "some.npz"));
    await eventually(() => facts(page)).toContain("some, 14 + 6 images");
    await drop(page, join(folder, "in"));
    await eventually(() => facts(page)).toContain("in, 12 + 2 images");
    await eventually(() => toasts(page)).toContain("2 of the 14 training images are set apart for the test");
    await eventually(() => toasts(page)).toContain("in: the largest byte of its training images is 7");
  });

  test("is refused with what was found, and the network and its data stay", async () => {
    await put({ "odd/b.txt": "", "odd/a.doc": "", "train.csv": csvOf(sample(8)).replace(/,\d+\n$/, "") }, "");
    const page = await app.open(small);
    await drop(page, join(folder, "odd"));
    await page.getByRole("alert").waitFor();
    await eventually(() => toasts(page)).toContain(
      "odd: found a.doc, b.txt: no data set. Expected IDX files",
    );
    await mkdir(join(folder, "empty"));
    await drop(page, join(folder, "empty"));
    await eventually(() => toasts(page)).toContain("empty: there is nothing in it. Expected IDX files");
    await choose(page, "Open files of your own", join(folder, "train.csv"));
    await eventually(() => toasts(page)).toContain("train.csv, line 8: it has 9 values, expected 10");
    expect(await facts(page)).toContain("built-in digits, 500");
    expect(await chosen(page)).toBe("synthetic");
    await press(page, "Step");
    await eventually(() => steps(page)).toBe(1);
  });

  test("is asked for again after a reload, and training goes on", async () => {
    const path = await put({ "drawn.csv": csvOf(sample(70)), "other.csv": csvOf(sample(63)) }, "drawn.csv");
    const page = await app.open(small);
    await choose(page, "Open files of your own", path);
    await eventually(() => facts(page)).toContain("drawn, 60 + 10 images");
    // The test images are the same ones, whatever the seed.
    await openMore(page);
    await page.getByRole("textbox", { name: "Seed" }).fill("5");
    await page.keyboard.press("Enter");
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(15);
    await eventually(async () => (await autosaved(page, app.address))?.last).toBe(15);
    await page.reload();
    await page.locator("#page").waitFor();
    await eventually(() => toasts(page)).toContain(
      "It was trained on your own data: open drawn again to go on.",
    );
    await choose(page, "Open the files", join(folder, "other.csv"));
    await eventually(() => toasts(page)).toContain("Open what it was trained on.");
    await choose(page, "Open the files", path);
    await eventually(() => steps(page)).toBeGreaterThan(15);
    expect(await facts(page)).toContain("drawn, 60 + 10 images");
  });
});
