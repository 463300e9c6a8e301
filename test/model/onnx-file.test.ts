import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, firstImages, imageSize, type Split } from "../../src/data/dataset.ts";
import { deskewed } from "../../src/data/deskew.ts";
import { builtInDigits } from "../../src/data/digits.ts";
import { UserError } from "../../src/errors.ts";
import { type Activation, activationNames } from "../../src/model/activations.ts";
import { initialise } from "../../src/model/initialise.ts";
import { encodeOnnx, encodeOnnxEnsemble } from "../../src/model/onnx-file.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { loadDataset } from "../../src/node/mnist-files.ts";
import { activations } from "../../src/reference/activations.ts";
import { createTrainer } from "../../src/training/create-trainer.ts";
import type { Trainer } from "../../src/training/trainer.ts";
import { mnistFolder } from "../helpers/mnist.ts";

/*
 * ONNX files, run by a program that is not ours: onnxruntime.
 */

env.wasm.numThreads = 1;

const producer = { name: "a test", version: "1.2.3" };

/** What onnxruntime computes from the file: `[batch, classes]`. */
async function runFile(bytes: Uint8Array, { images, count }: Pick<Split, "images" | "count">) {
  const session = await InferenceSession.create(bytes);
  expect([session.inputNames, session.outputNames]).toEqual([["pixels"], ["probabilities"]]);
  const pixels = new Tensor("uint8", images, [count, images.length / count]);
  const { probabilities } = await session.run({ pixels });
  await session.release();
  return { dims: probabilities!.dims, data: probabilities!.data as Float32Array };
}

/** The probabilities of one image in float64, by the reference's formula. */
function probabilitiesOf(parameters: Parameters, activation: Activation, image: Uint8Array): number[] {
  let values = Array.from(image, (byte) => byte / 255);
  parameters.forEach(({ inputs, weight, bias }, layer) => {
    const sums = Array.from(bias, (start, row) =>
      values.reduce((sum, value, column) => sum + value * weight[row * inputs + column]!, start),
    );
    values = layer < parameters.length - 1 ? sums.map(activations[activation].apply) : sums;
  });
  const powers = values.map((value) => Math.exp(value - Math.max(...values)));
  const total = powers.reduce((sum, power) => sum + power);
  return powers.map((power) => power / total);
}

const largestOf = (row: ArrayLike<number>) => Array.from(row).indexOf(Math.max(...Array.from(row)));

function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

describe.each(activationNames)("a network trained with %s", (activation) => {
  let dataset: Dataset;
  let trainer: Trainer;
  beforeAll(async () => {
    dataset = await loadDataset({ dataset: "mnist", data: await mnistFolder(), notice: () => {} });
    // Sigmoids are slow to learn, and ReLU learns less at their rate.
    const learningRate = activation === "sigmoid" ? 0.5 : 0.2;
    const config = { ...defaultConfig, activation, limit: 4000, epochs: 1, learningRate };
    trainer = await createTrainer({ config: { ...config, backend: "cpu" }, dataset });
    await trainer.run();
    return () => trainer.destroy();
  });

  it("classifies real test digits as the engine does", async () => {
    const test = firstImages(dataset.test, 1000);
    const parameters = await trainer.engine.readParameters();
    const bytes = encodeOnnx({ parameters, activation, metadata: new Map(), producer });
    const { dims, data } = await runFile(bytes, test);
    expect(dims).toEqual([1000, 10]);
    const { classes } = await trainer.engine.evaluate(test);
    expect(Array.from(classes, (_, image) => largestOf(data.subarray(10 * image, 10 * image + 10)))).toEqual([
      ...classes,
    ]);
    const right = classes.reduce(
      (sum, predicted, image) => sum + Number(predicted === test.labels[image]),
      0,
    );
    expect(right).toBeGreaterThan(600);
    expect(largestDifference(data, await trainer.engine.predict(test.images))).toBeLessThan(1e-5);
  });
});

describe.each(activationNames)("networks with %s", (activation) => {
  it.each([[[784, 12, 10]], [[784, 33, 17, 10]], [[784, 10]]])(
    "of sizes %j compute their formula",
    async (sizes) => {
      const { test } = builtInDigits({ train: 0, test: 5 });
      // Weights large enough that no activation is nearly linear.
      const parameters = initialise(sizes, "he-normal", 5).map((layer) => ({
        ...layer,
        weight: layer.weight.map((value) => 2 * value),
        bias: layer.bias.map((_, unit) => Math.sin(unit)),
      }));
      const { data } = await runFile(
        encodeOnnx({ parameters, activation, metadata: new Map(), producer }),
        test,
      );
      const expected = Array.from({ length: test.count }, (_, image) => {
        const size = imageSize(test);
        return probabilitiesOf(
          parameters,
          activation,
          test.images.subarray(image * size, (image + 1) * size),
        );
      });
      // Sums of up to 784 float32 products of the order of 1.
      expect(largestDifference(data, expected.flat())).toBeLessThan(1e-5);
    },
  );
});

