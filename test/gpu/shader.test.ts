import { describe, expect, test } from "vitest";
import { WgslReflect } from "wgsl_reflect/wgsl_reflect.module.js";
import {
  bindingsOf,
  numberBindings,
  overridesOf,
  resolveIncludes,
  shaderText,
  unroll,
} from "../../src/gpu/shader.ts";
import { shaderFiles } from "../../src/kernels/lib/library.ts";
import { threadsVariants, tilingOf } from "../../src/kernels/tiled/tiling.ts";

describe("includes", () => {
  const files = {
    "a.wgsl": '#include "b.wgsl"\n#include "x_{KIND}.wgsl"\nA',
    "b.wgsl": "B",
    "x_one.wgsl": '#include "b.wgsl"\nX',
  };
  test("stand for the file's text, once each", () => {
    expect(resolveIncludes(files, "a.wgsl", { KIND: "one" })).toBe("B\n\nX\nA");
  });
  test("that are missing are named", () => {
    expect(() => resolveIncludes(files, "a.wgsl", { KIND: "two" })).toThrow(
      'a.wgsl: there is no shader file "x_two.wgsl"',
    );
    expect(() => resolveIncludes(files, "a.wgsl")).toThrow("variant KIND is not given");
  });
});

describe("repeated text", () => {
  test("counts from one bound to the other, and through words", () => {
    expect(unroll("#for k in 0..N\nx{k};\n#end", { N: "3" })).toBe("x0;\nx1;\nx2;");
    expect(unroll("#for c in x y\n.{c}\n#end")).toBe(".x\n.y");
  });
  test("nests", () => {
    expect(unroll("#for i in 0..2\n#for j in 0..2\n{i}{j}\n#end\n#end\nend")).toBe("00\n01\n10\n11\nend");
  });
  test("without an end or with a bound that is no number is refused", () => {
    expect(() => unroll("#for k in 0..2\nx")).toThrow("no #end");
    expect(() => unroll("#for k in 0..N\nx\n#end")).toThrow("no range of whole numbers");
  });
});

test("bindings are numbered as they come, storage in one group and the step's uniform in the other", () => {
  const text =
    "var<storage, read> a: array<u32>;\nvar<uniform> s: Step;\n  var<private> p: u32;\nvar<storage, read_write> b: f32;";
  expect(bindingsOf(numberBindings(text))).toEqual([
    { name: "a", group: 0, binding: 0, type: "read-only-storage" },
    { name: "s", group: 1, binding: 0, type: "uniform" },
    { name: "b", group: 0, binding: 1, type: "storage" },
  ]);
});

test("no two shader files have one name, whatever their folders: includes go by name", () => {
  const paths = Object.keys(import.meta.glob("../../shaders/**/*.wgsl"));
  expect(Object.keys(shaderFiles).length).toBe(paths.length);
});

/** Values for the holes of a kernel's text. */
const variantsOf = (file: string) => ({
  INPUT: file.includes("unrolled") ? "nonzero" : "bytes",
  RESULTS_TO: "partials",
  GROUPS: "2",
  SETS: "1",
  RESULTS: "6",
  N0: "4",
  N1: "2",
  CLASS_VECTORS: "3",
  FUSED: file.includes("tiled") ? "output_tiled" : "output",
  VECTORS: "2",
  SAMPLES: "16",
  TOGETHER: "2",
  REST: "1",
  STEP_BYTES: "256",
  ...tilingOf(16, 32).variants,
  ...threadsVariants,
  MODE: "training",
  THEN: "optimizer_step",
  ACTIVATION: "silu",
  OPTIMIZER: "adam",
  AVERAGE: "ema",
});
const kernels = Object.keys(shaderFiles).filter((file) => shaderFiles[file].includes("@compute"));

describe.each(kernels)("%s", (file) => {
  test("declares the bindings and overrides that an independent parser finds", () => {
    const text = shaderText(shaderFiles, file.replace(".wgsl", ""), variantsOf(file));
    const reflection = new WgslReflect(text);
    const uniforms = reflection.uniforms.map(({ name, group, binding }) => ({
      name,
      group,
      binding,
      type: "uniform",
    }));
    const storage = reflection.storage.map(({ name, group, binding, access }) => ({
      name,
      group,
      binding,
      type: access === "read_write" ? "storage" : "read-only-storage",
    }));
    const found = [...uniforms, ...storage];
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(bindingsOf(text).sort(byName)).toEqual(found.sort(byName));
    expect(overridesOf(text).sort()).toEqual(reflection.overrides.map(({ name }) => name).sort());
  });
});

/** The members of a struct in a kernel's text, and where they lie. */
function layoutOf(kernel: string, struct: string): unknown {
  const { structs } = new WgslReflect(shaderText(shaderFiles, kernel, variantsOf(kernel)));
  return structs.find(({ name }) => name === struct)?.members.map(({ name, offset }) => [name, offset]);
}

test("the host writes struct Step where the shaders read it", () => {
  expect(layoutOf("softmax", "Step")).toEqual([
    ["first", 0],
    ["size", 4],
    ["learning_rate", 8],
    ["number", 12],
    ["seed", 16],
    ["momentum_correction", 20],
    ["second_moment_correction", 24],
    ["average_share", 28],
    ["magnitude", 32],
  ]);
});

test("the host writes struct Row where the shaders read it", () => {
  expect(layoutOf("update_unrolled", "Row")).toEqual([
    ["sample", 0],
    ["at", 4],
  ]);
});
