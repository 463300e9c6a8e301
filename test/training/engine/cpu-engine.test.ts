import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../../src/model/settings.ts";
import { createCpuEngine } from "../../../src/training/engine/cpu-engine.ts";
import { goldens } from "../../helpers/golden.ts";
import { expectClose } from "../../helpers/tolerance.ts";
import { odd } from "./engine-fixture.ts";
import { describeSettings, describeTrajectories, settingCases } from "./engine-settings.ts";
import { describeEngine } from "./engine-suite.ts";

const digits = "the golden files hold 12 significant digits";
const float32 = "single losses and probabilities are handed out in float32";

const tolerances = {
  parameters: { atol: 1e-10, rtol: 1e-10, reason: digits },
  loss: { atol: 1e-10, rtol: 1e-10, reason: digits },
  imageLoss: { atol: 2e-7, rtol: 1e-7, reason: float32 },
  probabilities: { atol: 0, rtol: 1e-7, reason: float32 },
};

describeEngine("CPU engine", createCpuEngine, tolerances);

test("computes in float64, starting from zeros", async () => {
  const { sizes, batchSize, train } = goldens[0];
  const engine = createCpuEngine({ sizes, batchSize, train, settings: defaultConfig });
  expect(engine.backend).toBe("cpu");
  expect(engine.device).toBe("CPU reference (float64)");
  for (const { weight, bias } of await engine.readParameters()) {
    expect(weight).toEqual(new Float64Array(weight.length));
    expect(bias).toEqual(new Float64Array(bias.length));
  }
});

describe("settings of a step", () => {
  describeTrajectories(createCpuEngine, tolerances);
  describeSettings(createCpuEngine);
});

test("a step goes down the slope of the loss that it reports, with everything that a step may have", async () => {
  const settings = {
    ...settingCases.find(({ name }) => name === "everything")!.settings,
    optimizer: "sgd" as const,
    weightDecay: 0,
  };
  const { sizes, batchSize, train, initial, order, windows } = odd;
  const engine = createCpuEngine({ sizes, batchSize, train: { ...train, rows: 5, columns: 5 }, settings });
  engine.setOrder(order);
  const step = { ...windows[3], learningRate: 0 };
  const loss = async () => (await engine.train([step]).metrics()).loss[0];
  const learningRate = 0.5;
  engine.setParameters(initial);
  engine.train([{ ...step, learningRate }]);
  const { parameters } = await engine.readState();
  const h = 1e-5;
  for (const [layer, { weight, bias }] of initial.entries()) {
    for (const part of ["weight", "bias"] as const) {
      const values = { weight, bias }[part];
      const chosen = Array.from(values, (_, i) => i).filter((i) => i % 11 === 0);
      const gradient = chosen.map((i) => (values[i] - parameters[layer][part][i]) / learningRate);
      const derivatives: number[] = [];
      for (const i of chosen) {
        const at = async (moved: number) => {
          const changed = initial.map((each) => ({ ...each, [part]: each[part].slice() }));
          changed[layer][part][i] = moved;
          engine.setParameters(changed);
          return loss();
        };
        derivatives.push(((await at(values[i] + h)) - (await at(values[i] - h))) / (2 * h));
      }
      const reason = "central differences: h² = 1e-10 for the curvature, 1e-16 / h = 1e-11 for the rounding";
      expectClose(gradient, derivatives, { atol: 1e-9, rtol: 1e-8, reason, what: `d${part} ${layer}` });
    }
  }
});
