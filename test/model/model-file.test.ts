import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import {
  activationOf,
  classNamesOf,
  decodeModel,
  encodeModel,
  modelMetadata,
  shapeOf,
  withSettings,
} from "../../src/model/model-file.ts";
import { type Parameters, sizesOf } from "../../src/model/parameters.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/model/safetensors.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { torchFile } from "../helpers/torch-file.ts";

const fileName = "model.safetensors";

/** Parameters whose values are all different and exact in float32. */
function countingParameters(sizes: number[]): Parameters {
  let next = 0;
  const values = (length: number) => Float32Array.from({ length }, () => next++ / 8);
  return sizes.slice(1).map((outputs, layer) => {
    const inputs = sizes[layer];
    return { inputs, outputs, weight: values(outputs * inputs), bias: values(outputs) };
  });
}

function fileWith(tensors: Record<string, number[]>, value = 1): Uint8Array {
  const filled = Object.entries(tensors).map(([name, shape]): [string, Tensor] => {
    const length = shape.reduce((product, size) => product * size, 1);
    return [name, { shape, data: new Float32Array(length).fill(value) }];
  });
  return encodeSafetensors({ tensors: new Map(filled), metadata: new Map() });
}

/** So many layers, each of one weight. */
const chainOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, layer) => [`${layer}.weight`, [1, 1]]));

const network = countingParameters([6, 5, 4, 3]);
const metadata = new Map([["config", '{"hidden":[5,4]}'], ["dataset", "MNIST"]]); // biome-ignore format: one line

describe("encodeModel", () => {
  test("names and shapes the layers as PyTorch does in nn.Sequential", () => {
    const { tensors } = decodeSafetensors(encodeModel({ parameters: network, metadata }), fileName);
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual({
      "0.weight": [5, 6],
      "0.bias": [5],
      "2.weight": [4, 5],
      "2.bias": [4],
      "4.weight": [3, 4],
      "4.bias": [3],
    });
    expect(tensors.get("2.weight")?.data).toEqual(network[1].weight);
  });

  test("writes float32, whatever the precision of the parameters", () => {
    const [layer] = countingParameters([2, 2]);
    const exact = { ...layer, weight: Float64Array.of(0.1, 0.2, 0.3, 0.4), bias: Float64Array.of(1 / 3, 0) };
    const { parameters } = decodeModel(encodeModel({ parameters: [exact], metadata }), fileName);
    expect(parameters[0].weight).toEqual(Float32Array.of(0.1, 0.2, 0.3, 0.4));
    expect(parameters[0].bias).toEqual(Float32Array.of(1 / 3, 0));
  });
});

