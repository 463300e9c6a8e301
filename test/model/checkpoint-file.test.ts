import { describe, expect, it } from "vitest";
import {
  type CheckpointFile,
  type CheckpointNetworks,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../src/model/checkpoint-file.ts";
import { initialise } from "../../src/model/initialise.ts";
import type { Parameters } from "../../src/model/parameters.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/model/safetensors.ts";

const network = (seed: number): Parameters => initialise([5, 3, 2], "article", seed);
/** A number with all its digits, and in float64. */
const precise: Parameters = network(3).map((layer) => ({
  ...layer,
  weight: Float64Array.from(layer.weight, (value) => value + Math.PI * 1e-12),
  bias: Float64Array.from(layer.bias),
}));

const file: CheckpointFile = {
  networks: { parameters: precise, finite: network(4), best: network(5), momentum: network(6) },
  facts: {
    program: "mnist-webgpu 1.2.3",
    device: "a device",
    config: { epochs: 3, hidden: [3] },
    dataset: { name: "stripes", train: 12, test: 5, sha256: "0123" },
    step: 17,
    seconds: 0.1 + 0.2,
    sums: { steps: 2, samples: 11, loss: 1 / 3, correct: 4, learningRate: 0.1, seconds: 1e-9 },
    selection: { best: { epoch: 2, loss: 0.25, accuracy: 0.75 }, since: 1 },
    lines: 5,
  },
};

describe("a checkpoint file", () => {
  it("gives back every bit, and equal bytes for equal checkpoints", () => {
    const bytes = encodeCheckpoint(file);
    expect(decodeCheckpoint(bytes, "x")).toEqual(file);
    expect(encodeCheckpoint(decodeCheckpoint(bytes, "x"))).toEqual(bytes);
  });

  it("is a safetensors file with names that tell", () => {
    const { tensors } = decodeSafetensors(encodeCheckpoint(file), "x");
    expect(tensors.get("momentum.2.weight")).toMatchObject({ shape: [2, 3] });
    expect(tensors.get("parameters.0.bias")).toMatchObject({ shape: [3], data: expect.any(Float64Array) });
    expect(tensors.size).toBe(16);
  });

  it("is refused if any bit of its tensors or facts changed", () => {
    const bytes = encodeCheckpoint(file);
    const text = new TextDecoder("latin1").decode(bytes);
    for (const place of [bytes.length - 1, bytes.length - 100, text.indexOf(":17,") + 2]) {
      const damaged = bytes.slice();
      damaged[place] ^= 1;
      expect(() => decodeCheckpoint(damaged, "x"), `byte ${place}`).toThrow(/^x is (no|not a) /);
    }
  });

  it.each<[string, Partial<CheckpointNetworks> | object, object, RegExp]>([
    ["a network is missing", { finite: [] }, {}, /it holds no finite/],
    ["shapes differ", { best: initialise([5, 4, 2], "zeros", 0) }, {}, /its best has other shapes/],
    ["there are tensors of other kinds", { other: network(1) }, {}, /it holds 4 tensors of other kinds/],
    ["a fact is of another form", {}, { step: -1 }, /its facts do not have the form expected \("step"\)/],
  ])("is refused if %s", (_, networks, facts, message) => {
    const bytes = encodeCheckpoint({
      networks: { ...file.networks, ...networks },
      facts: { ...file.facts, ...facts },
    });
    expect(() => decodeCheckpoint(bytes, "x")).toThrow(message);
  });

  it("is no file without its facts", () => {
    const bytes = encodeSafetensors({ tensors: new Map(), metadata: new Map() });
    expect(() => decodeCheckpoint(bytes, "x")).toThrow(
      "x is no checkpoint that can be gone on from: its metadata",
    );
  });
});
