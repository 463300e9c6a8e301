import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { preview } from "vite";
import { describe, expect, test } from "vitest";
import {
  drawn,
  eventually,
  figure,
  least,
  openMore,
  openNumbers,
  press,
  quick,
  quickest,
  rested,
  steps,
  text,
  useApp,
} from "../helpers/app.ts";
import { violationsIn } from "../helpers/axe.ts";

const app = useApp();

/** Translates a page as browsers do, who replace its texts, now and whenever there are others: here into capitals. */
const translate = () => {
  const all = () => {
    for (const node of document.querySelectorAll("#transport button, select:not(.lil-gui *) option")) {
      const translated = node.textContent.toUpperCase();
      if (node.textContent !== translated) node.textContent = translated;
    }
  };
  all();
  const observer = new MutationObserver(all);
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  return observer;
};

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "");

describe("for everyone", () => {
  test("axe finds no violation in the page, its tables and its dialog, light and dark", async () => {
    const page = await app.open(`${quickest}&batchSize=200&epochs=3&shift=1`);
    const expectNone = async () => {
      expect(await violationsIn(page)).toEqual([]);
      // The same page but for its colours.
      await page.emulateMedia({ colorScheme: "dark" });
      await drawn(page);
      const rules = ["color-contrast", "link-in-text-block"];
      expect(await violationsIn(page, { rules })).toEqual([]);
      await page.emulateMedia({ colorScheme: "light" });
    };
    await press(page, "Train");
    await eventually(() => steps(page)).toBe(30);
    await rested(page);
    await press(page, "Random test digit");
    await eventually(() => text(page.locator(".verdict .hint"))).toContain("labelled");
    await press(page, "Share link");
    await openMore(page);
    const [title, rows] = [".lil-title", ".lil-children"].map((part) =>
      page.locator(`.lil-gui:not(.lil-root) > ${part}`).first(),
    );
    const height = await rows.evaluate((node) => node.scrollHeight);
    await title.click();
    await eventually(() => rows.isVisible()).toBe(false);
    await title.click();
    await eventually(() => rows.evaluate((node) => node.clientHeight)).toBe(height);
    await press(page, "Momentum");
    await press(page, "Reset");
    const back = page.locator("#runs").getByRole("button", { name: "Bring back run 1" });
    await back.waitFor();
    await rested(page);
    await expectNone();
    await back.click();
    await eventually(() => steps(page)).toBe(30);
    await rested(page);
    await page.locator(".matrix button.right").first().click();
    await page.locator("dialog .tile").first().waitFor();
    await expectNone();
  });

  test("what is hidden is not shown, whatever lays it out", async () => {
    const page = await app.open(least);
    const shown = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("[hidden]")]
          .filter((node) => getComputedStyle(node).display !== "none")
          .map((node) => node.outerHTML.slice(0, 80)),
      );
    expect(await page.locator("[hidden]").count()).toBeGreaterThan(0);
    expect(await shown()).toEqual([]);
  });

  test("axe finds no violation on a screen", async () => {
    const page = await app.open(quick, {
      failing: true,
      before: () => Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined }),
    });
    await page.locator("#screen").waitFor();
    expect(await violationsIn(page)).toEqual([]);
  });

  test("everything can be done with the keyboard alone", async () => {
    const page = await app.open(`${least}&epochs=100000`);
    // Tab reaches the buttons, and space then presses them instead of training.
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("A lesson in eight stations");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Train");
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).toBe("solid");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await eventually(() => steps(page)).toBe(1);
    expect(await focused(page)).toBe("Step");
    await page.locator("h1").click();
    await page.keyboard.press("s");
    await eventually(() => steps(page)).toBe(2);
    await page.keyboard.press("r");
    await eventually(() => steps(page)).toBe(0);
    // What a translation makes of its words changes nothing of what the page knows.
    const translation = await page.evaluateHandle(translate);
    await page.keyboard.press("Space");
    await eventually(() => steps(page)).toBeGreaterThan(20);
    expect(await page.locator("#transport").innerText()).toContain("RESET");
    await page.keyboard.press("Space");
    await eventually(() => page.getByRole("button", { name: "TRAIN", exact: true }).count()).toBe(1);
    await page.getByRole("combobox", { name: "Activation" }).selectOption({ label: "TANH" });
    await eventually(() => page.evaluate(() => location.search)).toContain("activation=tanh");
    await translation.evaluate((translation) => translation.disconnect());
    await eventually(() => steps(page)).toBe(0);
    // Letters typed into a field are its own.
    const field = page.getByRole("textbox", { name: "Hidden layers" });
    await field.focus();
    await page.keyboard.type("rsc ");
    expect(await steps(page)).toBe(0);
    await field.fill("11");
    await page.keyboard.press("Enter");
    await eventually(() => text(page.locator("#facts"))).toContain("784-11-10");
    // Its matrix takes the place of the one before a moment after its figures are there.
    await rested(page);
    await drawn(page);
    // The matrix: one stop in the tab order, arrows inside, enter opens the images, escape closes them.
    await page.locator(".matrix button[tabindex='0']").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(/^1 read as 1/);
    expect(await page.locator(".matrix button[tabindex='0']").count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.press("Escape");
    await eventually(() => page.locator("dialog[open]").count()).toBe(0);
    await page.getByRole("button", { name: "Random test digit" }).press("Enter");
    await eventually(() => text(page.locator(".answer"))).not.toBe("?");
    await page.keyboard.press("c");
    await eventually(() => text(page.locator(".answer"))).toBe("?");
  });

  test("nothing is cut off from 320 to 1920 pixels, with every view and every help open", async () => {
    const page = await app.open(`${quickest}&hidden=100&epochs=1`);
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    await openNumbers(page);
    await openMore(page);
    await page.locator(".setting-name").evaluateAll((names) => {
      for (const name of names as HTMLElement[]) name.click();
    });
    await press(page, "Reset");
    await page.locator("#runs").getByRole("button", { name: "Bring back run 1" }).waitFor();
    const cutOff = () =>
      page.evaluate(() => {
        const isCut = (node: HTMLElement) => {
          const { right, width } = node.getBoundingClientRect();
          return width > 0 && (right > innerWidth + 0.5 || node.scrollWidth > node.clientWidth + 1);
        };
        const nodes = [
          ...document.querySelectorAll<HTMLElement>(
            "button, select, dd, h2:not(.visually-hidden), .card, .run, .setting",
          ),
        ];
        return [
          document.documentElement.scrollWidth,
          ...nodes.filter(isCut).map(({ outerHTML }) => outerHTML),
        ];
      });
    // 640 pixels are 1280 at twice their size.
    for (const width of [1920, 1280, 768, 640, 360, 320]) {
      await page.setViewportSize({ width, height: 900 });
      for (const view of width < 760
        ? ["Network", "A step", "Settings", "Charts", "Mistakes", "Data"]
        : [""]) {
        if (view) await page.getByRole("navigation").getByRole("button", { name: view }).click();
        await eventually(cutOff).toEqual([width]);
      }
    }
  });

  const phone = {
    ...{ viewport: { width: 360, height: 664 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  };

  /** Letters further apart, as wide fonts have them: what a system's font is, the page cannot know. */
  const wideFont = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { letter-spacing: 0.08em !important }");
    document.adoptedStyleSheets = [sheet];
  };

  test.each([["usual"], ["wide"]])(
    "a phone's first screen has pad, answer, figures, chart and Train, in a %s font, before training and after",
    async (font) => {
      const page = await app.open(quickest, { context: phone });
      if (font === "wide") await page.evaluate(wideFont);
      const below = async () => {
        const bar = (await page.locator(".transport").boundingBox())!;
        const found: string[] = [];
        for (const place of ["#pad canvas", ".answer", ".bars", "#readouts", ".plot >> nth=1"]) {
          const { y, height } = (await page.locator(place).boundingBox())!;
          if (y < 0 || y + height > bar.y) found.push(`${place}: ${y} to ${y + height} of ${bar.y}`);
        }
        const train = (await page.locator(".transport .primary").boundingBox())!;
        if (train.y + train.height > phone.viewport.height) found.push("Train");
        return found;
      };
      await page.locator(".remark").waitFor();
      expect(await below()).toEqual([]);
      await press(page, "Epoch");
      await eventually(() => steps(page)).toBe(32);
      await page.locator(".remark").waitFor({ state: "hidden" });
      expect(await below()).toEqual([]);
    },
  );

  test("on a phone the rest is in views, each without a violation", async () => {
    const page = await app.open(least, { context: phone });
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    const seenIn: Record<string, string> = {
      Network: "#hidden-layers",
      Settings: "#settings",
      Charts: "#chart-options",
      Mistakes: "#confusion",
      Data: "#augmented-samples",
    };
    for (const [view, place] of Object.entries(seenIn)) {
      await page.getByRole("navigation").getByRole("button", { name: view }).click();
      for (const other of Object.values(seenIn))
        expect(await page.locator(other).isVisible(), `${other} in ${view}`).toBe(other === place);
      expect(await violationsIn(page), view).toEqual([]);
      const small = await page.locator("button, select, input, summary").evaluateAll((nodes) =>
        nodes
          .map((node) => ({ html: node.outerHTML, box: node.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && Math.min(box.width, box.height) < 23.5)
          .map(({ html }) => html),
      );
      expect(small, view).toEqual([]);
    }
    // A question is answered where it can be seen, whatever view is open.
    await press(page, "Why?");
    await page.locator("#unit h3").waitFor();
  });

  test("where the system chooses the colours nothing is lost that a colour says", async () => {
    const page = await app.open(`${least}&epochs=2`, { context: { forcedColors: "active" } });
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    await page.locator(".matrix .right").first().waitFor();
    const background = (place: string) =>
      page
        .locator(place)
        .first()
        .evaluate((node) => getComputedStyle(node).backgroundColor);
    const [fill, rail] = [await background(".bars .fill"), await background(".bars .rail")];
    expect(fill).not.toBe(rail);
    const cells = await page
      .locator(".matrix tbody button")
      .evaluateAll((all) => all.map((cell) => getComputedStyle(cell).backgroundColor));
    expect(new Set(cells).size).toBeGreaterThan(5);
    const shape = (place: string) =>
      page
        .locator(place)
        .first()
        .evaluate((node) => getComputedStyle(node).borderRadius);
    expect(await shape(".matrix .right")).not.toBe(await shape(".matrix .wrong"));
    const keys = await page
      .locator("#network ~ .legend .key")
      .evaluateAll((all) => all.map((key) => getComputedStyle(key, "::before").backgroundColor));
    expect(new Set(keys).size).toBe(3);
    await press(page, "Step");
    await page.locator(".story-stages button", { hasText: "Loss" }).click();
    const [paper, bar, chosen] = [
      await background("body"),
      await background(".loss-bar:not(.chosen)"),
      await background(".loss-bar.chosen"),
    ];
    expect(new Set([paper, bar, chosen]).size).toBe(3);
  });

  test("a cell of the confusion matrix opens its images, and one of them goes onto the pad", async () => {
    const page = await app.open(least);
    await page.locator(".matrix button").first().waitFor();
    const counts = page.locator(".matrix tbody button");
    // An empty cell has a dot.
    const count = (text: string) => Number(text) || 0;
    const texts = await counts.allInnerTexts();
    const most = texts.reduce((best, text, index) => (count(text) > count(texts[best]) ? index : best), 0);
    await counts.nth(most).click();
    const tiles = page.locator("dialog .tile");
    expect(await tiles.count()).toBe(Math.min(120, count(texts[most])));
    const index = await text(tiles.first().locator(".caption"));
    await tiles.first().click();
    await page
      .locator(".verdict .hint")
      .getByText(`test image ${index}, labelled ${Math.floor(most / 10)}`)
      .waitFor();
  });

  test("images that were shown for another network are not taken for its own", async () => {
    const page = await app.open(least);
    await page.locator(".matrix button").first().waitFor();
    const tile = await page.locator("#mistakes .tile").last().elementHandle();
    await openMore(page);
    const field = page.getByRole("textbox", { name: "Validation images" });
    const opened = await field.evaluate((input: HTMLInputElement) => {
      input.focus();
      input.value = "20";
      input.dispatchEvent(new Event("input"));
      input.blur();
      document.querySelector<HTMLElement>(".matrix tbody button")!.click();
      return document.querySelector("dialog")!.open;
    });
    expect(opened).toBe(true);
    await eventually(() => text(page.locator("#mistakes"))).toContain("20 validation digits");
    expect(await page.locator("dialog").evaluate((dialog: HTMLDialogElement) => dialog.open)).toBe(false);
    await tile!.evaluate((tile: HTMLElement) => tile.click());
    const [, index] = (await tile!.getAttribute("title"))!.match(/image (\d+)/)!;
    await page.locator(".verdict .hint").getByText(`test image ${index}, labelled`).waitFor();
  });

  test("the tables can be read while training goes on: focus and scrolling stay", async () => {
    const page = await app.open(`${least}&epochs=100000`);
    await press(page, "Train");
    await openNumbers(page);
    const table = page.getByRole("region", { name: /^Steps/ });
    const last = () => table.locator("tbody tr").last().innerText();
    await eventually(() => table.locator("tbody tr").count()).toBeGreaterThan(100);
    await table.focus();
    await table.evaluate((node) => node.scrollTo(0, 150));
    const before = await last();
    await eventually(last).not.toBe(before);
    expect(await table.evaluate((node) => [node === document.activeElement, node.scrollTop])).toEqual([
      true,
      150,
    ]);
  });

  test("the focus of a message that is dismissed goes to the next one, and then to Train", async () => {
    const page = await app.open(`${quickest}&colour=red&batchSize=3000`);
    const dismiss = page.locator("#toasts .quiet");
    expect(await dismiss.count()).toBe(2);
    await dismiss.last().press("Enter");
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toContain("colour");
    await dismiss.press("Enter");
    expect(await focused(page)).toBe("Train");
  });

  test("what is drawn anew while training goes on can be pressed, and keeps the focus", async () => {
    const page = await app.open(`${least}&epochs=100000&evaluateEvery=1`);
    await press(page, "Train");
    const tile = page.locator("#mistakes .tile").nth(3);
    await tile.focus();
    const isThere = await (await tile.elementHandle())!.evaluateHandle((node) => () => node.isConnected);
    await eventually(() => isThere.evaluate((isThere) => isThere())).toBe(false);
    // In one go: another may take its place at any moment.
    const place = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("#mistakes .tile")].indexOf(document.activeElement as Element),
      );
    expect(await place()).toBe(3);

    await tile.hover();
    await page.mouse.down();
    await page.evaluate(() => {
      document.querySelector("#mistakes .tile:active")!.id = "held";
    });
    await page.waitForTimeout(2000);
    await page.mouse.up();
    await page.locator(".verdict .hint").getByText("test image").waitFor();
    // Nothing waits any longer.
    await eventually(() => page.locator("#held").count()).toBe(0);
  });
});

