import { expect, test } from "vitest";
import { createCpuEngine } from "../../src/training/cpu-engine.ts";
import { goldens } from "../helpers/golden.ts";
import { describeEngine } from "./engine-suite.ts";

const digits = "the golden files hold 12 significant digits";
const float32 = "single losses and probabilities are handed out in float32";

describeEngine("CPU engine", createCpuEngine, {
  parameters: { atol: 1e-10, rtol: 1e-10, reason: digits },
  loss: { atol: 1e-10, rtol: 1e-10, reason: digits },
  imageLoss: { atol: 2e-7, rtol: 1e-7, reason: float32 },
  probabilities: { atol: 0, rtol: 1e-7, reason: float32 },
});

test("computes in float64, starting from zeros", async () => {
  const { sizes, batchSize, train } = goldens[0];
  const engine = createCpuEngine({ sizes, batchSize, train });
  expect(engine.backend).toBe("cpu");
  expect(engine.device).toBe("CPU reference (float64)");
  for (const { weight, bias } of await engine.readParameters()) {
    expect(weight).toEqual(new Float64Array(weight.length));
    expect(bias).toEqual(new Float64Array(bias.length));
  }
});
