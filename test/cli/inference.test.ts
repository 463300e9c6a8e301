import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { fitToAll, loadFor, readModels, spokesmanOf } from "../../src/cli/ensemble.ts";
import { dataFor } from "../../src/cli/inference.ts";
import { fitDataset, type ModelFile, modelBytes, readModel } from "../../src/cli/model-files.ts";
import type { Dataset, ImageShape } from "../../src/data/dataset.ts";
import { UserError } from "../../src/errors.ts";
import { initialise } from "../../src/model/initialise.ts";
import { defaultConfig } from "../../src/model/settings.ts";

/** What matters of a model file here. */
function model(path: string, config: object, dataset = "letters", classNames?: readonly string[]): ModelFile {
  const metadata = new Map(Object.entries({ config: JSON.stringify(config), dataset }));
  return { path, metadata, sizes: [4, 2], ...(classNames && { classNames }) } as unknown as ModelFile;
}

it.each([
  ["nothing", {}, true],
  ["data", { data: "here" }, true],
  ["the set of training", { dataset: "auto" }, true],
  ["another set", { dataset: "mnist" }, false],
  ["another set, and that it is to be transposed", { dataset: "mnist", transpose: true }, true],
] as const)("a network of transposed images reads such where flags name %s", (_, flags, transpose) => {
  const trained = model("a", { dataset: "auto", transpose: true });
  expect(dataFor([trained], flags)).toMatchObject({ ...flags, transpose });
});

it("a set is that of training by its name too, where auto found it", () => {
  const trained = model("a", { dataset: "auto", transpose: true }, "MNIST");
  expect(dataFor([trained], { dataset: "mnist" }).transpose).toBe(true);
  expect(
    dataFor([model("a", { transpose: true }, "built-in digits")], { dataset: "synthetic" }).transpose,
  ).toBe(true);
  expect(dataFor([trained], { dataset: "synthetic" }).transpose).toBe(false);
});

it.each([
  ["what its setting names", { dataset: "synthetic" }, "built-in digits", "synthetic"],
  ["digits that took MNIST's place", { dataset: "auto" }, "built-in digits", "synthetic"],
  ["what auto found, and nothing in its place", { dataset: "auto" }, "MNIST", "mnist"],
  ["a set that was named by its folder", { dataset: "auto" }, "Fashion-MNIST", "fashion-mnist"],
  ["what was named, whatever its folder was called", { dataset: "mnist" }, "letters", "mnist"],
  ["auto where the data has no name", { dataset: "auto" }, "letters", "auto"],
  ["auto where the file tells nothing", {}, "letters", "auto"],
])("a network reads the set that it was trained on: %s", (_, config, name, dataset) => {
  expect(dataFor([model("a", config, name)], {}).dataset).toBe(dataset);
  expect(dataFor([model("a", config, name)], { data: "here" }).dataset).toBe("auto");
});

it("of built-in digits that are only tested none are drawn to train on but one a class", async () => {
  const trained = { ...model("a", { dataset: "synthetic" }, "built-in digits"), sizes: [784, 10] };
  const { classes, train, test } = await loadFor([trained], {}, () => {});
  expect([classes, train.count, test.count]).toEqual([10, 10, 2000]);
  expect(new Set(train.labels).size).toBe(10);
});

it("an ensemble reads the same whatever the order of its networks", async () => {
  const plain = model("plain", { dataset: "auto" });
  const named = model("named", { dataset: "kmnist" }, "KMNIST", ["o", "ki"]);
  const other = model("other", { dataset: "mnist" }, "MNIST", ["ki", "o"]);
  for (const members of [
    [plain, named],
    [named, plain],
  ]) {
    expect(dataFor(members, {}).dataset).toBe("kmnist");
    expect(spokesmanOf(members)).toBe(named);
  }
  expect(() => dataFor([named, other], {})).toThrow(UserError);
  expect(() => dataFor([named, other], {})).toThrow("other was trained on mnist, but named on kmnist. Leave");
  expect(dataFor([named, other], { dataset: "kmnist" }).dataset).toBe("kmnist");
  const digits = model("digits", { dataset: "auto" }, "built-in digits");
  for (const members of [
    [digits, other],
    [other, digits],
  ])
    expect(() => dataFor(members, {})).toThrow("other was trained on mnist, but digits on synthetic. Leave");
  const files = new Map([plain, named, other].map((file) => [file.path, file]));
  const read = async (path: string) => files.get(path)!;
  for (const paths of [
    ["plain", "named", "other"],
    ["named", "other", "plain"],
  ])
    await expect(readModels(paths, { notice() {} }, read)).rejects.toThrow(
      'other takes images of 4 pixels as the classes "ki", "o", but named takes',
    );
});

