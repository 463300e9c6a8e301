import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import { version } from "../../package.json";
import { sha256 } from "../../src/cli/runs/checkpoints.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/model/checkpoint-file.ts";
import { identify } from "../../src/training/identity.ts";
import {
  afterSteps,
  eventually,
  least,
  press,
  quick,
  quickest,
  rested,
  rows,
  setField,
  steps,
  text,
  toasts,
  useApp,
} from "../helpers/app.ts";
import { allAutosaved, autosaved } from "../helpers/autosaved.ts";
import { fewDigits } from "../helpers/few-digits.ts";

const app = useApp();

/** Optimizer state, an average, a schedule, dropout and best weights: everything that a state may hold. */
const rich =
  "&optimizer=adam&learningRate=0.01&averageDecay=0.9&schedule=cosine&hiddenDropout=0.1&validation=400&keepBest=true";

const offer = (page: Page) => page.locator(".toast.offer");

/** Opens the page again after its saved file was replaced: a page that goes saves its state once more. */
async function reopenWith(page: Page, file: Uint8Array): Promise<void> {
  const { href } = new URL(page.url());
  // Not an address without an answer: browsers show an error page of their own there, which has no database.
  app.data.set("blank.html", new TextEncoder().encode("<!doctype html>"));
  await page.goto(`${app.address}data/mnist/blank.html`);
  await saved(page, file);
  await page.goto(href);
}

const saved = (page: Page, change?: Uint8Array) => autosaved(page, app.address, change);
const savedStep = async (page: Page) => (await saved(page))?.last ?? 0;
const savedFacts = async (page: Page) =>
  decodeCheckpoint((await saved(page))!.file, "the autosaved state").facts;

/** The last steps of all that is saved, in the order in which the networks came into the picture. */
const allSaved = async (page: Page) => (await allAutosaved(page, app.address)).map(({ last }) => last);
const dismiss = (page: Page) => offer(page).getByRole("button", { name: "Dismiss" }).press("Enter");

/** What training came to, and every number on the way. */
const outcome = async (page: Page) => {
  await rested(page);
  const last = await steps(page);
  await eventually(() => savedStep(page)).toBe(last);
  const { networks } = decodeCheckpoint((await saved(page))!.file, "the autosaved state");
  // Who begins at once has no figures of the untrained network.
  const epochs = (await rows(page, "Epochs")).filter(([, step]) => step !== "0");
  return { networks, steps: await rows(page, "Steps"), epochs };
};

/** Trains an epoch, and waits until it is saved. */
const trainAnEpoch = async (page: Page, last = 32) => {
  await press(page, "Epoch");
  await eventually(() => savedStep(page)).toBe(last);
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
};

/** Has the page reload itself once it has made more than so many steps. */
const reloadAfter = async (page: Page, made: number) =>
  afterSteps(page, made, await page.evaluateHandle(() => () => location.reload()));

