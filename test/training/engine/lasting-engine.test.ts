import { createCpuEngine } from "../../../src/training/engine/cpu-engine.ts";
import { createLastingEngine } from "../../../src/training/engine/lasting-engine.ts";
import { describeEngine } from "./engine-suite.ts";

// Nothing is computed here: what the reference computes comes through. Losses of devices are in test/faults/losses.test.ts.
const exact = { atol: 1e-9, rtol: 1e-9, reason: "the golden networks were computed in float64 too" };
const tolerances = {
  parameters: exact,
  loss: exact,
  imageLoss: { atol: 1e-6, rtol: 1e-6, reason: "losses of single images are handed out in float32" },
  probabilities: { atol: 1e-6, rtol: 1e-6, reason: "probabilities are handed out in float32" },
};

describeEngine(
  "an engine that outlasts its device",
  (options) => createLastingEngine(async () => createCpuEngine(options)),
  tolerances,
);
