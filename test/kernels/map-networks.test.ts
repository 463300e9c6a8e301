import { describe, expect, test } from "vitest";
import { WgslReflect } from "wgsl_reflect/wgsl_reflect.module.js";
import { openGpu } from "../../src/gpu/gpu.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { bindingsOf, overridesOf, shaderText } from "../../src/gpu/shader.ts";
import { type KernelCall, KernelLibrary, shaderFiles } from "../../src/kernels/lib/library.ts";
import { constantsData, mapOverNetworks, overrideTypes } from "../../src/kernels/lib/map-networks.ts";
import { testAdapter } from "../helpers/gpu.ts";

const variants = { INPUT: "bytes", THEN: "optimizer_step", OPTIMIZER: "momentum", AVERAGE: "none" };
const update = shaderText(shaderFiles, "update", variants);

describe("a kernel's text", () => {
  test("of one network is what it was", () => {
    expect(mapOverNetworks(update, "update", 1)).toBe(update);
  });

  test("of several has a step for each, and a uniform for what they differ in", () => {
    const mapped = mapOverNetworks(update, "update", 3, [{ name: "MOMENTUM", type: "f32" }]);
    expect(overridesOf(mapped)).toEqual(overridesOf(update).filter((name) => name !== "MOMENTUM"));
    const uniforms = bindingsOf(mapped).filter(({ type }) => type === "uniform");
    const storage = bindingsOf(mapped).filter(({ type }) => type !== "uniform");
    expect(uniforms).toEqual([
      { name: "current", group: 1, binding: 0, type: "uniform" },
      { name: "constants", group: 0, binding: storage.length, type: "uniform" },
    ]);
    expect(storage).toEqual(bindingsOf(update).filter(({ type }) => type !== "uniform"));
    const reflection = new WgslReflect(mapped);
    expect(reflection.uniforms.map(({ name, size }) => [name, size])).toEqual([
      ["current", 3 * 48],
      ["constants", 3 * 16],
    ]);
  });

  test("keeps control flow uniform: what all have in common is read of the first, images of all", () => {
    const mapped = mapOverNetworks(update, "update", 2);
    expect(mapped).toContain("sample < current[0].size");
    expect(mapped).toContain("unpack4x8unorm(images[index])");
    expect(mapped).toContain("order[part_of_order + current[0].first + sample]");
    expect(mapped).not.toMatch(/\bcurrent\.|(?<!_of_)\bparameters\[(?!part_of_parameters)/);
  });
});

test("constants are told by their types, an entry of whole vectors for each network", () => {
  expect(overrideTypes("override A: f32;\noverride B: u32;   // b\noverride C: bool;\n")).toEqual({
    A: "f32",
    B: "u32",
    C: "bool",
  });
  const differing = [
    { name: "A", type: "f32" },
    { name: "B", type: "u32" },
  ] as const;
  const data = constantsData(differing, [
    { A: 0.5, B: 7 },
    { A: 2, B: 4_000_000_000 },
  ]);
  expect(data.byteLength).toBe(2 * 16);
  expect([...new Float32Array(data)].filter((_, at) => at % 4 === 0)).toEqual([0.5, 2]);
  expect([...new Uint32Array(data)].filter((_, at) => at % 4 === 1)).toEqual([7, 4_000_000_000]);
});

test("calls that differ in more than constants are not mapped", async () => {
  const gpu = await openGpu(await testAdapter());
  const memory = new Memory(gpu.device, 2);
  const call: KernelCall = { name: "softmax", constants: { CLASSES: 3 }, buffers: {}, invocations: 4 };
  const library = new KernelLibrary(gpu);
  expect(() => library.mapOver(memory, [call, { ...call, invocations: 5 }])).toThrow(
    "softmax: the calls of 2 networks differ in more than constants",
  );
  expect(() => library.mapOver(memory, [call])).toThrow("softmax");
  gpu.destroy();
});
