import { describe, expect, it, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { initialise } from "../../src/model/initialise.ts";
import { decodeJsonModel, encodeJsonModel } from "../../src/model/json-model.ts";
import { activationOf, type Model } from "../../src/model/model-file.ts";

const fileName = "network.json";
const config = '{"hidden":[5],"activation":"tanh"}';
const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const model: Model = {
  parameters: initialise([7, 5, 3], "article", 4),
  metadata: new Map([
    ["config", config],
    ["dataset", 'MNIST "quoted"'],
  ]),
};

describe("a network as JSON", () => {
  it("comes back to the last bit", () => {
    expect(decodeJsonModel(bytesOf(encodeJsonModel(model, "tanh")), fileName)).toEqual(model);
  });

  it.each([0, -0, 1, 0.1, 1 / 3, 3.4028235e38, 1e-45, 1.17549435e-38, -16777217, 2.5e-8])(
    "keeps the float32 nearest to %d",
    (value) => {
      const layer = { inputs: 1, outputs: 1, weight: Float64Array.of(value), bias: Float64Array.of(-value) };
      const text = encodeJsonModel({ parameters: [layer], metadata: new Map() }, "sigmoid");
      const [read] = decodeJsonModel(bytesOf(text), fileName).parameters;
      expect(read!.weight[0]! + 0).toBe(Math.fround(value) + 0);
      expect(read!.bias[0]! + 0).toBe(Math.fround(-value) + 0);
    },
  );

  it("is readable: names, short numbers, a row a line", () => {
    const layer = {
      inputs: 2,
      outputs: 2,
      weight: Float32Array.of(0.1, 1, -2.5, 1 / 3),
      bias: new Float32Array(2),
    };
    const text = encodeJsonModel({ parameters: [layer], metadata: new Map([["dataset", "MNIST"]]) }, "relu");
    expect(JSON.parse(text)).toMatchObject({
      sizes: [2, 2],
      activation: "relu",
      metadata: { dataset: "MNIST" },
    });
    expect(text).toContain('"weight": [\n[0.1, 1],\n[-2.5, 0.33333334]\n],\n"bias": [0, 0]');
  });

  it("written by others needs its layers only", () => {
    const read = decodeJsonModel(bytesOf({ layers: [{ weight: [[1, 2]], bias: [3] }] }), fileName);
    expect(read.parameters).toEqual([
      { inputs: 2, outputs: 1, weight: Float32Array.of(1, 2), bias: Float32Array.of(3) },
    ]);
    expect(activationOf(read, fileName)).toBeUndefined();
  });

  it("tells its activation, whatever its metadata say", () => {
    const layers = [{ weight: [[1, 2]], bias: [3] }];
    const read = decodeJsonModel(bytesOf({ layers, activation: "silu", metadata: { config } }), fileName);
    expect(activationOf(read, fileName)).toBe("silu");
    expect(JSON.parse(read.metadata.get("config")!)).toEqual({ hidden: [5], activation: "silu" });
  });
});

const layer = { weight: [[1, 2]], bias: [3] };
const wrong = (change: object) => ({ layers: [{ ...layer, ...change }] });

/** Deeper than what writes JSON can go. */
const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;

test.each<[string, unknown, string]>([
  ["half a file", encodeJsonModel(model, "tanh").slice(0, 200), "it is not JSON ("],
  ["bytes that are no text", "\u00ff", "it is not JSON ("],
  ["a list", [], "it is not an object"],
  ["no layers", {}, 'it has no list of "layers"'],
  [
    "too many",
    { layers: Array(66).fill({ weight: [[1]], bias: [0] }) },
    "it has 66 layers, expected at most 65",
  ],
  ["a layer that is none", { layers: [3] }, "layer 1 is not an object"],
  [
    "a weight that is none",
    wrong({ weight: [1, 2] }),
    'the "weight" of layer 1 is not a list of rows of numbers',
  ],
  ["rows that differ", wrong({ weight: [[1, 2], [1]], bias: [1, 2] }), 'row 1 of the "weight" of layer 1 has 1 numbers, expected 2'], // biome-ignore format: one line
  ["a bias too long", wrong({ bias: [1, 2] }), 'the "bias" of layer 1 has 2 numbers, expected 1'],
  ["no bias", wrong({ bias: undefined }), 'the "bias" of layer 1 is not a list of numbers'],
  ["a text for a number", wrong({ bias: ["1"] }), 'number 0 of the "bias" of layer 1 is "1", expected a finite float32'], // biome-ignore format: one line
  ["a number beyond float32", wrong({ weight: [[1, 1e39]] }), "is 1e+39, expected a finite float32"],
  ["an infinite number", '{"layers": [{"weight": [[1e999]], "bias": [0]}]}', "is Infinity, expected"],
  ["layers that do not chain", { layers: [layer, layer] }, "layer 2 takes 2 inputs, but the layer before has 1 outputs"], // biome-ignore format: one line
  [
    "other sizes",
    { layers: [layer], sizes: [3, 1] },
    '"sizes" is [3,1], but its layers have the sizes [2,1]',
  ],
  ["sizes that are none", { layers: [layer], sizes: [2, [1]] }, '"sizes" is a list of lists or objects, but'],
  [
    "sizes without end",
    `{"layers": [${JSON.stringify(layer)}], "sizes": ${deep}}`,
    '"sizes" is a list of lists',
  ],
  [
    "a bias without end",
    `{"layers": [{"weight": [[1]], "bias": [${deep}]}]}`,
    "is a list of lists or objects, expected",
  ],
  [
    "an activation without end",
    `{"layers": [${JSON.stringify(layer)}], "activation": ${deep}}`,
    '"activation" is a list of',
  ],
  [
    "an activation that is no text",
    { layers: [layer], activation: { toString: 1 } },
    '"activation" is an object, expected',
  ],
  [
    "another activation",
    { layers: [layer], activation: "softplus" },
    '"activation" is "softplus", expected one of sigmoid',
  ],
  [
    "metadata that are no texts",
    { layers: [layer], metadata: { a: 1 } },
    '"metadata" is not an object of texts',
  ],
])("refuses %s", (_, contents, message) => {
  const bytes = contents === "\u00ff" ? Uint8Array.of(0xff) : bytesOf(contents);
  expect(() => decodeJsonModel(bytes, fileName)).toThrow(UserError);
  expect(() => decodeJsonModel(bytes, fileName)).toThrow(message);
  expect(() => decodeJsonModel(bytes, fileName)).toThrow(fileName);
});

test("zeros keep their sign", () => {
  const parameters = [{ inputs: 2, outputs: 1, weight: Float32Array.of(-0, 0), bias: Float32Array.of(-0) }];
  const text = encodeJsonModel({ parameters, metadata: new Map() }, "sigmoid");
  const [{ weight, bias }] = decodeJsonModel(bytesOf(text), fileName).parameters;
  expect([...weight, ...bias]).toEqual([-0, 0, -0]);
});
