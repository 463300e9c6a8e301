import type { Browser, BrowserContextOptions, JSHandle, Locator, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchBrowser } from "./browser.ts";
import { ServedApp } from "./served-app.ts";

/** What the tests of a file use of the built app: one server, one browser. */
export interface App {
  /** The folder that the app was built into. */
  readonly folder: string;
  readonly browser: Browser;
  /** Address of the page: below a path, as on a project's pages of a public host. */
  readonly address: string;
  /** What the server has under `data/mnist/`, by file name; cleared after each test. */
  readonly data: Map<string, Uint8Array>;
  /** What the page complained of since the last test: must be empty at the end of each. */
  readonly problems: string[];
  /** Paths below the page that were asked for since the last test. */
  readonly requests: string[];
  /** Opens the page with a query. */
  open(query?: string, options?: OpenOptions): Promise<Page>;
}

export interface OpenOptions {
  readonly context?: BrowserContextOptions;
  /** A page whose browser profile it shares. */
  readonly beside?: Page;
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
  /** Where to open it, if not at `address`. */
  readonly address?: string;
  /** Do not wait until the network is there. */
  readonly failing?: boolean;
}

/** The smallest run that is worth looking at: 2000 built-in digits. */
export const small = "dataset=synthetic&limit=2000";
/** On the GPU, by the kernels that software adapters compile in the least time. */
export const quick = `${small}&kernels=portable`;
/** For tests to which it does not matter what computes: the reference starts without compiling kernels. */
export const quickest = `${small}&backend=cpu`;
/** For those to which the number of images does not matter either: a quarter of them, in as many steps. */
export const least = "dataset=synthetic&limit=500&batchSize=16&backend=cpu";

/** Serves and browses the app for the tests of a file. */
export function useApp(): App {
  const served = new ServedApp();
  const { data, requests } = served;
  const pages: Page[] = [];
  const problems: string[] = [];
  let browser: Browser;

  beforeAll(async () => {
    await served.start();
    browser = await launchBrowser();
  });

  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    data.clear();
    requests.length = 0;
    expect(problems.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    served.stop();
  });

  return {
    get folder() {
      return served.folder;
    },
    data,
    problems,
    requests,
    get browser() {
      return browser;
    },
    get address() {
      return served.address;
    },
    async open(query = quick, { context, beside, before, address = served.address, failing = false } = {}) {
      // The carried browser takes its language from the environment, where there may be none.
      const profile = beside?.context() ?? (await browser.newContext({ locale: "en-US", ...context }));
      const page = await profile.newPage();
      pages.push(page);
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => {
        // A file that is not there is an error for the console alone.
        if (message.type() === "error" && !message.text().includes("404")) problems.push(message.text());
      });
      if (before) await page.addInitScript(before);
      await page.goto(query ? `${address}?${query}` : address);
      if (!failing) await page.locator("#page").waitFor({ timeout: 30_000 });
      return page;
    },
  };
}

/** A button by its name. */
export function press(page: Page, name: string): Promise<void> {
  return page.getByRole("button", { name, exact: true }).click();
}

/** Points of the pad, from 0 at its left and top to 1. */
export type Points = readonly (readonly [x: number, y: number])[];

/** Draws a line through points of the pad with the mouse. @param moves of the mouse, from each point to the next */
export async function draw(page: Page, points: Points, moves = 5): Promise<void> {
  const pad = page.locator("#pad canvas");
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const at = ([x, y]: Points[number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: moves });
  await page.mouse.up();
}

/** Shows the settings that are out of the way. */
export function openMore(page: Page): Promise<void> {
  return page.locator("details.more").evaluate((details) => details.setAttribute("open", ""));
}

/** Types into a field of the settings. */
export async function setField(page: Page, label: string, value: string): Promise<void> {
  await openMore(page);
  const field = page.getByRole("textbox", { name: label });
  await field.fill(value);
  await field.press("Enter");
}

/** The text of an element as a person sees it; waits until it is there. */
export async function text(locator: Locator): Promise<string> {
  await locator.first().waitFor({ state: "attached" });
  return (await locator.allInnerTexts()).join("\n");
}

/** All that the page has told and nobody dismissed. */
export function toasts(page: Page): Promise<string> {
  return text(page.locator("#toasts"));
}

/** The figure with this title beside the buttons. */
export async function figure(page: Page, title: string): Promise<string> {
  const row = page.locator("#readouts > div").filter({ has: page.getByText(title, { exact: true }) });
  return text(row.locator("dd"));
}

/** An expectation of what will be true in a while: the page draws when it has time, adapters may be slow, and machines busy. */
export function eventually<T>(value: () => T | Promise<T>) {
  return expect.poll(value, { timeout: 60_000, interval: 100 });
}

/** Steps that were trained. */
export async function steps(page: Page): Promise<number> {
  return Number((await figure(page, "Step")).replaceAll(",", ""));
}

/**
 * Has the page do something once it shows more than so many steps: from outside that may come when all are made.
 * @param act a function of the page
 */
export function afterSteps(page: Page, made: number, act: JSHandle<() => void>): Promise<void> {
  return page.evaluate(
    ({ made, act }) => {
      const terms = [...document.querySelectorAll("#readouts dt")];
      const term = terms.find(({ textContent }) => textContent === "Step")!;
      const step = term.parentElement!.querySelector("dd")!;
      const observer = new MutationObserver(() => {
        if (Number(step.textContent.replaceAll(",", "")) <= made) return;
        observer.disconnect();
        act();
      });
      observer.observe(step, { childList: true, characterData: true, subtree: true });
    },
    { made, act },
  );
}

/** Waits until training rests, and the test figures of the weights as they are then are there. */
export async function rested(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await openNumbers(page);
  const caughtUp = async () => {
    const [epochs, all, last] = [await rows(page, "Epochs"), await rows(page, "Steps"), await steps(page)];
    return Number(epochs.at(-1)?.[1] ?? -1) === last && Number(all.at(-1)?.[0] ?? 0) === last;
  };
  await eventually(caughtUp).toBe(true);
}

/** Waits until what the page is about to draw is drawn: it rests between drawings. */
export async function drawn(page: Page): Promise<void> {
  const restMs = 550;
  await page.evaluate(
    (ms) =>
      new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), ms)),
    restMs,
  );
}

/** Shows the tables, which are filled only while they are open. */
export async function openNumbers(page: Page): Promise<void> {
  const details = page.locator("#numbers");
  if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
}

/** The cells of a table with this caption, all digits of their numbers. */
export function rows(page: Page, caption: string): Promise<string[][]> {
  return page.locator("#numbers table").evaluateAll((tables, caption) => {
    const table = tables.find((table) => table.querySelector("caption")?.textContent?.startsWith(caption));
    return [...(table?.querySelectorAll("tbody tr") ?? [])].map((row) =>
      [...row.children].map((cell) => cell.querySelector("data")?.value ?? cell.textContent ?? ""),
    );
  }, caption);
}

/** The probabilities beside the bars, in percent; empty for nothing on the pad. */
export function percentages(page: Page): Promise<number[]> {
  return page
    .locator(".bars .amount")
    .evaluateAll((cells) =>
      cells.flatMap(({ textContent }) => (textContent ? [Number.parseFloat(textContent)] : [])),
    );
}
