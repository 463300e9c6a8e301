import { describe, expect, test } from "vitest";
import type { Slot } from "../../src/model/parameters.ts";
import { defaultConfig } from "../../src/model/settings.ts";
import { slotsOf } from "../../src/model/slots.ts";
import { type OptimizerStep, optimize } from "../../src/reference/optimizers.ts";
import { expectClose } from "../helpers/tolerance.ts";

const rounding = { atol: 1e-15, rtol: 1e-13, reason: "the same formulas in another order of operations" };
const learningRate = 0.1;
/** Not the defaults, so that mistaking one for another shows. */
const settings = { ...defaultConfig, learningRate, momentum: 0.7, beta2: 0.95, epsilon: 1e-3 };
const start = [1, -2, 0.5];
/** The gradients of four steps. */
const gradients = [
  [0.5, -1, 2],
  [0.25, 3, -1],
  [0, 0.5, 0.125],
  [-4, 1e-6, 1],
];

type Options = Partial<OptimizerStep>;

/** The parameters and slots after every step, by the functions under test. */
function trajectory(options: Options) {
  const step = { ...settings, ...options };
  const values = Float64Array.from(start);
  const slots: Partial<Record<Slot, Float64Array>> = Object.fromEntries(
    slotsOf(step).map((slot) => [
      slot,
      slot === "average" ? values.slice() : new Float64Array(values.length),
    ]),
  );
  return gradients.map((gradient, index) => {
    optimize(values, Float64Array.from(gradient), slots, { ...step, number: index + 1 });
    return { values: [...values], average: slots.average && [...slots.average] };
  });
}

/** One parameter's value after every step, as textbooks write each rule: sums over all gradients so far. */
type Textbook = (gradients: readonly number[], start: number) => number[];

const { momentum: mu, beta2, epsilon } = settings;
/** `Σ decay^(t - i) g[i]` over the steps up to `t`. */
const discounted = (decay: number, g: readonly number[], t: number) =>
  g.slice(0, t + 1).reduce((sum, value, i) => sum + decay ** (t - i) * value, 0);

function walk(direction: (g: readonly number[], t: number) => number): Textbook {
  return (g, w0) =>
    g.map((_, t) => w0 - learningRate * g.slice(0, t + 1).reduce((sum, _, i) => sum + direction(g, i), 0));
}

const textbooks: Record<OptimizerStep["optimizer"], Textbook> = {
  sgd: walk((g, t) => g[t]),
  momentum: walk((g, t) => discounted(mu, g, t)),
  nesterov: walk((g, t) => g[t] + mu * discounted(mu, g, t)),
  adam: walk((g, t) => {
    // Weighted means: the weights of all steps so far add up to 1.
    const mean = (decay: number, values: number[]) =>
      discounted(decay, values, t) /
      discounted(
        decay,
        values.map(() => 1),
        t,
      );
    return (
      mean(mu, [...g]) /
      (Math.sqrt(
        mean(
          beta2,
          g.map((value) => value ** 2),
        ),
      ) +
        epsilon)
    );
  }),
  adamw: (g, w0) => textbooks.adam(g, w0),
};
const names = Object.keys(textbooks) as OptimizerStep["optimizer"][];

test.each(names)("%s follows its textbook formula", (optimizer) => {
  const steps = trajectory({ optimizer });
  start.forEach((w0, i) => {
    const expected = textbooks[optimizer](
      gradients.map((gradient) => gradient[i]),
      w0,
    );
    expectClose(
      steps.map(({ values }) => values[i]),
      expected,
      { ...rounding, what: `parameter ${i}` },
    );
  });
});

test("worked by hand: two steps of momentum, nesterov and adam", () => {
  const after = (options: Options) =>
    trajectory(options)
      .slice(0, 2)
      .map(({ values }) => values[0]);
  // g = 0.5, 0.25: m = 0.5, 0.6.
  expectClose(after({ optimizer: "momentum" }), [0.95, 0.89], rounding);
  // g + 0.7 m = 0.85, 0.67.
  expectClose(after({ optimizer: "nesterov" }), [0.915, 0.848], rounding);
  // m/(1-0.7) = 0.5, then (0.7*0.15 + 0.3*0.25)/0.51; v/(1-0.95) = 0.25, then (0.95*0.0125 + 0.05*0.0625)/0.0975.
  const second = 0.18 / 0.51 / (Math.sqrt(0.015 / 0.0975) + 1e-3);
  const first = 0.5 / 0.501;
  expectClose(after({ optimizer: "adam" }), [1 - 0.1 * first, 1 - 0.1 * (first + second)], rounding);
});

test("the first step of adam is the learning rate against the gradient's sign, whatever its size", () => {
  const [{ values }] = trajectory({ optimizer: "adam", epsilon: 1e-12 });
  expectClose(
    values,
    start.map((w, i) => w - learningRate * Math.sign(gradients[0][i])),
    {
      atol: 1e-11,
      rtol: 0,
      reason: "epsilon beside gradients near 1",
    },
  );
});

describe("weight decay", () => {
  const weightDecay = 0.2;

  test.each(names.filter((name) => name !== "adamw"))("adds to the gradient of %s", (optimizer) => {
    // One step at a time from the start: what a gradient that includes the decay would do.
    const decayed = trajectory({ optimizer, weightDecay })[0].values;
    const expected = start.map((w, i) => textbooks[optimizer]([gradients[0][i] + weightDecay * w], w)[0]);
    expectClose(decayed, expected, rounding);
  });

  test("of adamw takes its share off the weight, beside a step of adam that does not know of it", () => {
    const decayed = trajectory({ optimizer: "adamw", weightDecay });
    const plain = trajectory({ optimizer: "adam" });
    start.forEach((w0, i) => {
      let w = w0;
      const steps = plain.map(({ values }, t) => values[i] - (t === 0 ? w0 : plain[t - 1].values[i]));
      const expected = steps.map((step) => {
        w = w * (1 - learningRate * weightDecay) + step;
        return w;
      });
      expectClose(
        decayed.map(({ values }) => values[i]),
        expected,
        rounding,
      );
    });
  });
});

test("the average is that of the parameters after each step, its memory growing up to the decay asked for", () => {
  const averageDecay = 0.2;
  const steps = trajectory({ averageDecay });
  expect(steps.map(({ values }) => values)).toEqual(trajectory({}).map(({ values }) => values));
  start.forEach((w0, i) => {
    let average = w0;
    // (1 + t) / (10 + t) is 2/11 = 0.18 in the first step and more than 0.2 from then on.
    const decays = [2 / 11, 0.2, 0.2, 0.2];
    const expected = steps.map(({ values }, t) => {
      average = decays[t] * average + (1 - decays[t]) * values[i];
      return average;
    });
    expectClose(
      steps.map((step) => step.average![i]),
      expected,
      rounding,
    );
  });
});

test("a slot that is missing is named", () => {
  const values = Float64Array.of(1);
  const step = { ...settings, optimizer: "adam" as const, number: 1 };
  expect(() => optimize(values, values, { momentum: Float64Array.of(0) }, step)).toThrow("secondMoment");
});

test("slotsOf says what each optimizer remembers", () => {
  const of = (optimizer: OptimizerStep["optimizer"], averageDecay = 0) =>
    slotsOf({ optimizer, averageDecay });
  expect(names.map((name) => of(name).length)).toEqual([0, 1, 1, 2, 2]);
  expect(of("adamw", 0.9)).toEqual(["momentum", "secondMoment", "average"]);
  expect(of("sgd", 0.9)).toEqual(["average"]);
});
