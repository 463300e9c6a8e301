import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { describe, expect, test } from "vitest";
import { builtInDigits } from "../../src/data/digits.ts";
import { activationNames } from "../../src/model/activations.ts";
import { withOutputsAt } from "../../src/model/class-places.ts";
import { initialise } from "../../src/model/initialise.ts";
import { decodeModel, encodeModel } from "../../src/model/model-file.ts";
import { sizesOf } from "../../src/model/parameters.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { createCpuEngine } from "../../src/training/engine/cpu-engine.ts";
import {
  drawn,
  eventually,
  figure,
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
import { zipOf } from "../helpers/data-files.ts";
import { modelFile } from "../helpers/model-files.ts";

const app = useApp();

const load = async (page: Page, name: string, bytes: Uint8Array) => {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press(page, "Load model")]);
  await chooser.setFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
};

describe("model files", () => {
  test("a saved network predicts the same after it is loaded into a new page", async () => {
    const page = await app.open(`${quick}&hidden=14`);
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    await rested(page);
    const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Save model")]);
    expect(download.suggestedFilename()).toBe("mnist-784-14-10.safetensors");
    const bytes = await readFile(await download.path());
    const { parameters, metadata } = decodeModel(bytes, "saved");
    expect(sizesOf(parameters)).toEqual([784, 14, 10]);
    expect(JSON.parse(metadata.get("config")!)).toMatchObject({ hidden: [14], seed: 1 });
    expect(metadata.get("images")).toBe("28x28");
    const tested = (await rows(page, "Epochs")).at(-1)!.slice(4);
    const another = await app.open(quick);
    await load(another, "mine.safetensors", bytes);
    await eventually(() => toasts(another)).toContain("784-14-10 of mine.safetensors is loaded");
    await drawn(another);
    await rested(another);
    expect((await rows(another, "Epochs")).at(-1)!.slice(4)).toEqual(tested);
    expect(await another.getByRole("textbox", { name: "Hidden layers" }).inputValue()).toBe("14");
    // Its classes in another order, which their names tell.
    const digits = Array.from({ length: 10 }, (_, label) => 9 - label);
    const turned = {
      parameters: withOutputsAt(parameters, digits),
      metadata: new Map(metadata).set("classNames", JSON.stringify(digits.map(String))),
    };
    await load(another, "turned.safetensors", encodeModel(turned));
    await eventually(() => toasts(another)).toContain("784-14-10 of turned.safetensors is loaded");
    await drawn(another);
    await rested(another);
    expect((await rows(another, "Epochs")).at(-1)!.slice(4)).toEqual(tested);
  });

  test("that are broken or do not fit are refused, and the network trains on", async () => {
    const page = await app.open(`${least}&epochs=100000`);
    await press(page, "Train");
    const files: [Uint8Array, RegExp][] = [
      [new Uint8Array([1, 2, 3, 4]), /a\.safetensors/],
      [zipOf({ "a/data.pkl": "" }), /a\.safetensors is a file of PyTorch.*save_file/],
      [modelFile([784, 10]).subarray(0, 5000), /a\.safetensors/],
      [modelFile([100, 10]), /a\.safetensors holds a network 100-10, .* 784 inputs/],
      [modelFile([784, 12, 7]), /a\.safetensors holds a network 784-12-7, .* 10 outputs/],
      [
        modelFile([784, 10], 1, new Map([["images", "14x56"]])),
        /a\.safetensors .* of 14x56 pixels, .* 28x28/,
      ],
    ];
    for (const [bytes, message] of files) {
      await load(page, "a.safetensors", bytes);
      await page.getByRole("alert").waitFor();
      await eventually(() => toasts(page)).toMatch(message);
      const { y } = (await page.getByRole("alert").boundingBox())!;
      expect(y).toBeGreaterThanOrEqual(0);
      await page.getByRole("button", { name: "Dismiss" }).click();
      await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
    }
    // What one of the files had ended nobody has begun again.
    const seen = await steps(page);
    await eventually(() => steps(page)).toBeGreaterThan(seen);
  });

  test("a trained one lies beside the page, for those who look into one at once", async () => {
    const page = await app.open(least);
    await page.getByText("It knows nothing yet").waitFor();
    await press(page, "open a trained one");
    await eventually(() => toasts(page)).toMatch(
      /The network 784-[\d-]+-10 of trained\.safetensors is loaded\. It was trained on "MNIST", and the data here is built-in digits\./,
    );
    await rested(page);
    expect(await page.getByText("It knows nothing yet").isVisible()).toBe(false);
    const accuracy = Number.parseFloat((await rows(page, "Epochs")).at(-1)![5]);
    expect(accuracy).toBeGreaterThan(0.7);
  });

  test("where the trained one cannot be fetched, the page says so and keeps what it has", async () => {
    const page = await app.open(least);
    await page.route("**/*.safetensors", (route) => route.abort());
    await press(page, "Open a trained one");
    await page.getByRole("alert").waitFor();
    await eventually(() => toasts(page)).toMatch(
      /trained\.safetensors cannot be fetched \(.+\)\. Check the connection/,
    );
    await page.getByText("It knows nothing yet").waitFor();
    app.problems.length = 0;
  });

  test("that do not tell their activation are asked about", async () => {
    const page = await app.open(`${least}&activation=tanh`);
    const untold = modelFile([784, 12, 10]);
    await load(page, "torch.safetensors", untold);
    const question = page.getByRole("alert").filter({ hasText: "torch.safetensors does not tell" });
    const relu = question.getByRole("button", { name: "relu", exact: true });
    await relu.waitFor();
    expect(await question.getByRole("button").allInnerTexts()).toEqual([...activationNames, "Dismiss"]);
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe(activationNames[0]);
    await question.getByRole("button", { name: "Dismiss" }).click();
    const hidden = page.getByRole("textbox", { name: "Hidden layers" });
    expect(await hidden.inputValue()).not.toBe("12");
    expect(await focused()).toBe("Load model");
    await load(page, "torch.safetensors", untold);
    await relu.click();
    await eventually(() => toasts(page)).toContain("784-12-10 of torch.safetensors is loaded");
    expect(await hidden.inputValue()).toBe("12");
    expect(await page.evaluate(() => location.search)).toContain("activation=relu");
  });

  test("weights whose loss is no number stop training, and are said to", async () => {
    const page = await app.open(quick);
    const parameters = initialise([784, 10], "zeros", 1);
    for (const { weight } of parameters) weight.fill(3e38);
    await load(page, "huge.safetensors", encodeModel({ parameters, metadata: new Map() }));
    await eventually(() => toasts(page)).toContain("is loaded");
    await press(page, "Random test digit");
    await eventually(() => text(page.locator(".answer"))).toMatch(
      /^\?\s*no number: its weights are too large$/,
    );
    expect(await text(page.locator("#reading"))).not.toContain("NaN");
    await press(page, "Train");
    await page.getByRole("alert").getByText("Training diverged").waitFor();
    await eventually(() => page.getByRole("button", { name: "Train", exact: true }).count()).toBe(1);
  });
});