it("a network takes images of its own shape alone, not of another with as many pixels", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shapes-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "a.safetensors");
  const dataset = (rows: number, columns: number): Dataset => {
    const split = { images: new Uint8Array(16), labels: Uint8Array.of(1), count: 1, rows, columns };
    return { name: "dots", origin: "here", classes: 2, train: split, test: split };
  };
  const parameters = initialise([16, 2], "zeros", 0);
  await writeFile(path, modelBytes(parameters, { config: defaultConfig, dataset: dataset(4, 4) }));
  const trained = await readModel(path, { notice() {} });
  expect(fitDataset(dataset(4, 4), trained).classes).toBe(2);
  expect(() => fitDataset(dataset(2, 8), trained)).toThrow(
    "for images of 4x4 pixels, but those of dots have 2x8. Choose a model and data of one shape.",
  );
  // Files of others, and older ones, do not tell.
  const { shape: _, ...untold } = trained;
  expect(fitDataset(dataset(2, 8), untold).classes).toBe(2);
});

describe("data has the labels that a network has for its classes", () => {
  const split = (...labels: number[]) => {
    const count = labels.length;
    return { images: new Uint8Array(4 * count), labels: Uint8Array.from(labels), count, rows: 2, columns: 2 };
  };
  const data = (train: number[], test: number[], classNames?: string[]): Dataset => ({
    ...{ name: "dots", origin: "here", train: split(...train), test: split(...test) },
    classes: classNames?.length ?? Math.max(...train, ...test) + 1,
    ...(classNames && { classNames }),
  });
  const network = (outputs: number, classNames?: string[]) => ({
    ...{ path: "a", network: "net", sizes: [4, outputs] },
    ...(classNames && { classNames }),
  });
  const labelsOf = ({ train, test }: Dataset) => [[...train.labels], [...test.labels]];

  it.each<[string, Dataset, ReturnType<typeof network>, number[][]]>([
    ["folders of some digits", data([0, 1, 1], [1], ["3", "8"]), network(10), [[3, 8, 8], [8]]],
    [
      "labels from 1",
      data([1, 2], [2, 1]),
      network(3, ["1", "2", "3"]),
      [
        [0, 1],
        [1, 0],
      ],
    ],
  ])("of %s", (_, given, trained, labels) => {
    const fitted = fitDataset(given, trained);
    expect(labelsOf(fitted)).toEqual(labels);
    expect(fitted.classes).toBe(trained.sizes[1]);
    // The names of the network's classes, of all of them, and not those of the data.
    expect(fitted.classNames).toEqual(trained.classNames);
  });

  it("as it comes where no names are numbers", () => {
    const birds = fitDataset(data([0, 1], [1], ["tit", "owl"]), network(10));
    expect(labelsOf(birds)).toEqual([[0, 1], [1]]);
    expect(birds.classNames).toEqual(["tit", "owl"]);
    expect(labelsOf(fitDataset(data([0, 1], [1]), network(2, ["tit", "owl"])))).toEqual([[0, 1], [1]]);
  });

  it("or is refused", () => {
    const refused = (given: Dataset, trained: ReturnType<typeof network>) => () => fitDataset(given, trained);
    expect(refused(data([0, 1], [1], ["9", "10"]), network(10))).toThrow(
      'a does not know the classes "10" of dots. It was trained on "0", "1",',
    );
    expect(refused(data([0, 1], [1]), network(2, ["1", "2"]))).toThrow('the classes "0" of dots');
    expect(refused(data([0, 3], [1]), network(3))).toThrow("for 3 classes, but dots has 4.");
  });
});

it("the networks of an ensemble read images of one shape, told by any, whatever their order", async () => {
  const shaped = (path: string, shape?: ImageShape, classNames?: string[]) => ({
    ...model(path, {}, "letters", classNames),
    ...(shape && { shape }),
  });
  const files = [
    shaped("untold", undefined, ["o", "ki"]),
    shaped("square", { rows: 2, columns: 2 }),
    shaped("flat", { rows: 1, columns: 4 }),
    shaped("numbers", undefined, ["1", "2"]),
  ];
  const read = async (path: string) => files.find((file) => file.path === path)!;
  const together = (...paths: string[]) => readModels(paths, { notice() {} }, read);
  const split = { images: new Uint8Array(4), labels: Uint8Array.of(0), count: 1, rows: 1, columns: 4 };
  const line: Dataset = { name: "lines", origin: "here", classes: 2, train: split, test: split };
  for (const paths of [
    ["untold", "square"],
    ["square", "untold"],
  ]) {
    const models = await together(...paths);
    expect(() => fitToAll(line, models)).toThrow("square holds a network");
    await expect(together(...paths, "flat")).rejects.toThrow(
      "flat takes images of 1x4 pixels as 2 classes, but square takes images of 2x2 pixels as 2 classes.",
    );
    await expect(together("flat", ...paths)).rejects.toThrow(
      /takes images of (1x4|2x2) pixels as 2 classes, but/,
    );
  }
  await expect(together("square", "numbers")).rejects.toThrow(
    'square takes images of 4 pixels as the classes "0", "1", but numbers takes images of 4 pixels as the classes "1", "2".',
  );
});
