import { assert, constantFrom, double, oneof, property } from "fast-check";
import { expect, test } from "vitest";
import { trainingStepUniform } from "../../src/kernels/lib/steps.ts";
import { defaultConfig, isValid } from "../../src/model/settings.ts";

test("Adam's corrections are those of the shares that shaders have", () => {
  const share = double({ min: 0, max: 1, noNaN: true }).filter((value) => isValid("momentum", value));
  assert(
    property(oneof(share, constantFrom(0.9999999, 0.99999997, 1 - 2 ** -24)), (momentum) => {
      if (!isValid("momentum", momentum)) return;
      const step = { first: 0, size: 1, number: 1, learningRate: 1 };
      const { momentumCorrection = 0 } = trainingStepUniform(step, { ...defaultConfig, momentum });
      // A first step goes along its own gradient, whatever the momentum.
      const taken = Math.fround(1 - Math.fround(momentum)) * Math.fround(momentumCorrection);
      expect(taken).toBeCloseTo(1, 6);
    }),
  );
});