describe("ONNX files", () => {
  test("hold the network on the page", async () => {
    const page = await app.open(`${least}&hidden=14`);
    await press(page, "Epoch");
    await eventually(() => steps(page)).toBe(32);
    await rested(page);
    const saved = async (button: string) => {
      const [download] = await Promise.all([page.waitForEvent("download"), press(page, button)]);
      return [download.suggestedFilename(), await readFile(await download.path())] as const;
    };
    const [, model] = await saved("Save model");
    const [name, onnx] = await saved("Save as ONNX");
    expect(name).toBe("mnist-784-14-10.onnx");
    const { images } = builtInDigits({ train: 0, test: 1 }).test;
    env.wasm.numThreads = 1;
    const session = await InferenceSession.create(onnx);
    const { probabilities } = await session.run({ pixels: new Tensor("uint8", images, [1, 784]) });
    const { parameters } = decodeModel(model, "saved");
    const blank = { images: new Uint8Array(784), labels: Uint8Array.of(0), count: 1, rows: 28, columns: 28 };
    const engine = createCpuEngine({
      sizes: [784, 14, 10],
      batchSize: 1,
      train: blank,
      settings: defaultConfig,
    });
    engine.setParameters(parameters);
    const expected = await engine.predict(images);
    for (const [digit, value] of expected.entries())
      expect((probabilities!.data as Float32Array)[digit]).toBeCloseTo(value, 5);
  });
});

