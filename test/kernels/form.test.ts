import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import type { Gpu } from "../../src/gpu/gpu.ts";
import { chooseForm, forms } from "../../src/kernels/forms.ts";
import { parameterLayout } from "../../src/kernels/lib/layout.ts";
import { casesFor, kernelCases } from "../../src/kernels/verify/cases.ts";

/** What the choice looks at of an adapter. */
function adapter(software: boolean, features: string[]): Gpu {
  return { name: "an adapter", software, device: { features: new Set(features) } } as unknown as Gpu;
}

describe("the form of the kernels", () => {
  test("suits the adapter", () => {
    expect(chooseForm(adapter(false, []))).toBe(forms.tiled);
    expect(chooseForm(adapter(false, ["subgroups"]))).toBe(forms.tiled);
    expect(chooseForm(adapter(true, ["subgroups"]))).toBe(forms.unrolled);
  });

  test("needs nothing that the adapter does not have", () => {
    const poor = adapter(true, ["timestamp-query"]);
    expect(chooseForm(poor)).toBe(forms.portable);
    expect(() => chooseForm(poor, "unrolled")).toThrow(UserError);
    expect(() => chooseForm(poor, "unrolled")).toThrow(/subgroups.*an adapter/);
    const left = casesFor(poor).map(({ kernel }) => kernel);
    expect(left.filter((kernel) => /_unrolled$|^fused_classifier$/.test(kernel))).toEqual([]);
    expect(new Set(left).size).toBe(new Set(kernelCases.map(({ kernel }) => kernel)).size - 4);
  });

  test("has room for partial sums of the way back only where that is cut into slices", () => {
    const vectors = (name: "unrolled" | "tiled", sizes: number[], back: boolean) =>
      forms[name].partialVectors(parameterLayout(sizes).layers[0], 64, back);
    for (const name of ["unrolled", "tiled"] as const)
      expect(vectors(name, [784, 10], true), name).toBe(vectors(name, [784, 10], false));
    expect(vectors("unrolled", [800, 100], true)).toBe(2 * 200);
  });

  test("is the one that was asked for", () => {
    for (const form of ["portable", "unrolled", "tiled"] as const) {
      expect(chooseForm(adapter(true, ["subgroups"]), form)).toBe(forms[form]);
    }
  });
});
