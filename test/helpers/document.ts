import { pathToFileURL } from "node:url";
import type { Browser } from "@playwright/test";
import { expect } from "vitest";
import { violationsIn } from "./axe.ts";

/** The page's paper in each colour scheme: without its style sheet it would be the browser's own. */
const papers = { light: "rgb(247, 245, 241)", dark: "rgb(20, 21, 23)" } as const;

/** Expects of a document in a file that it fits a window, loads nothing, has its style, complains of nothing and is accessible. */
export async function expectDocument(
  browser: Browser,
  file: string,
  { width, colorScheme }: { readonly width: number; readonly colorScheme: keyof typeof papers },
): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("request", (request) => requests.push(request.url()));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  expect(requests.filter((url) => !url.startsWith("data:"))).toEqual([address]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
    papers[colorScheme],
  );
  expect(await violationsIn(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
}
