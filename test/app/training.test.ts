import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { presetHelp, presets } from "../../src/model/presets.ts";
import { withOptimizersOf } from "../../src/model/setting-effects.ts";
import {
  drawn,
  eventually,
  figure,
  openMore,
  press,
  quick,
  quickest,
  rested,
  rows,
  setField,
  steps,
  text,
  useApp,
} from "../helpers/app.ts";
import { type Frames, hideable } from "../helpers/frames.ts";

const app = useApp();

/** Runs in the page before its scripts: between `hold()` and `release()` nothing that the GPU computes comes back; `awaited()` submissions of steps. */
function holdResults(): void {
  const { mapAsync } = GPUBuffer.prototype;
  let held: Promise<void> | undefined;
  let release = () => {};
  let awaited = 0;
  GPUBuffer.prototype.mapAsync = async function (...range) {
    const steps = Number(this.label.endsWith("metrics of steps"));
    awaited += steps;
    await mapAsync.apply(this, range);
    await held;
    awaited -= steps;
    return undefined;
  };
  const hold = () => {
    held = new Promise((resolve) => {
      release = resolve;
    });
  };
  Object.assign(globalThis, { hold, release: () => release(), awaited: () => awaited });
}

describe("training in the page", () => {
  test("reaches 90% test accuracy on the built-in digits, and fills every view", async () => {
    const page = await app.open(
      "dataset=synthetic&limit=20000&hidden=64&learningRate=0.5&batchSize=32&initialiser=glorot-uniform&epochs=5",
    );
    await expect(page.locator("#facts").textContent()).resolves.toContain("software adapter");
    const before = await page.locator("#weights canvas").screenshot();
    await press(page, "Train");
    const accuracy = async () => Number((await figure(page, "Test accuracy")).match(/[\d.]+(?=%)/));
    await eventually(accuracy).toBeGreaterThan(90);
    expect(await page.locator("#weights canvas").screenshot()).not.toEqual(before);
    expect(await page.locator(".matrix tbody tr").count()).toBe(10);
    expect(await page.locator("#mistakes .tile").count()).toBe(30);
  }, 90_000);

  test("says how many kernels are ready, on an adapter that compiles them at their first use", async () => {
    const page = await app.open(quick, {
      before: () => {
        // Answers come as late as if each kernel had taken 0.7 s.
        const { onSubmittedWorkDone: done } = GPUQueue.prototype;
        let kernels = 0;
        GPUQueue.prototype.onSubmittedWorkDone = async function () {
          const ms = 700 * ++kernels;
          await done.call(this);
          await new Promise((resolve) => setTimeout(resolve, ms));
          return undefined;
        };
      },
    });
    await rested(page);
    await press(page, "Train");
    await eventually(() => text(page.locator("#status"))).toMatch(/compiles the kernels: \d of \d are ready/);
    expect(await steps(page)).toBe(0);
    await eventually(() => steps(page)).toBeGreaterThan(0);
    await eventually(() => page.locator("#status").isVisible()).toBe(false);
  });

  test("pauses, steps, runs an epoch and begins anew from the same seed", async () => {
    const page = await app.open();
    await rested(page);
    const untrained = (await rows(page, "Epochs"))[0];
    await press(page, "Step");
    await eventually(() => steps(page)).toBe(1);
    await press(page, "Step");
    await eventually(() => steps(page)).toBe(2);
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32); // 2000 images are 31 batches of 64 and a short one
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(100);
    await press(page, "Pause");
    await rested(page);
    await drawn(page);
    const paused = await steps(page);
    await page.waitForTimeout(300);
    expect(await steps(page)).toBe(paused);
    await press(page, "Reset");
    await eventually(() => steps(page)).toBe(0);
    await rested(page);
    expect((await rows(page, "Epochs"))[0]).toEqual(untrained);
    // The run before stays for comparison.
    expect(await rows(page, "Runs")).toHaveLength(2);
  });

  test("a shared link reproduces the loss curve to the last bit, however often one pauses", async () => {
    const first = await app.open(`${quick}&hidden=12&seed=77&learningRate=0.3&epochs=2`, {
      context: { permissions: ["clipboard-read", "clipboard-write"] },
    });
    await press(first, "Train");
    await eventually(() => steps(first)).toBe(64);
    await press(first, "Share link");
    await eventually(() => first.locator("#toasts").textContent()).toContain("The link is copied");
    const link = new URL(await first.evaluate(() => navigator.clipboard.readText()));
    await rested(first);
    const curve = await rows(first, "Steps");
    const second = await app.open(link.search.slice(1));
    for (let step = 1; step <= 5; step++) {
      await press(second, "Step");
      await eventually(() => steps(second)).toBe(step);
    }
    await press(second, "Train");
    await eventually(() => steps(second)).toBe(64);
    await rested(second);
    expect(curve).toHaveLength(64);
    expect(await rows(second, "Steps")).toEqual(curve);
    expect(await rows(second, "Epochs")).toContainEqual((await rows(first, "Epochs")).at(-1));
  });

  test("the learning rate changes in flight, the number of layers begins anew", async () => {
    const page = await app.open(`${quick}&learningRate=0.5&epochs=10000`, { before: holdResults });
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(64);
    await page.evaluate("hold()");
    // No more is submitted once as much is under way as may be.
    let awaited = 0;
    await eventually(async () => {
      const before = awaited;
      await drawn(page);
      awaited = await page.evaluate<number>("awaited()");
      return awaited > 0 && awaited === before;
    }).toBe(true);
    const changedAt = await steps(page);
    await setField(page, "Learning rate", "1e-30");
    await page.evaluate("release()");
    await eventually(() => steps(page)).toBeGreaterThan(changedAt + 6 * 64);
    await press(page, "Pause");
    await rested(page);
    expect(await page.evaluate(() => location.search)).toContain("learningRate=1e-30");
    const [changed] = (await rows(page, "Steps")).find(([, , , rate]) => Number(rate) === 1e-30)!;
    // In force with the next submission: none of those under way goes beyond an epoch's 32 steps.
    expect(Number(changed)).toBeGreaterThan(changedAt);
    expect(Number(changed)).toBeLessThanOrEqual(changedAt + awaited * 32 + 1);
    const tests = (await rows(page, "Epochs")).filter(([, step]) => Number(step) >= Number(changed));
    expect(tests.length).toBeGreaterThan(1);
    // With next to no learning rate the weights, and so the test loss, no longer move.
    expect(new Set(tests.map((row) => row[4])).size).toBe(1);
    await setField(page, "Hidden layers", "16,12");
    await eventually(() => page.locator("#facts").textContent()).toContain("784-16-12-10");
    expect(await steps(page)).toBe(0);
  });
});

