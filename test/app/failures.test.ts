import type { Page } from "@playwright/test";
import { describe, expect, test } from "vitest";
import {
  afterSteps,
  drawn,
  eventually,
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
import { type DeviceLab, loseDevices } from "../helpers/lost-devices.ts";

const app = useApp();

const screenText = async (page: Page) => {
  await page.locator("#screen").waitFor();
  expect(await page.locator("#page").isHidden()).toBe(true);
  return text(page.locator("#screen"));
};

const destroyDevice = (page: Page) =>
  page.evaluate(() => (window as unknown as { device: GPUDevice }).device.destroy());

describe("where it cannot run", () => {
  test("without navigator.gpu it says so, and trains on the CPU if asked to", async () => {
    const page = await app.open(`${quick}#lesson=1`, {
      failing: true,
      before: () => Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined }),
    });
    expect(await screenText(page)).toContain("This browser has no WebGPU");
    await press(page, "Train on the CPU instead");
    await page.locator("#page").waitFor();
    // At the station of the lesson that the link names.
    expect(await text(page.locator("#lesson h2"))).toContain("1. ");
    await eventually(() => text(page.locator("#facts"))).toContain("CPU reference");
  });

  test("over an insecure connection", async () => {
    // A name that is not this computer's: what is not https is insecure then, whatever it resolves to.
    const { port } = new URL(app.address);
    const page = await app.open(quick, {
      failing: true,
      address: app.address.replace("127.0.0.1", "127.0.0.1.nip.test"),
      context: { proxy: { server: `http://127.0.0.1:${port}` } },
    });
    expect(await screenText(page)).toContain("This page needs a secure connection");
    await press(page, "Train on the CPU instead");
    await page.locator("#page").waitFor();
    await eventually(() => text(page.locator(".verdict .hint"))).toContain("labelled");
    // Browsers keep more than WebGPU from such a page.
    const { x, y, width, height } = (await page.locator("#pad canvas").boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 4);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + (height * 3) / 4, { steps: 5 });
    await page.mouse.up();
    await eventually(() => text(page.locator(".verdict .hint"))).toBe("");
  });

  test("without an adapter", async () => {
    const page = await app.open(quick, {
      failing: true,
      before: () => {
        GPU.prototype.requestAdapter = async () => null;
      },
    });
    const text = await screenText(page);
    expect(text).toContain("The browser found no GPU");
    expect(text).toContain("hardware acceleration");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("The browser found no GPU");
  });

  test.each([
    ["while something is asked of it", quickest],
    ["before anything is asked of it", quick],
  ])("without the script of its workers, found missing %s", async (_, query) => {
    const page = await app.open(query, {
      failing: true,
      before: () => {
        const Real = Worker;
        globalThis.Worker = class extends Real {
          constructor(url: string | URL, options?: WorkerOptions) {
            super(`${url}.gone`, options);
          }
        };
        const { requestAdapter } = GPU.prototype;
        GPU.prototype.requestAdapter = async function (options) {
          await new Promise((wake) => setTimeout(wake, 2000));
          return requestAdapter.call(this, options);
        };
      },
    });
    const text = await screenText(page);
    expect(text).toContain("This page could not start");
    expect(text).toContain("its script cannot be loaded");
    expect(text).toContain("Reloading it may help.");
    await drawn(page);
    expect(await page.locator("#progress").isHidden()).toBe(true);
  });

  test("for what a server has that is gone by then says so, and calls it no mistake", async () => {
    const page = await app.open(quickest, {
      before: () => {
        const Real = Worker;
        globalThis.Worker = class extends Real {
          constructor(url: string | URL, options?: WorkerOptions) {
            super("isGone" in window ? `${url}.gone` : url, options);
          }
        };
      },
    });
    await page.route("**/assets/*", (route) => route.fulfill({ status: 404 }));
    await press(page, "Save as ONNX");
    await page.getByRole("alert").getByText("What writes ONNX files cannot be fetched").waitFor();
    await page.evaluate(() => Object.assign(window, { isGone: true }));
    await setField(page, "Hidden layers", "12");
    const told = page.getByText("its script cannot be loaded. Check the connection and try again.");
    await told.first().waitFor();
    expect(await text(page.locator("body"))).not.toContain("mistake in this page");
  });

  test("without memory for the network", async () => {
    const page = await app.open(`${quick}&epochs=100000`, { before: loseDevices });
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(10);
    await page.evaluate(() => {
      const error = new GPUOutOfMemoryError("no more of it");
      const event = new GPUUncapturedErrorEvent("uncapturederror", { error });
      (window as unknown as { device: GPUDevice }).device.dispatchEvent(event);
    });
    expect(await screenText(page)).toContain("The GPU is out of memory: no more of it.");
    await press(page, "Go on from the last weights");
    await page.locator("#page").waitFor();
    const seen = await steps(page);
    expect(seen).toBeGreaterThan(0);
    await eventually(() => steps(page)).toBeGreaterThan(seen);
  });
});