describe("the static build", () => {
  test("is under 200 kB, gzipped, but for data and a trained network", async () => {
    const all = await readdir(join(app.folder, "assets"));
    const assets = all.filter((file) => !file.endsWith(".safetensors"));
    expect(assets).toHaveLength(all.length - 1);
    const files = ["index.html", ...assets.map((file) => join("assets", file))];
    const sizes = await Promise.all(
      files.map(async (file) => gzipSync(await readFile(join(app.folder, file))).length),
    );
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(200_000);
  });

  test("has the notice of every package in it beside it, those of its workers too", async () => {
    const licenses = await readFile(join(app.folder, "licenses.md"), "utf8");
    const notices = new Map(
      licenses.split(/^## /m).map((notice) => [notice.split(" - ")[0], notice] as const),
    );
    for (const name of ["lil-gui", "pako", "pure-rand", "uplot", "valibot"])
      expect(notices.get(name), name).toContain("Copyright");
    // Its package has no text of its own.
    expect(notices.get("@bufbuild/protobuf")).toContain("Apache-2.0");
  });

  test("asks nobody else for anything, and forbids itself to", async () => {
    const page = await app.open("dataset=auto&limit=500&backend=cpu");
    const asked = await page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin),
    );
    expect(new Set(asked)).toEqual(new Set([new URL(app.address).origin]));
    const policy = await page.locator("meta[http-equiv='Content-Security-Policy']").getAttribute("content");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    // The policy is in force: an inline script does not run.
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'run'";
      document.head.append(script);
    });
    expect(await page.title()).not.toBe("run");
    await eventually(() => app.problems.splice(0)).toHaveLength(1);
  });

  test("works from vite preview", async () => {
    const server = await preview({ logLevel: "silent", preview: { port: 0 }, build: { outDir: app.folder } });
    try {
      const page = await app.open(quick, { address: server.resolvedUrls!.local[0] });
      await press(page, "Step");
      await eventually(() => figure(page, "Step")).toBe("1");
    } finally {
      await server.close();
    }
  });
});