describe("networks that make no file", () => {
  const encode = (...widths: number[][]) => {
    const members = widths.map((sizes) => ({
      parameters: initialise(sizes, "zeros", 1),
      activation: "relu" as const,
    }));
    return encodeOnnxEnsemble({ members, metadata: new Map(), producer });
  };

  it.each([
    ["none at all", [], "An ONNX file holds at least one network"],
    [
      "other images",
      [
        [4, 5, 3],
        [4, 3],
        [9, 5, 3],
      ],
      "Network 3 of an ONNX file takes images of 9 pixels as 3 classes, but the first takes images of 4 pixels as 3 classes.",
    ],
    [
      "other classes",
      [
        [4, 3],
        [4, 2],
      ],
      "Network 2 of an ONNX file takes images of 4 pixels as 2 classes, but",
    ],
  ])("%s", (_, widths, message) => {
    expect(() => encode(...widths)).toThrow(UserError);
    expect(() => encode(...widths)).toThrow(message);
  });
});

describe("a network that reads deskewed images", () => {
  const [sizes, others] = [
    [784, 20, 10],
    [784, 12, 10],
  ].map((widths) => initialise(widths, "he-normal", 4));
  const deskewing = { parameters: sizes!, activation: "silu" as const, deskew: true };
  const plain = { parameters: others!, activation: "relu" as const };
  const facts = { metadata: new Map<string, string>(), producer };
  let images: Split;
  beforeAll(async () => {
    const { test } = await loadDataset({ dataset: "mnist", data: await mnistFolder(), notice: () => {} });
    // Among them one of nothing, one of a single row and one that lies on its side.
    const digits = firstImages(test, 500).images.slice();
    digits.fill(0, 0, 3 * 784);
    digits.fill(200, 784 + 10 * 28 + 4, 784 + 10 * 28 + 20);
    for (let column = 2; column < 26; column++) digits[2 * 784 + (8 + (column >> 2)) * 28 + column] = 255;
    images = { ...firstImages(test, 500), images: digits };
  });

  it("is given images as they are, and sets them upright as the engine does", async () => {
    const { data } = await runFile(encodeOnnx({ ...deskewing, ...facts }), images);
    const upright = { ...images, images: deskewed(images.images, images) };
    const expected = await runFile(encodeOnnx({ ...deskewing, ...facts, deskew: false }), upright);
    // Where float32 rounds a pixel to the other byte.
    expect(largestDifference(data, expected.data)).toBeLessThan(2e-3);
    const differing = data.filter((value, at) => Math.abs(value - expected.data[at]!) > 1e-5).length;
    expect(differing / data.length).toBeLessThan(0.02);
    const asTheyAre = await runFile(encodeOnnx({ ...deskewing, ...facts, deskew: false }), images);
    expect(largestDifference(data, asTheyAre.data)).toBeGreaterThan(0.05);
  });

  it("may be one of an ensemble whose others read them as they are", async () => {
    const { data } = await runFile(encodeOnnxEnsemble({ members: [plain, deskewing], ...facts }), images);
    const [one, other] = [
      await runFile(encodeOnnx({ ...plain, ...facts }), images),
      await runFile(encodeOnnx({ ...deskewing, ...facts }), images),
    ];
    const mean = one.data.map((value, at) => (value + other.data[at]!) / 2);
    expect(largestDifference(data, mean)).toBeLessThan(1e-6);
  });

  it("is refused where its images are not square", () => {
    const parameters = initialise([6, 4, 3], "uniform", 1);
    expect(() => encodeOnnx({ ...deskewing, ...facts, parameters })).toThrow(
      "A network that reads deskewed images of 6 pixels cannot be written as ONNX",
    );
    // As many pixels as 28x28 have.
    const shape = { rows: 14, columns: 56 };
    expect(() => encodeOnnx({ ...deskewing, ...facts, shape })).toThrow("images of 14x56 pixels cannot");
    expect(encodeOnnx({ ...deskewing, ...facts, shape: { rows: 28, columns: 28 } }).length).toBeGreaterThan(
      0,
    );
  });
});

describe("an ONNX file", () => {
  const parameters = initialise([6, 4, 3], "uniform", 1);
  const model = { parameters, activation: "relu" as const, metadata: new Map([["dataset", "é"]]), producer };

  it("takes any number of images", async () => {
    for (const count of [1, 7]) {
      const { dims } = await runFile(encodeOnnx(model), { images: new Uint8Array(6 * count), count });
      expect(dims).toEqual([count, 3]);
    }
  });

  it("says what its input is, who wrote it and what goes with it", () => {
    const text = Buffer.from(encodeOnnx(model)).toString("utf8");
    for (const part of ["uint8 [batch, rows * columns]", "a test", "1.2.3", "dataset", "é", "6-4-3"])
      expect(text).toContain(part);
  });

  it("is the same for the same model", () => expect(encodeOnnx(model)).toEqual(encodeOnnx(model)));
});
