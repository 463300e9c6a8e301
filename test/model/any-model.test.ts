import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { decodeAnyModel } from "../../src/model/any-model.ts";
import { initialise } from "../../src/model/initialise.ts";
import { encodeJsonModel } from "../../src/model/json-model.ts";
import { encodeModel } from "../../src/model/model-file.ts";
import { encodeOnnx } from "../../src/model/onnx-file.ts";
import { zipOf } from "../helpers/data-files.ts";

const model = { parameters: initialise([6, 4, 3], "uniform", 1), metadata: new Map([["dataset", "MNIST"]]) };
const text = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const latin1 = (characters: string) => new Uint8Array(Buffer.from(characters.padEnd(300, "\0"), "latin1"));

describe("the format of a network is told by its bytes, whatever the file is called", () => {
  test.each<[string, Uint8Array, string]>([
    ["safetensors", encodeModel(model), "network.json"],
    ["JSON", text(encodeJsonModel(model, "tanh")), "network.safetensors"],
    [
      "JSON behind white space and a byte order mark",
      text(`\uFEFF\n  ${encodeJsonModel(model, "tanh")}`),
      "a.txt",
    ],
  ])("%s", (_, bytes, name) => {
    const { parameters, metadata, remarks } = decodeAnyModel(bytes, name);
    expect(parameters).toEqual(model.parameters);
    expect([metadata.get("dataset"), remarks]).toEqual(["MNIST", []]);
  });

  test.each(["{", "["])("safetensors whose first byte is a %s, the length of its header", (character) => {
    const length = character.charCodeAt(0);
    const header = '{"0.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}'.padEnd(length);
    const bytes = Buffer.concat([
      Buffer.from([length, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from(header),
      Buffer.alloc(4),
    ]);
    expect(decodeAnyModel(bytes, "a.json").parameters[0]).toMatchObject({ inputs: 1, outputs: 1 });
  });
});

const onnx = encodeOnnx({ ...model, activation: "relu", producer: { name: "test", version: "1" } });
const torchZip = zipOf({ "net/data.pkl": "\x80\x02}q\x00.", "net/data/0": "abcd" });

describe("another kind of file is recognised, with what to do:", () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      "PyTorch's zip",
      torchZip,
      /a file of PyTorch, .*save_file\(torch\.load\("net\.bin", weights_only=True\)/,
    ],
    ["PyTorch's zip, cut short", torchZip.subarray(0, 60), /a file of PyTorch/],
    [
      "an old file of PyTorch",
      latin1("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."),
      /a pickle of Python.*torch\.load/,
    ],
    ["numpy's zip", zipOf({ "0.weight.npy": "..." }), /an \.npz archive of numpy.*numpy\.load\("net\.bin"\)/],
    ["numpy's array", latin1("\x93NUMPY\x01\0"), /an array of numpy.*save_file/],
    ["Keras's zip", zipOf({ "config.json": "{}", "model.weights.h5": "..." }), /a model of Keras.*kernel\.T/],
    ["HDF5", latin1("\x89HDF\r\n\x1a\n"), /HDF5 file.*kernel\.T/],
    [
      "ONNX",
      onnx,
      /an ONNX file.*onnx\.load\("net\.bin"\)\.graph\.initializer if t\.name\.endswith\(\("weight", "bias"\)\)/,
    ],
    ["ONNX of PyTorch", latin1("\x08\x07\x12\x07pytorch"), /an ONNX file/],
    ["SavedModel", latin1("\x08\x01\x12\x80\x01"), /a SavedModel of TensorFlow/],
    ["TensorFlow Lite", latin1("\x1c\0\0\0TFL3"), /a TensorFlow Lite file/],
    ["GGUF", latin1("GGUF\x03\0\0\0"), /a GGUF file/],
    [
      "another zip",
      zipOf({ "my/model.safetensors": "..." }),
      /a zip archive of "my\/model\.safetensors"\. Unpack/,
    ],
    ["gzip", gzipSync(encodeModel(model)), /packed by gzip\. Unpack it/],
    ["zstd", latin1("\x28\xb5\x2f\xfd"), /packed by zstd/],
    ["tar", latin1(`${"model.safetensors".padEnd(257, "\0")}ustar`), /a tar archive/],
    ["a picture", latin1("\x89PNG\r\n\x1a\n"), /a PNG picture\. Name a model file/],
    ["images", latin1("\0\0\x08\x03\0\0\0\x01"), /an IDX file/],
    ["a web page", text("\n<!DOCTYPE html><title>404</title>"), /a web page/],
    [
      "a pointer",
      text("version https://git-lfs.github.com/spec/v1\noid sha256:00"),
      /a pointer.*git lfs pull/,
    ],
    ["nothing", new Uint8Array(0), /empty/],
    [
      "TensorFlow.js",
      text({ format: "layers-model", modelTopology: {} }),
      /a model of TensorFlow\.js.*kernel\.T/,
    ],
    [
      "Keras's JSON",
      text({ class_name: "Sequential", config: {} }),
      /the architecture of a Keras model.*no weights/,
    ],
    [
      "an index",
      text({ weight_map: { "0.weight": "model-1.safetensors" } }),
      /an index of safetensors files/,
    ],
    [
      "a Hugging Face configuration",
      text({ architectures: ["Bert"] }),
      /configuration of a Hugging Face model/,
    ],
    [
      "brain.js",
      text({ sizes: [2, 1], layers: [{}, { biases: [1], weights: [[1, 2]] }] }),
      /a network of brain\.js/,
    ],
    ["ConvNetJS", text({ layers: [{ layer_type: "input" }] }), /a network of ConvNetJS.*"layers"/],
    [
      "a run's description",
      text({ program: "mnist-webgpu", dataset: {} }),
      /the description of a run.*model\.saf/,
    ],
  ])("%s", (_, bytes, message) => {
    const read = () => decodeAnyModel(bytes, "in/a/folder/net.bin");
    expect(read).toThrow(UserError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^in\/a\/folder\/net\.bin is [^\n]+\.$/);
  });

  test("and whatever else is no network is refused by the name that it has", () => {
    const noise = Uint8Array.from({ length: 200 }, (_, index) => (index * 77 + 200) % 256);
    expect(() => decodeAnyModel(noise, "a.bin")).toThrow("a.bin is not a readable safetensors file");
    expect(() => decodeAnyModel(text("weights: 1"), "a.json")).toThrow("a.json holds no network as JSON");
  });
});

test.each([1, 3, 8, 30, 100, 299])("the first %i bytes of any kind are refused in words", (length) => {
  for (const bytes of [torchZip, onnx, encodeModel(model), text(encodeJsonModel(model, "relu"))])
    expect(() => decodeAnyModel(bytes.subarray(0, length), "a")).toThrow(UserError);
});