describe("settings that cannot be", () => {
  test("in a link fall back one by one, and the page says which", async () => {
    const page = await app.open(
      `${quickest}&hidden=ten&learningRate=-1&seed=5&batchSize=1e9&colour=red&size=9`,
    );
    const text = await toasts(page);
    for (const name of ["hidden", "learningRate", "batchSize", "colour", "size"])
      expect(text).toContain(`${name}: `);
    expect(text).not.toContain("seed");
    const search = await page.evaluate(() => location.search);
    for (const part of ["hidden=10", "learningRate=0.1", "batchSize=64", "seed=5"])
      expect(search).toContain(part);
  });

  test("a batch larger than the data falls back with the reason", async () => {
    const page = await app.open(`${quickest}&batchSize=3000`);
    await eventually(() => toasts(page)).toContain("batch size 3000 is larger than the training set of 2000");
    expect(await page.evaluate(() => location.search)).toContain("batchSize=64");
  });

  test("validation images, and what goes by them, fall back before the limit of images does", async () => {
    for (const [asked, said] of [
      [
        "validation=2000",
        /Validation images 2000 leaves nothing of the 2000 .* validation: It is 0 instead\.$/m,
      ],
      [
        "patience=3&keepBest=true",
        /Patience needs Validation images above 0: .* patience: It is 0 .* keepBest: It is false/,
      ],
      [
        "validation=5000&patience=3",
        /leaves nothing.* validation: It is 0 instead\. patience: It is 0 instead\.$/m,
      ],
    ] as const) {
      const page = await app.open(`${quickest}&${asked}`);
      await eventually(() => toasts(page)).toMatch(said);
      const search = await page.evaluate(() => location.search);
      for (const part of ["validation=0", "patience=0", "keepBest=false", "limit=2000"])
        expect(search).toContain(part);
    }
  });

  test("a network beyond the device's limits is refused before anything is allocated", async () => {
    const page = await app.open(`${quick}&epochs=100000`, {
      before: () => {
        const create = GPUDevice.prototype.createBuffer;
        GPUDevice.prototype.createBuffer = function (descriptor) {
          if (descriptor.size > 1e9) throw new Error(`${descriptor.size} bytes were allocated`);
          return create.call(this, descriptor);
        };
      },
    });
    await press(page, "Train");
    await eventually(() => steps(page)).toBeGreaterThan(0);
    await setField(page, "Hidden layers", "65536,65536");
    await page.getByRole("alert").waitFor();
    await eventually(() => toasts(page)).toMatch(
      /784-65536-65536-10 needs \d+ bytes, but this adapter's max\w+ is \d+/,
    );
    await eventually(() => page.getByRole("textbox", { name: "Hidden layers" }).inputValue()).toBe("10");
    const seen = await steps(page);
    await eventually(() => steps(page)).toBeGreaterThan(seen);
    const link = await app.open(`${quick}&hidden=65536,65536`);
    await eventually(() => toasts(link)).toContain("hidden: It is 10 instead.");
  });

  test("typed into the panel are refused with what is expected", async () => {
    const page = await app.open(quickest);
    await setField(page, "Batch size", "0");
    await page.getByRole("alert").waitFor();
    await eventually(() => toasts(page)).toContain(
      "Batch size: got 0, expected a whole number from 1 to 65536.",
    );
    for (const text of ["many", "10x", ""]) {
      await setField(page, "Batch size", text);
      await eventually(() => toasts(page)).toContain(
        `Batch size: got ${text || "nothing"}, expected a whole number`,
      );
      await eventually(() => page.getByRole("textbox", { name: "Batch size" }).inputValue()).toBe("64");
    }
    expect(await page.evaluate(() => location.search)).not.toMatch(/batchSize=(?!64)/);
    expect(await figure(page, "Step")).toBe("0");
  });
});