describe("what begins anew", () => {
  const headline = (page: Page) => figure(page, "Test accuracy");

  test("has no figures of the network before, says what is under way, and can be taken back", async () => {
    const page = await app.open(`${quickest}&epochs=2`);
    await press(page, "Train");
    await eventually(() => steps(page)).toBe(64);
    await rested(page);
    await eventually(() => headline(page)).toMatch(/^reads \d+ of 100\n[\d.]+% of 2,000 images$/);
    const before = [await headline(page), await rows(page, "Epochs"), await rows(page, "Steps")];
    // Pressed again, it says why nothing happens.
    await press(page, "Train");
    await page.getByText("Training is finished: 2 epochs are done.").waitFor();
    // Both are there in the end, and in the fields meanwhile.
    await setField(page, "Hidden layers", "14");
    await setField(page, "Batch size", "50");
    expect(await page.getByRole("textbox", { name: "Hidden layers" }).inputValue()).toBe("14");
    await eventually(() => text(page.locator("#facts"))).toContain("784-14-10");
    await eventually(() => page.evaluate(() => location.search)).toMatch(/hidden=14.*batchSize=50/);
    await rested(page);
    await eventually(() => headline(page)).toMatch(/^reads \d+ of 100\n10\.\d+% of 2,000 images$/);
    expect(await rows(page, "Steps")).toEqual([]);
    await page.getByRole("img", { name: /^Loss: test [\d.]+ at step 0$/ }).waitFor();
    await page.locator("h1").click();
    await page.keyboard.press("r");
    await eventually(() => text(page.locator("#facts"))).toContain("784-10-10");
    await rested(page);
    const figures = async () => [await headline(page), await rows(page, "Epochs"), await rows(page, "Steps")];
    await eventually(figures).toEqual(before);
    await press(page, "Reset");
    await eventually(() => steps(page)).toBe(0);
    // What tells the runs apart, as it is now.
    await setField(page, "Learning rate", "0.3");
    await eventually(() => text(page.locator("#runs .run").nth(1))).toContain("; learning rate 0.1");
    await eventually(async () => (await rows(page, "Runs")).map((row) => row[2])).toEqual(["0.3", "0.1"]);
    await page.locator("#toasts").getByRole("button", { name: "Bring back run 1" }).click();
    await eventually(() => steps(page)).toBe(64);
    // More epochs are offered until there are more.
    await press(page, "Train");
    const more = page.getByRole("button", { name: "Train 2 more epochs" });
    await more.waitFor();
    await setField(page, "Epochs", "3");
    await more.waitFor({ state: "detached" });
    await press(page, "Train");
    await eventually(() => steps(page)).toBe(96);
    // They begin where training has come to, whatever was asked for since.
    await rested(page);
    await setField(page, "Epochs", "1");
    await press(page, "Train");
    await press(page, "Train 1 more epoch");
    await eventually(() => steps(page)).toBe(128);
  });
});

