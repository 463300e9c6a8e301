import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/data/random.ts";
import { activationNames } from "../../src/model/activations.ts";
import { initialise } from "../../src/model/initialise.ts";
import { type FloatArray, networkName, type Parameters } from "../../src/model/parameters.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import {
  backwardPass,
  createWorkspace,
  forwardPass,
  type HiddenLayers,
  resultsPass,
  updatePass,
  type Workspace,
} from "../../src/reference/network.ts";
import { expectClose } from "../helpers/tolerance.ts";

const batch = 5;
const networks = [
  [6, 4],
  [7, 5, 3],
  [6, 5, 4, 3],
  [1, 1, 2],
];

interface Options {
  hidden: HiddenLayers;
  smoothing?: number;
}

interface Problem extends Options {
  parameters: Parameters;
  workspace: Workspace;
  labels: Uint8Array;
}

/** A network with random parameters, biases too, and a random mini-batch in its workspace. */
function problem(sizes: number[], options: Options): Problem {
  const random = randomStream(1, "digits");
  const parameters = initialise(sizes, "article", 1).map((layer) => ({
    ...layer,
    weight: Float64Array.from(layer.weight),
    bias: Float64Array.from(layer.bias, () => random.normal()),
  }));
  const workspace = createWorkspace(sizes, batch);
  workspace.activations[0].forEach((_, index, input) => {
    input[index] = random.uniform();
  });
  const labels = Uint8Array.from({ length: batch }, () => random.integer(sizes[sizes.length - 1]));
  return { ...options, parameters, workspace, labels };
}

function meanLoss({ parameters, workspace, labels, hidden, smoothing }: Problem): number {
  forwardPass(parameters, workspace, batch, hidden);
  resultsPass(labels, workspace, batch, smoothing);
  return workspace.results.losses.reduce((sum, loss) => sum + loss, 0) / batch;
}

/** The slope of the mean loss along each of `values`, by central differences. */
function slopes(values: FloatArray, given: Problem): number[] {
  const h = 1e-5;
  return Array.from(values, (value, index) => {
    values[index] = value + h;
    const above = meanLoss(given);
    values[index] = value - h;
    const below = meanLoss(given);
    values[index] = value;
    return (above - below) / (2 * h);
  });
}

const reason = "central differences: h² = 1e-10 for the curvature, 1e-16 / h = 1e-11 for the rounding";

const dropout = { probability: 0.4, seed: 3, step: 7 };
const cases = [
  ...networks.map((sizes) => ({ sizes, hidden: { activation: "sigmoid" as const } })),
  ...activationNames.map((activation) => ({
    sizes: [6, 5, 4, 3],
    hidden: { activation },
  })),
  { sizes: [6, 4], hidden: { activation: "sigmoid" as const }, smoothing: 0.3 },
  { sizes: [6, 9, 8, 3], hidden: { activation: "silu" as const, dropout }, smoothing: 0.1 },
  { sizes: [6, 9, 8, 3], hidden: { activation: "relu" as const, dropout } },
];
const named = cases.map(({ sizes, ...options }) => ({
  name: `${networkName(sizes)} ${JSON.stringify(options)}`,
  sizes,
  options,
}));

describe.each(named)("$name", ({ sizes, options }) => {
  const given = problem(sizes, options);
  const { parameters, workspace } = given;

  test("every gradient is the slope of the mean loss", () => {
    meanLoss(given);
    backwardPass(parameters, workspace, batch);
    // A step of rate 0 leaves the gradients in the workspace and the parameters as they are.
    updatePass(parameters, workspace, batch, { ...defaultConfig, number: 1, learningRate: 0 });
    workspace.gradients.forEach((gradient, layer) => {
      const { weight, bias, inputs, outputs } = parameters[layer];
      const shape = [outputs, inputs];
      const close = { atol: 1e-9, rtol: 1e-8, reason };
      expect(gradient.weight.some((value) => Math.abs(value) > 1e-4)).toBe(true);
      expectClose(gradient.weight.slice(), slopes(weight, given), { ...close, what: `dW ${layer}`, shape });
      expectClose(gradient.bias.slice(), slopes(bias, given), { ...close, what: `db ${layer}` });
    });
  });

  test("a small step along them lowers the loss by rate * |gradient|²", () => {
    const before = meanLoss(given);
    backwardPass(parameters, workspace, batch);
    const rate = 1e-6;
    updatePass(parameters, workspace, batch, { ...defaultConfig, number: 1, learningRate: rate });
    const squares = workspace.gradients
      .flatMap(({ weight, bias }) => [...weight, ...bias])
      .reduce((sum, value) => sum + value ** 2, 0);
    expectClose([before - meanLoss(given)], [rate * squares], {
      atol: 1e-14,
      rtol: 1e-4,
      reason: "first order in a rate of 1e-6; losses near 1 are rounded to 1e-16",
    });
  });
});
