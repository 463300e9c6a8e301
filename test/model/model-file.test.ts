import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { activationOf, decodeModel, encodeModel, withSettings } from "../../src/model/model-file.ts";
import { type Parameters, sizesOf } from "../../src/model/parameters.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/model/safetensors.ts";

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
      fileWith({ "0.weight": [2, 2], "1.running_mean": [2] }),
      '"1.running_mean" is neither',
    ],
    ["a name that only ends alike", fileWith({ overweight: [2, 2] }), '"overweight" is neither'],
    [
      "a convolution",
      fileWith({ "0.weight": [8, 1, 3, 3] }),
      "has shape [8,1,3,3], expected [outputs, inputs]",
    ],
    ["an empty layer", fileWith({ "0.weight": [0, 784] }), "has shape [0,784]"],
    ["a bias without weight", fileWith({ "0.weight": [2, 2], "2.bias": [2] }), '"2.bias" has no weight'],
    [
      "a bias of another length",
      fileWith({ "0.weight": [3, 2], "0.bias": [2] }),
      "has shape [2], expected [3]",
    ],
    [
      "a bias of two dimensions",
      fileWith({ "0.weight": [3, 2], "0.bias": [3, 1] }),
      "has shape [3,1], expected [3]",
    ],
    [
      "layers that do not chain",
      fileWith({ "0.weight": [5, 4], "2.weight": [3, 6] }),
      "layer 2 (in the order of names) takes 6 inputs, but the layer before has 5 outputs",
    ],
    ["values that are not numbers", fileWith({ "0.weight": [2, 2] }, Number.NaN), "not finite"],
    ["values that are infinite", fileWith({ "0.weight": [2, 2] }, Infinity), "not finite"],
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

  test.each(['{"activation":"softplus"}', '{"activation":null}'])(
    "is refused if it is unknown: %s",
    (config) => {
      expect(() => told(config)).toThrow(UserError);
      expect(() => told(config)).toThrow(/^model\.safetensors .*, expected one of sigmoid, tanh, .*\./);
    },
  );

  test("is written beside the other settings", () => {
    const written = withSettings(metadata, { activation: "tanh" });
    expect(JSON.parse(written.get("config")!)).toEqual({ hidden: [5, 4], activation: "tanh" });
    expect(written.get("dataset")).toBe("MNIST");
    expect(metadata.get("config")).toBe('{"hidden":[5,4]}');
  });
});