describe("presets", () => {
  const chosen = (page: Page) => page.locator(".card[aria-pressed='true']").allInnerTexts();

  test("set what belongs to them, leave the rest, and show until a setting of theirs is changed", async () => {
    const page = await app.open(`${quickest}&seed=77`);
    expect(await chosen(page)).toEqual([expect.stringContaining("Article")]);
    const card = page.getByRole("button", { name: /^Quick/ });
    expect(await text(card)).toMatch(/98\.28%\s+784-128-10, 5 epochs, 20 s on two CPU cores/);
    await page.evaluate(() => {
      const announcer = document.querySelector("#announcer")!;
      const said: string[] = [];
      new MutationObserver(() => said.push(announcer.textContent)).observe(announcer, { childList: true });
      Object.assign(window, { said });
    });
    const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
    await card.click();
    await eventually(() => page.locator("#facts").textContent()).toContain("784-128-10");
    expect(await card.getAttribute("title")).toBe(presetHelp("quick"));
    const query = new URLSearchParams(await page.evaluate(() => location.search));
    const { optimizer, schedule } = presets.quick.config;
    expect(Object.fromEntries(query)).toMatchObject({ seed: "77", limit: "2000", optimizer, schedule });
    expect(await chosen(page)).toEqual([expect.stringContaining("Quick")]);
    await eventually(said).toContain(`Quick: ${presetHelp("quick")} The network begins anew.`);
    await card.click();
    await eventually(said).toContain(`Quick: ${presetHelp("quick")}`);
    // A slider that comes back to where it was: some browsers tell of no change.
    await page.getByRole("slider", { name: /^Learning rate/ }).evaluate((slider: HTMLInputElement) => {
      const before = slider.value;
      for (const value of ["0", before]) {
        slider.value = value;
        slider.dispatchEvent(new Event("input"));
      }
      slider.dispatchEvent(new PointerEvent("pointerup"));
    });
    await page.getByRole("button", { name: /^Article/ }).click();
    await eventually(() => page.getByRole("textbox", { name: "Learning rate" }).inputValue()).toBe("0.1");
    await setField(page, "Hidden layers", "16");
    await eventually(() => page.locator("#facts").textContent()).toContain("784-16-10");
    await eventually(() => chosen(page)).toEqual([]);
    await page.getByText("Settings of your own").waitFor();
  });

  test("may be named by the link", async () => {
    const page = await app.open(`${quickest}&preset=quick&hidden=12`);
    expect(await page.locator("#facts").textContent()).toContain("784-12-10");
    const query = new URLSearchParams(await page.evaluate(() => location.search));
    expect(Object.fromEntries(query)).toMatchObject({ hidden: "12", optimizer: "adam", epochs: "5" });
  });
});

describe("settings beyond the article's", () => {
  test("are turned off where they have no effect, with the reason", async () => {
    const page = await app.open(quickest);
    const isOff = (label: string) => page.getByLabel(label, { exact: true }).isDisabled();
    const title = () => page.getByLabel("Beta 2").getAttribute("title");
    for (const label of ["Momentum", "Beta 2", "Decay every", "Decay factor", "Patience", "Keep best"]) {
      expect(await isOff(label), label).toBe(true);
    }
    expect(await isOff("Warm-up")).toBe(false);
    expect(await title()).toContain(`It has an effect only ${withOptimizersOf("beta2").only}.`);
    await openMore(page);
    await page.getByRole("combobox", { name: "Optimizer" }).selectOption("momentum");
    await eventually(() => isOff("Momentum")).toBe(false);
    expect(await isOff("Beta 2")).toBe(true);
    await page.getByRole("combobox", { name: "Optimizer" }).selectOption("adam");
    await eventually(() => isOff("Beta 2")).toBe(false);
    expect(await title()).not.toContain("It has an effect only");
  });

  test("charts can be pointed at while long ones come to have fewer points", async () => {
    const page = await app.open(`${quickest}&hidden=none&batchSize=25&epochs=16`);
    await press(page, "Step");
    await eventually(() => steps(page)).toBe(1);
    const chart = page.locator("#charts .plot").first();
    const { width, height } = (await chart.boundingBox())!;
    await chart.hover({ position: { x: 0.9 * width, y: 0.5 * height } });
    await press(page, "Train");
    await chart.hover({ position: { x: 0.9 * width, y: 0.4 * height } });
    await eventually(() => steps(page)).toBe(1280);
    await page.getByRole("img", { name: /^Loss: .* at step 1,1\d\d$/ }).waitFor();
  });

  test("a schedule shows the learning rate as a chart; a constant one does not", async () => {
    const page = await app.open(`${quickest}&epochs=2&schedule=one-cycle&learningRate=0.00005`);
    await press(page, "Train");
    await eventually(() => steps(page)).toBe(64);
    await rested(page);
    const chart = page.getByRole("img", { name: /^Learning rate: learning rate 5e-9 at step 64/ });
    await chart.waitFor();
    const rates = (await rows(page, "Steps")).map((row) => Number(row[3]));
    expect([rates[0], Math.max(...rates)]).toEqual([expect.closeTo(2e-6, 16), expect.closeTo(5e-5, 6)]);
    // Labels such as 0.00005 have the room that they need, and the table of runs has every digit of it.
    const axis = await chart.locator(".u-over").evaluate((plot: HTMLElement) => plot.offsetLeft);
    expect(axis).toBeGreaterThan(44);
    expect(await text(page.locator("#numbers table").last())).toContain("0.00005");
    const constant = await app.open(`${quickest}&epochs=1`);
    await press(constant, "Train");
    await eventually(() => steps(constant)).toBe(32);
    await rested(constant);
    expect(await constant.getByRole("img", { name: /^Learning rate/ }).count()).toBe(0);
  });

  test("validation images take the test split's place, and it has the last word", async () => {
    const page = await app.open(`${quickest}&epochs=3&validation=400&keepBest=true`);
    await press(page, "Train");
    await eventually(() => steps(page)).toBe(75);
    await rested(page);
    await eventually(() => figure(page, "Validation accuracy")).toMatch(/% of 400 images$/);
    expect(await page.locator("#facts").textContent()).toContain("1,600 + 400 + ");
    expect(await page.locator("#mistakes .hint").textContent()).toContain("of 400 validation digits");
    await eventually(async () => Number((await rows(page, "Runs"))[0][6])).toBeGreaterThan(0.1);
    await page.getByRole("img", { name: /^Accuracy: .*validation \d/ }).waitFor();
    await page.locator("#mistakes .tile").first().click();
    await page.getByText(/validation image \d+, labelled \d/).waitFor();
  });
});

