import { expect, test, vi } from "vitest";
import { KernelCache, type KernelRecipe } from "../../src/gpu/kernel.ts";
import { testDevice } from "../helpers/gpu.ts";

/** A kernel whose workgroups are of `size`: of 0, none. */
const recipe = (size: number): KernelRecipe => ({
  name: "write",
  wgsl: `
    override SIZE: u32;
    @group(0) @binding(0) var<storage, read_write> numbers: array<u32>;
    @compute @workgroup_size(SIZE) fn write() { numbers[0] = SIZE; }`,
  constants: { SIZE: size },
});

test("what was compiled on a device is not compiled again, as long as it is among the last 200", async () => {
  const device = await testDevice();
  const compile = vi.spyOn(device, "createComputePipelineAsync");
  /** How many pipelines are made for a new network of these kernels. */
  const compiled = async (...sizes: number[]) => {
    const cache = new KernelCache(device);
    compile.mockClear();
    await Promise.all(sizes.map((size) => cache.compile(recipe(size))));
    for (const size of sizes) expect(cache.compiled(recipe(size)).recipe.constants.SIZE).toBe(size);
    return compile.mock.calls.length;
  };
  expect(await compiled(1, 2, 1)).toBe(2);
  expect(await compiled(2, 1)).toBe(0);
  expect(await compiled(...Array.from({ length: 199 }, (_, index) => index + 3))).toBe(199);
  // 2 was asked for before 1, and is forgotten.
  expect([await compiled(1), await compiled(2)]).toEqual([0, 1]);
});

test("what did not compile is tried again", async () => {
  const cache = new KernelCache(await testDevice());
  const compile = vi.spyOn(cache.device, "createComputePipelineAsync").mockClear();
  for (let attempt = 1; attempt <= 2; attempt++) {
    await expect(cache.compile(recipe(0))).rejects.toThrow("kernel write does not compile");
    expect(() => cache.compiled(recipe(0))).toThrow("before it was compiled");
    expect(compile).toHaveBeenCalledTimes(attempt);
  }
});