describe("decodeModel", () => {
  test("gives back what was written", () => {
    expect(decodeModel(encodeModel({ parameters: network, metadata }), fileName)).toEqual({
      parameters: network,
      metadata,
      remarks: [],
    });
  });

  test("takes more than ten layers in numeric order", () => {
    const sizes = [2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4];
    const bytes = encodeModel({ parameters: countingParameters(sizes), metadata });
    expect(sizesOf(decodeModel(bytes, fileName).parameters)).toEqual(sizes);
  });

  test.each<[string, Record<string, number[]>, number[]]>([
    [
      "names of a module",
      { "fc10.weight": [3, 5], "fc10.bias": [3], "fc2.weight": [5, 4], "fc2.bias": [5] },
      [4, 5, 3],
    ],
    [
      "names in another order",
      { "hid.weight": [3, 5], "in.weight": [5, 4], "a.weight": [2, 3] },
      [4, 5, 3, 2],
    ],
    ["nested names", { "net.layers.1.weight": [2, 9], "net.layers.0.weight": [9, 7] }, [7, 9, 2]],
    ["a lone nn.Linear", { weight: [10, 784], bias: [10] }, [784, 10]],
  ])("reads foreign files: %s", (_, tensors, sizes) => {
    expect(sizesOf(decodeModel(fileWith(tensors), fileName).parameters)).toEqual(sizes);
  });

  test("gives a layer without bias zeros", () => {
    const { parameters } = decodeModel(fileWith({ "0.weight": [3, 2] }), fileName);
    expect(parameters).toEqual([
      { inputs: 2, outputs: 3, weight: new Float32Array(6).fill(1), bias: new Float32Array(3) },
    ]);
  });

  test("takes as many layers as settings allow", () =>
    expect(decodeModel(fileWith(chainOf(65)), fileName).parameters).toHaveLength(65));

  test("leaves whole numbers and truth values out, and says so", () => {
    const bytes = torchFile([
      { name: "0.weight", shape: [1, 2], values: [1, 2] },
      { name: "num_batches_tracked", shape: [], values: [7], dtype: "I64" },
      { name: "mask", shape: [3], values: [0, 1, 1], dtype: "BOOL" },
    ]);
    expect(decodeModel(bytes, fileName)).toMatchObject({
      parameters: [{ inputs: 2, outputs: 1, weight: Float32Array.of(1, 2) }],
      remarks: [
        'model.safetensors: left out, as weights are no whole numbers: "num_batches_tracked" [], "mask" [3].',
      ],
    });
  });

  test("says in which order it takes layers of one shape whose names tell none", () => {
    const { parameters, remarks } = decodeModel(
      torchFile([
        { name: "first.weight", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
        { name: "b.weight", shape: [2, 2], values: [1, 1, 1, 1] },
        { name: "a.weight", shape: [2, 2], values: [2, 2, 2, 2] },
      ]),
      fileName,
    );
    expect(parameters.map(({ weight }) => weight[0])).toEqual([1, 2, 1]);
    expect(remarks).toEqual([
      'model.safetensors: its layers could follow each other in several orders. They are taken as "first.weight", ' +
        '"a.weight", "b.weight"; number their names if that is wrong.',
    ]);
  });

  test("keeps float64", () => {
    const weight = Float64Array.of(0.1, 0.2);
    const tensors = new Map([["0.weight", { shape: [1, 2], data: weight }]]);
    const { parameters } = decodeModel(encodeSafetensors({ tensors, metadata: new Map() }), fileName);
    expect(parameters[0].weight).toEqual(weight);
  });

  test.each<[string, Uint8Array, string]>([
    ["no tensor", fileWith({}), "it has no .weight tensor"],
    [
      "another tensor",
      fileWith({ "0.weight": [2, 2], "0.scale": [2] }),
      'no fully connected layer that is in it has a place for "0.scale" [2]',
    ],
    ["a name that only ends alike", fileWith({ overweight: [2, 2] }), 'a place for "overweight" [2, 2]'],
    [
      "a convolution",
      fileWith({ "0.weight": [8, 1, 3, 3], "0.bias": [8] }),
      '"0" is a convolution, of "0.bias" [8], "0.weight" [8, 1, 3, 3], and only fully connected layers',
    ],
    [
      "a batch normalisation, whatever precedes it",
      fileWith({ "0.weight": [2, 2], "bn.running_mean": [2], "bn.weight": [2], "a.weight": [2] }),
      '"bn" is a batch normalisation, of "bn.running_mean" [2], "bn.weight" [2], and',
    ],
    ["a normalisation", fileWith({ "0.weight": [2, 2], "1.weight": [2] }), '"1" is a normalisation or PReLU'],
    ["a recurrent layer", fileWith({ weight_ih_l0: [8, 2] }), "it is a recurrent layer"],
    ["attention", fileWith({ "a.in_proj_weight": [6, 2] }), '"a" is an attention layer'],
    [
      "weight normalisation",
      fileWith({ "a.weight_v": [2, 2], "a.weight_g": [2, 1] }),
      "weight normalisation",
    ],
    [
      "a pruned layer",
      fileWith({ "a.weight_orig": [2, 2], "a.weight_mask": [2, 2] }),
      "torch.nn.utils.prune",
    ],
    [
      "an empty layer",
      fileWith({ "0.weight": [0, 784] }),
      '"0.weight" [0, 784] is no weight [outputs, inputs]',
    ],
    ["a bias without weight", fileWith({ "0.weight": [2, 2], "2.bias": [2] }), 'a place for "2.bias" [2]'],
    [
      "a bias of another length",
      fileWith({ "0.weight": [3, 2], "0.bias": [2] }),
      '"0.bias" has the shape [2], expected [3]',
    ],
    [
      "a bias of two dimensions",
      fileWith({ "0.weight": [3, 2], "0.bias": [3, 1] }),
      '"0.bias" has the shape [3, 1], expected [3]',
    ],
    [
      "layers that do not chain",
      fileWith({ "0.weight": [5, 4], "2.weight": [3, 6] }),
      'its layers "0.weight" [5, 4], "2.weight" [3, 6] do not follow each other in any order',
    ],
    [
      "values that are not numbers",
      fileWith({ "0.weight": [2, 2] }, Number.NaN),
      'value 0 of "0.weight" is NaN, expected a finite float32',
    ],
    [
      "values that are infinite",
      fileWith({ "0.weight": [2, 2] }, Infinity),
      "is Infinity, expected a finite",
    ],
    [
      "values beyond float32",
      torchFile([
        { name: "0.weight", shape: [1, 1], values: [1] },
        { name: "0.bias", shape: [1], values: [-1e39], dtype: "F64" },
      ]),
      'value 0 of "0.bias" is -1e+39, expected a finite float32',
    ],
    ["more layers than settings allow", fileWith(chainOf(66)), "it has 66 layers, expected at most 65"],
    ["far more layers", fileWith(chainOf(5000)), "it has 5000 layers"],
    [
      "a wider layer than settings allow",
      fileWith({ "0.weight": [65_537, 1], "1.weight": [1, 65_537] }),
      "65537",
    ],
    [
      "a quantised layer",
      torchFile([{ name: "0.weight", shape: [1, 2], values: [1, -1], dtype: "I8" }]),
      '"0" is a quantised layer, of "0.weight" [1, 2]',
    ],
    [
      "a checkpoint of a run",
      encodeSafetensors({ tensors: new Map(), metadata: new Map([["checkpoint", "{}"]]) }),
      "it is a checkpoint of a run. Go on from it with --resume",
    ],
    [
      "another kind of file",
      new TextEncoder().encode("not a model at all"),
      "not a readable safetensors file",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeModel(bytes, fileName)).toThrow(UserError);
    expect(() => decodeModel(bytes, fileName)).toThrow(message);
    expect(() => decodeModel(bytes, fileName)).toThrow(fileName);
  });
});

describe("the activation of a model", () => {
  const told = (config?: string) =>
    activationOf({ metadata: new Map(config === undefined ? [] : [["config", config]]) }, fileName);

  test("is that of its config", () => expect(told('{"activation":"silu"}')).toBe("silu"));

  test.each([undefined, "not JSON", "null", "3", "[]", '{"hidden":[3]}'])("is not told by %s", (config) =>
    expect(told(config)).toBeUndefined(),
  );

  test.each([
    '{"activation":"softplus"}',
    '{"activation":null}',
    '{"activation":{"toString":1}}',
    '{"activation":[[]]}',
  ])("is refused if it is unknown: %s", (config) => {
    expect(() => told(config)).toThrow(UserError);
    expect(() => told(config)).toThrow(/^model\.safetensors .*, expected one of sigmoid, tanh, .*\./);
  });

  test("is written beside the other settings", () => {
    const written = withSettings(metadata, { activation: "tanh" });
    expect(JSON.parse(written.get("config")!)).toEqual({ hidden: [5, 4], activation: "tanh" });
    expect(written.get("dataset")).toBe("MNIST");
    expect(metadata.get("config")).toBe('{"hidden":[5,4]}');
  });
});

describe("what a model was trained with", () => {
  const split = { images: new Uint8Array(6), labels: Uint8Array.of(1), count: 1, rows: 2, columns: 3 };
  const trained = { config: defaultConfig, dataset: { name: "dots", train: split } };

  test("goes into its file, and is read of it", () => {
    const dataset = { ...trained.dataset, classNames: ["ink", "none", "some"] };
    const written = modelMetadata("mnist-webgpu 1", network, { ...trained, dataset });
    const model = decodeModel(encodeModel({ parameters: network, metadata: written }), fileName);
    expect(Object.fromEntries(model.metadata)).toMatchObject({
      program: "mnist-webgpu 1",
      network: "6-5-4-3",
      dataset: "dots",
      images: "2x3",
    });
    expect(shapeOf(model)).toEqual({ rows: 2, columns: 3 });
    expect(classNamesOf(model)).toEqual(["ink", "none", "some"]);
    expect(activationOf(model, fileName)).toBe(defaultConfig.activation);
  });

  test("has no names of classes where these have none", () =>
    expect(modelMetadata("", network, trained).has("classNames")).toBe(false));

  test.each([undefined, "", "28", "28x", "-2x3", "2x3x4"])("is no shape of images: %s", (images) =>
    expect(shapeOf({ metadata: new Map(images === undefined ? [] : [["images", images]]) })).toBeUndefined(),
  );
});