describe("a device that is lost", () => {
  test("in the middle of training is replaced, and the curve goes on as if nothing had happened", async () => {
    const query = `${quick}&epochs=5`;
    const page = await app.open(query, { before: loseDevices });
    const lose = await page.evaluateHandle(() => () => (window as unknown as DeviceLab).device.destroy());
    await afterSteps(page, 32, lose);
    await press(page, "Train");
    await page.locator("#toasts").getByText("training goes on from step").waitFor();
    await eventually(() => steps(page)).toBe(160);
    await rested(page);
    const whole = await app.open(query);
    await press(whole, "Train");
    await eventually(() => steps(whole)).toBe(160);
    await rested(whole);
    expect(await rows(page, "Steps")).toEqual(await rows(whole, "Steps"));
    expect((await rows(page, "Epochs")).at(-1)).toEqual((await rows(whole, "Epochs")).at(-1));
  });

  test("again, while recovery compiles, or while another network is made, is replaced once more", async () => {
    const page = await app.open(`${quick}&epochs=100000`, { before: loseDevices });
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(10);
    await page.evaluate(() => {
      const lab = window as unknown as DeviceLab;
      lab.toLose = 2;
      lab.device.destroy();
    });
    await page.locator("#toasts").getByText("training goes on from step").waitFor();
    const seen = await steps(page);
    await eventually(() => steps(page)).toBeGreaterThan(seen);
    await page.evaluate(() => {
      const lab = window as unknown as DeviceLab;
      const create = lab.device.createComputePipelineAsync.bind(lab.device);
      lab.device.createComputePipelineAsync = (descriptor) => {
        lab.device.destroy();
        return create(descriptor);
      };
    });
    await setField(page, "Hidden layers", "12");
    await eventually(() => text(page.locator("#facts"))).toContain("784-12-10");
    await press(page, "Step");
    await eventually(() => steps(page)).toBe(1);
    expect(await page.locator("#screen").isHidden()).toBe(true);
  });

  test("while it pauses keeps the weights", async () => {
    const page = await app.open(quick, { before: loseDevices });
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    await rested(page);
    const before = (await rows(page, "Epochs")).at(-1);
    await destroyDevice(page);
    await page.locator("#toasts").getByText("its weights are those of step 32").waitFor();
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(64);
    await rested(page);
    expect(await rows(page, "Epochs")).toContainEqual(before);
  });

  test("for good has a screen, from which training goes on once there is a GPU again", async () => {
    const page = await app.open(`${quick}&epochs=100000`, { before: loseDevices });
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(10);
    await page.evaluate(() => {
      const request = GPU.prototype.requestAdapter;
      GPU.prototype.requestAdapter = async () => null;
      Object.assign(window, { plugIn: () => (GPU.prototype.requestAdapter = request) });
    });
    await destroyDevice(page);
    expect(await screenText(page)).toContain("The GPU is gone");
    for (const key of ["s", "r", "Space"]) await page.keyboard.press(key);
    await drawn(page);
    expect(await screenText(page)).toContain("The GPU is gone");
    await page.evaluate(() => (window as unknown as { plugIn(): void }).plugIn());
    await press(page, "Go on from the last weights");
    await page.locator("#page").waitFor();
    expect(await page.evaluate(() => document.activeElement?.closest("#page") != null)).toBe(true);
    const seen = await steps(page);
    await eventually(() => steps(page)).toBeGreaterThan(seen);
  });
});
