import { describe, expect, it } from "vitest";
import { blockOf, chunksOf } from "../../src/kernels/unrolled/tiling.ts";

describe("chunksOf", () => {
  it.each([
    [1, { vectors: 1, count: 1, slices: 1 }],
    [17, { vectors: 1, count: 17, slices: 5 }],
    [32, { vectors: 8, count: 4, slices: 1 }],
    [196, { vectors: 7, count: 28, slices: 7 }],
  ])("gives quads even shares of a row of %i vectors", (rowVectors, chunks) => {
    expect(chunksOf(rowVectors)).toEqual(chunks);
  });

  it("covers every row exactly", () => {
    for (let rowVectors = 1; rowVectors <= 300; rowVectors++) {
      const { vectors, count, slices } = chunksOf(rowVectors);
      expect(vectors * count).toBe(rowVectors);
      expect(slices).toBe(Math.ceil(count / 4));
    }
  });
});

describe("blockOf", () => {
  it("leaves the padding of a layer's last vector out if the layer is one block", () => {
    expect(blockOf(10)).toEqual({
      count: 1,
      variants: { GROUPS: "3", SETS: "1", RESULTS: "10", N0: "4", N1: "4", N2: "2" },
    });
  });

  it("makes equal blocks, which all compute whole vectors, of a layer that takes several", () => {
    expect(blockOf(18)).toEqual({
      count: 2,
      variants: { GROUPS: "3", SETS: "1", RESULTS: "12", N0: "4", N1: "4", N2: "4" },
    });
  });

  const results = [1, 4, 5, 16, 17, 20, 100, 128, 785, 800];
  const cases = results.flatMap((count) => [1, 2].map((sets) => [count, sets] as const));
  it.each(cases)("covers %i results without an idle block, up to %i sets in one", (results, sets) => {
    const { count, variants } = blockOf(results, sets);
    const groups = Number(variants.GROUPS);
    expect(Number(variants.SETS)).toBeLessThanOrEqual(sets);
    expect(groups).toBeLessThanOrEqual(4 * Number(variants.SETS));
    expect(count * groups * 4).toBeGreaterThanOrEqual(results);
    expect((count - 1) * groups * 4).toBeLessThan(results);
  });
});
