import { expect, it } from "vitest";
import { readModels, spokesmanOf } from "../../src/cli/ensemble.ts";
import { dataFor } from "../../src/cli/inference.ts";
import type { ModelFile } from "../../src/cli/model-files.ts";
import { UserError } from "../../src/errors.ts";

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
