import { describe, expect, test } from "vitest";
import type { LayerParameters, Parameters } from "../../src/model/parameters.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { batchMetrics } from "../../src/reference/batch-metrics.ts";
import { gather, gatherLabels } from "../../src/reference/gather.ts";
import {
  backwardPass,
  createWorkspace,
  forwardPass,
  resultsPass,
  updatePass,
} from "../../src/reference/network.ts";
import { softmax } from "../../src/reference/softmax.ts";
import { type Golden, goldens } from "../helpers/golden.ts";
import { expectClose } from "../helpers/tolerance.ts";

// Where weights are in the tens, their missing digits show: measured 1e-11 in gradients, 8e-10 of the probabilities.
const reason = "the files hold 12 significant digits";
const written = { atol: 1e-10, rtol: 1e-10, reason };
/** For what is positive by nature, however small: an absolute error of its argument is its own relative error. */
const activation = { atol: 0, rtol: 1e-9, reason };

const sigmoid = { activation: "sigmoid" } as const;

function copy(parameters: Parameters): LayerParameters[] {
  return parameters.map((layer) => ({ ...layer, weight: layer.weight.slice(), bias: layer.bias.slice() }));
}

function expectParameters(actual: Parameters, expected: Parameters, what: string) {
  expect(actual.length).toBe(expected.length);
  actual.forEach(({ weight, bias }, layer) => {
    const shape = [expected[layer].outputs, expected[layer].inputs];
    expectClose(weight, expected[layer].weight, { ...written, what: `${what}, weight ${layer}`, shape });
    expectClose(bias, expected[layer].bias, { ...written, what: `${what}, bias ${layer}` });
  });
}

/** Everything that the first step computes, before it changes the parameters. */
function firstStep({ sizes, batchSize, train, initial, order, windows }: Golden) {
  const workspace = createWorkspace(sizes, batchSize);
  const parameters = copy(initial);
  gather(train.images, order, windows[0], sizes[0], workspace.activations[0]);
  forwardPass(parameters, workspace, batchSize, sigmoid);
  resultsPass(gatherLabels(train.labels, order, windows[0]), workspace, batchSize);
  backwardPass(parameters, workspace, batchSize);
  updatePass(parameters, workspace, batchSize, { ...defaultConfig, number: 1, learningRate: 0 });
  return workspace;
}

describe.each(goldens)("golden network $name", (golden) => {
  const { sizes, batchSize, train, order, windows } = golden;
  const inside = golden.steps[0].inside!;
  const classes = sizes[sizes.length - 1];

  test("every activation of the first step", () => {
    const { activations } = firstStep(golden);
    const hidden = activations.slice(1, -1);
    expect(hidden.length).toBe(inside.hidden.length);
    hidden.forEach((values, layer) => {
      const shape = [batchSize, sizes[layer + 1]];
      expectClose(values, inside.hidden[layer], { ...activation, what: `hidden layer ${layer}`, shape });
    });
    const probabilities = softmax(activations[activations.length - 1], { batch: batchSize, classes });
    const shape = [batchSize, classes];
    expectClose(probabilities, inside.probabilities, { ...activation, what: "probabilities", shape });
  });

  test("every gradient of the first step", () => {
    const { gradients } = firstStep(golden);
    const withSizes = gradients.map((gradient, layer) => ({ ...golden.initial[layer], ...gradient }));
    expectParameters(withSizes, inside.gradients, "gradient");
  });

  test("loss, count and parameters of every step", () => {
    const workspace = createWorkspace(sizes, batchSize);
    const parameters = copy(golden.initial);
    let compared = 0;
    golden.steps.forEach(({ meanLoss, correct, after }, step) => {
      const window = windows[step];
      const labels = gatherLabels(train.labels, order, window);
      gather(train.images, order, window, sizes[0], workspace.activations[0]);
      forwardPass(parameters, workspace, window.size, sigmoid);
      resultsPass(labels, workspace, window.size);
      backwardPass(parameters, workspace, window.size);
      updatePass(parameters, workspace, window.size, { ...defaultConfig, ...window });
      const { losses, predicted } = workspace.results;
      const metrics = batchMetrics(losses, predicted, labels, window.size);
      expectClose([metrics.loss / window.size], [meanLoss], {
        ...written,
        what: `mean loss of step ${step}`,
      });
      expect(metrics.correct, `correct in step ${step}`).toBe(correct);
      if (!after) return;
      expectParameters(parameters, after, `after step ${step}`);
      compared++;
    });
    expect(compared).toBe(2);
  });
});
