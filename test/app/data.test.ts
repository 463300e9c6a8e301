import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { press, text, useApp } from "../helpers/app.ts";
import { mnistFolder } from "../helpers/mnist.ts";

const app = useApp();

const notices = (page: Page) => text(page.locator("#notices"));
const facts = (page: Page) => text(page.locator("#facts"));
const files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map(
  (name) => `${name}-ubyte.gz`,
);

describe("the data of the page", () => {
  test("is the built-in digits where MNIST is not, and the page says so", async () => {
    const page = await app.open("limit=500&backend=cpu");
    expect(await notices(page)).toContain(
      "MNIST is not on this server. This page trains on its built-in digits",
    );
    expect(await facts(page)).toContain("built-in digits, 500 + 10,000 images");
  });

  test("is the built-in digits where a file is not MNIST's, with the reason", async () => {
    for (const file of files) app.data.set(file, new Uint8Array(100));
    const page = await app.open("limit=500&backend=cpu");
    expect(await notices(page)).toMatch(/train-images-idx3-ubyte\.gz holds 100 bytes, expected 47040016/);
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
    expect(await notices(page)).toMatch(
      /is not on this server\. Put the four packed files of Fashion-MNIST into data\/fashion-mnist beside the page\./,
    );
    expect(await facts(page)).toContain("built-in digits, 500");
  });

  test("a choice that cannot be had leaves the network and its data alone", async () => {
    const page = await app.open("dataset=synthetic&limit=500&backend=cpu");
    await page.getByRole("combobox", { name: "Data" }).selectOption("mnist");
    await page.getByRole("alert").waitFor();
    expect(await notices(page)).toContain("is not on this server");
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
    expect(await notices(page)).toBe("");
    const fetched = app.requests.filter((path) => path.startsWith("data/"));
    expect(fetched).toEqual(files.map((file) => `data/mnist/${file}`));
    app.requests.length = 0;
    await page.reload();
    await page.locator("#page").waitFor();
    expect(await facts(page)).toContain("MNIST");
    expect(app.requests.filter((path) => path.startsWith("data/"))).toEqual([]);
  });
});
