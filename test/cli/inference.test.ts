import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readModels, spokesmanOf } from "../../src/cli/ensemble.ts";
import { dataFor } from "../../src/cli/inference.ts";
import { fitDataset, type ModelFile, modelBytes, readModel } from "../../src/cli/model-files.ts";
import type { Dataset } from "../../src/data/dataset.ts";
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