describe("training that a page left", () => {
  test("in the middle by a reload goes on to the same numbers, to the last bit", async () => {
    // Wide, so that its steps take long beside how late a page may draw on a busy machine.
    const query = `${quick}${rich}&epochs=10&hidden=50`;
    const whole = await app.open(query);
    await press(whole, "Train");
    await eventually(() => steps(whole)).toBe(250);
    const expected = await outcome(whole);
    const page = await app.open(query);
    await trainAnEpoch(page, 25);
    await reloadAfter(page, 25);
    await press(page, "Train");
    await eventually(() => text(offer(page))).toMatch(
      /Training of 784-50-10 stopped at step [\d,]+ \(epoch \d+\), less than a minute ago\./,
    );
    const said = await text(offer(page));
    const step = Number(said.match(/step ([\d,]+)/)?.[1].replace(",", ""));
    expect(step).toBeGreaterThanOrEqual(25);
    expect(step).toBeLessThan(250);
    await press(page, "Go on");
    await eventually(() => steps(page)).toBe(250);
    expect(await outcome(page)).toEqual(expected);
    // The file is one that the command line would write.
    const facts = await savedFacts(page);
    const digits = builtInDigits({ train: 2000 });
    expect(facts.dataset).toEqual(await identify(digits, { limit: 2000 }, sha256));
    expect(facts).toMatchObject({ program: `mnist-webgpu ${version}`, step: 250, lines: 10 });
  });

  test("by a crash is offered at its own address, or at one without settings", async () => {
    const first = await app.open(`${quickest}&epochs=100000`);
    await press(first, "Train");
    await eventually(() => savedStep(first)).toBeGreaterThan(31);
    const session = await first.context().newCDPSession(first);
    const crashed = first.waitForEvent("crash");
    void session.send("Page.crash").catch(() => {});
    await crashed;
    const second = await app.open(`${quickest}&epochs=99`, { beside: first });
    await eventually(() => text(offer(second))).toContain("with other settings than this page's");
    const before = await savedStep(second);
    await second.goto("about:blank");
    const third = await app.open("", { beside: first, before: fewDigits });
    await press(third, "Go on");
    await eventually(() => steps(third)).toBeGreaterThan(before);
    expect(await third.evaluate(() => location.search)).toContain("limit=2000");
    await eventually(() => savedStep(third)).toBeGreaterThan(before);
  });

  test("finished comes back with its curves and figures, and a paused one with its learning rate", async () => {
    const page = await app.open(`${least}&epochs=2`);
    await trainAnEpoch(page);
    await setField(page, "Learning rate", "0.2");
    await eventually(async () => (await savedFacts(page)).config.learningRate).toBe(0.2);
    await page.reload();
    await eventually(() => text(offer(page))).toContain("stopped at step 32 (epoch 1)");
    await press(page, "Go on");
    await eventually(() => steps(page)).toBe(64);
    const done = await outcome(page);
    expect(done.steps.map((row) => row[3])).toEqual([...Array(32).fill("0.1"), ...Array(32).fill("0.2")]);
    await page.reload();
    await eventually(() => text(offer(page))).toContain("finished at step 64 (epoch 2)");
    await press(page, "Bring back");
    await eventually(() => page.locator(".matrix tbody tr").count()).toBe(10);
    expect(await outcome(page)).toEqual(done);
  });

  test("is forgotten when dismissed, and outlives a reset", async () => {
    const page = await app.open(least);
    await trainAnEpoch(page);
    await page.reload();
    await dismiss(page);
    await eventually(() => saved(page)).toBe(undefined);
    await trainAnEpoch(page);
    await press(page, "Reset");
    await eventually(() => steps(page)).toBe(0);
    await page.reload();
    await eventually(() => text(offer(page))).toContain("stopped at step 32 (epoch 1)");
  });

  test("outlives all that takes its place: it is kept beside the last ones, and what was in the picture is offered first", async () => {
    const page = await app.open(least);
    await trainAnEpoch(page);
    // More than are kept: those that were trained least make room.
    for (let run = 2; run <= 5; run++) {
      await press(page, "Reset");
      await eventually(() => steps(page)).toBe(0);
      await press(page, "Step");
      await eventually(() => steps(page)).toBe(1);
    }
    await eventually(() => allSaved(page)).toEqual([32, 1, 1, 1]);
    await press(page, "Bring back run 1");
    await eventually(() => steps(page)).toBe(32);
    await eventually(async () => (await allSaved(page)).at(-1)).toBe(32);
    await eventually(async () => (await allSaved(page)).filter((last) => last === 32)).toHaveLength(1);
    await page.reload();
    await eventually(() => text(offer(page))).toContain("stopped at step 32 (epoch 1)");
    await dismiss(page);
    await eventually(() => text(offer(page))).toContain("stopped at step 1 (epoch 1)");
  });

  test("is offered once its page is gone, and kept beside that of a second page", async () => {
    const page = await app.open(least);
    await trainAnEpoch(page);
    const other = await app.open(`${least}&hidden=5`, { beside: page });
    await press(other, "Step");
    await eventually(() => allSaved(other)).toEqual([32, 1]);
    // A page that was just opened waits for those before it to be gone.
    await eventually(() => other.evaluate(async () => (await navigator.locks.query()).pending)).toEqual([]);
    expect(await offer(other).count()).toBe(0);
    await page.reload();
    await eventually(() => text(offer(page))).toContain("784-10-10 stopped at step 32");
    await page.goto("about:blank");
    await other.reload();
    await eventually(() => text(offer(other))).toContain("784-5-10 stopped at step 1");
    await dismiss(other);
    await eventually(() => text(offer(other))).toContain("784-10-10 stopped at step 32");
    await press(other, "Go on");
    await eventually(async () => (await allSaved(other)).length).toBe(1);
    await eventually(() => savedStep(other)).toBeGreaterThan(32);
  });

  test("stays while another network is trained and it is neither gone on with nor dismissed, as by a lesson", async () => {
    const page = await app.open(least);
    await trainAnEpoch(page);
    await page.goto("about:blank");
    const lesson = await app.open(least, { beside: page });
    await lesson.evaluate(() => {
      location.hash = "#lesson=7";
    });
    await eventually(async () => (await allSaved(lesson)).length).toBe(2);
    await lesson.reload();
    await dismiss(lesson);
    await eventually(() => text(offer(lesson))).toContain("784-10-10 stopped at step 32 (epoch 1)");
  });
});

describe("a state that cannot be used", () => {
  test("is dropped with a toast: damaged, of another version; of data that is not to be had it stays on offer", async () => {
    const page = await app.open(least);
    await trainAnEpoch(page);
    const { file } = (await saved(page))!;
    const { networks, facts } = decodeCheckpoint(file, "the autosaved state");

    await reopenWith(page, file.with(-1, file.at(-1)! ^ 1));
    await eventually(() => toasts(page)).toContain("it is damaged. It was dropped");
    expect(await offer(page).count()).toBe(0);
    await eventually(() => saved(page)).toBe(undefined);

    await trainAnEpoch(page);
    await reopenWith(
      page,
      encodeCheckpoint({ networks, facts: { ...facts, program: "mnist-webgpu 0.0.1" } }),
    );
    await eventually(() => toasts(page)).toContain("it is of mnist-webgpu 0.0.1");

    await trainAnEpoch(page);
    const dataset = { ...facts.dataset, sha256: "0".repeat(64) };
    await reopenWith(page, encodeCheckpoint({ networks, facts: { ...facts, dataset } }));
    await press(page, "Go on");
    await eventually(() => toasts(page)).toContain("was trained on other data");
    expect(await steps(page)).toBe(0);
    const config = { ...facts.config, dataset: "mnist" };
    await reopenWith(page, encodeCheckpoint({ networks, facts: { ...facts, config } }));
    await press(page, "Go on");
    await eventually(() => toasts(page)).toContain("is not on this server");
    await offer(page).getByRole("button", { name: "Go on" }).waitFor();
    expect(await savedStep(page)).toBe(32);
  });

  test("for want of room is none: training goes on, and one toast says so", async () => {
    const page = await app.open(least);
    const session = await page.context().newCDPSession(page);
    const { origin } = new URL(app.address);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
    await press(page, "Epoch");
    await eventually(() => toasts(page)).toContain("cannot keep its training");
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(64);
    await page.waitForTimeout(500);
    expect((await toasts(page)).match(/cannot keep its training/g)).toHaveLength(1);
  });
});