describe("the page while it trains", () => {
  test("needs no animation frames to go on: a hidden page has none", async () => {
    const page = await app.open(`${quick}&epochs=10000`, { before: hideable });
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(0);
    await page.evaluate(() => (window as unknown as Frames).hide());
    // A frame that was asked for before may still draw.
    await eventually(() => page.evaluate(() => (window as unknown as Frames).awaited())).toBe(0);
    const seen = await steps(page);
    await page.waitForTimeout(1000);
    expect(await steps(page)).toBe(seen);
    await page.getByRole("button", { name: "Pause" }).click();
    await page
      .getByRole("status")
      .getByText(/Paused at step/)
      .waitFor({ state: "attached" });
    const said = await text(page.locator("#announcer"));
    expect(Number(said.match(/\d+/)?.[0])).toBeGreaterThan(seen + 20);
  });

  test("trains on the reference engine with ?backend=cpu", async () => {
    const page = await app.open(`${quick}&backend=cpu&epochs=2`);
    expect(await page.locator("#facts").textContent()).toContain("CPU reference");
    await press(page, "Train");
    await eventually(() => steps(page)).toBe(64);
    await rested(page);
    expect(Number((await rows(page, "Epochs")).at(-1)?.[5])).toBeGreaterThan(0.15);
  });
});

test("what is being typed, or slid to, is not taken away by what happens meanwhile", async () => {
  const page = await app.open(quickest);
  const field = page.getByRole("textbox", { name: "Hidden layers" });
  await field.fill("12");
  const slider = page.getByRole("slider", { name: /^Learning rate/ });
  await slider.evaluate((input: HTMLInputElement) => {
    input.value = "-60";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.evaluate(() => document.querySelector<HTMLElement>("#transport .primary")!.click());
  await eventually(() => steps(page)).toBeGreaterThan(0);
  expect(await field.inputValue()).toBe("12");
  expect(await page.getByRole("textbox", { name: "Learning rate" }).inputValue()).toBe("0.001");
  await slider.evaluate((input: HTMLInputElement) =>
    input.dispatchEvent(new Event("change", { bubbles: true })),
  );
  await field.press("Enter");
  await eventually(() => text(page.locator("#facts"))).toContain("784-12-10");
  expect(await page.evaluate(() => location.search)).toContain("learningRate=0.001");
});

test("what is being typed into the settings that are out of the way is not either", async () => {
  const page = await app.open(quickest);
  await openMore(page);
  const field = page.getByRole("textbox", { name: "Batch size" });
  await field.fill("32");
  await page.evaluate(() => document.querySelector<HTMLElement>("#transport .primary")!.click());
  await eventually(() => steps(page)).toBeGreaterThan(0);
  await field.press("Enter");
  await eventually(() => page.evaluate(() => location.search)).toContain("batchSize=32");
  expect(await field.inputValue()).toBe("32");
});
