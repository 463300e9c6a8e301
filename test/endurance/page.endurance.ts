import type { Browser, CDPSession, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { report } from "../faults/reliability.ts";
import { press, setField, steps } from "../helpers/app.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { ServedApp } from "../helpers/served-app.ts";
import { growthOf, type Point } from "./slope.ts";

/* What the page takes while it trains for an hour, and makes networks of several sizes anew. MINUTES is for how long, where there is less time. */

const minutes = Number(process.env.MINUTES ?? 60);
const readings = 60;
const resets = 20;

const served = new ServedApp();
let browser: Browser;
beforeAll(async () => {
  await served.start();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  served.stop();
});

async function open(query: string): Promise<{ page: Page; session: CDPSession }> {
  const page = await (await browser.newContext({ locale: "en-US" })).newPage();
  await page.goto(`${served.address}?dataset=synthetic&limit=2000&${query}`);
  await page.locator("#page").waitFor({ timeout: 60_000 });
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await session.send("HeapProfiler.enable");
  return { page, session };
}

/** What the page takes after a collection of garbage: its heap in MB, its nodes, its listeners. */
async function taken(session: CDPSession) {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name: string) => metrics.find((metric) => metric.name === name)!.value;
  return {
    heap: value("JSHeapUsedSize") / 2 ** 20,
    nodes: value("Nodes"),
    listeners: value("JSEventListeners"),
  };
}

type Taken = Awaited<ReturnType<typeof taken>>;

/** Growth of each, and its error; throws if it is more than it should be. */
function growths(all: readonly (readonly [number, Taken])[], most: Taken): Record<string, number> {
  const names = ["heap", "nodes", "listeners"] as const;
  const found = names.map((name) => {
    const points = all.map(([at, values]): Point => [at, values[name]]);
    const { growth, error } = growthOf(points);
    expect(growth - 2 * error, `growth of ${name}, +- ${error}`).toBeLessThan(most[name]);
    const unit = name === "heap" ? "heap, MB" : name;
    return [
      [unit, growth],
      [`+- ${unit}`, error],
    ];
  });
  return Object.fromEntries(found.flat());
}

test("a training that goes on and on", async () => {
  const { page, session } = await open("epochs=100000");
  await press(page, "Train");
  const all: [number, Taken][] = [];
  for (let reading = 0; reading < readings; reading++) {
    await page.waitForTimeout((minutes * 60_000) / readings);
    all.push([reading, await taken(session)]);
  }
  const tried = await steps(page);
  await page.context().close();
  await report("page-endurance", `training for ${minutes} minutes, steps`, {
    tried,
    ...growths(all, { heap: 8, nodes: 200, listeners: 100 }),
  });
});

test("networks of several sizes, made anew", async () => {
  const { page, session } = await open("epochs=1");
  const all: [number, Taken][] = [];
  for (let reset = 0; reset < resets; reset++) {
    await setField(page, "Hidden layers", ["12", "300, 40", "none", "64"][reset % 4]);
    await expect.poll(() => steps(page), { timeout: 60_000 }).toBe(0);
    await press(page, "Step");
    await expect.poll(() => steps(page), { timeout: 60_000 }).toBe(1);
    all.push([reset, await taken(session)]);
  }
  await page.context().close();
  // Networks that were trained stay, to be brought back, each with a row in the list of runs.
  await report("page-endurance", "networks made anew", {
    tried: resets,
    ...growths(all, { heap: 30, nodes: 600, listeners: 200 }),
  });
});
