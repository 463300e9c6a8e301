import { describe, expect, it } from "vitest";
import { blockOf } from "../../src/kernels/blocks.ts";

describe("blockOf", () => {
  it("leaves the padding of a layer's last vector out if the layer is one block", () => {
    expect(blockOf(10)).toEqual({
      count: 1,
      variants: { GROUPS: "3", RESULTS: "10", N0: "4", N1: "4", N2: "2" },
    });
  });

  it("makes equal blocks, which all compute whole vectors, of a layer that takes several", () => {
    expect(blockOf(18)).toEqual({
      count: 2,
      variants: { GROUPS: "3", RESULTS: "12", N0: "4", N1: "4", N2: "4" },
    });
  });

  it.each([1, 4, 5, 16, 17, 100, 128, 785, 800])("covers %i results without an idle block", (results) => {
    const { count, variants } = blockOf(results);
    const groups = Number(variants.GROUPS);
    expect(groups).toBeLessThanOrEqual(4);
    expect(count * groups * 4).toBeGreaterThanOrEqual(results);
    expect((count - 1) * groups * 4).toBeLessThan(results);
  });
});
