import { expect, test } from "vitest";
import { forms } from "../../../src/kernels/forms.ts";
import { parameterLayout } from "../../../src/kernels/lib/layout.ts";
import { planForms } from "../../../src/training/webgpu/plan.ts";

test.each([
  // In one piece, however many images.
  ["tiled", [784, 4096, 10], 16_384, "tiled"],
  ["tiled", [784, 1024, 1024], 65_536, "tiled"],
  ["unrolled", [784, 512], 64, "unrolled"],
  // In pieces whose sums would take far more than the results.
  ["unrolled", [65_536, 64], 65_536, "portable"],
] as const)("the form %s for %o at batch size %i is %s", (wanted, sizes, batch, planned) => {
  const [first] = planForms(parameterLayout(sizes), forms[wanted], batch);
  expect(first).toBe(forms[planned]);
});
