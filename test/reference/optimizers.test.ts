import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/data/random.ts";
import { type Optimizer, optimizerNames, optimizerRows } from "../../src/model/optimizers.ts";
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
function trajectory(options: Options, [from, slopes] = [start, gradients]) {
  const step = { ...settings, ...options };
  const values = Float64Array.from(from);
  const slots: Partial<Record<Slot, Float64Array>> = Object.fromEntries(
    slotsOf(step).map((slot) => [
      slot,
      slot === "average" ? values.slice() : new Float64Array(values.length),
    ]),
  );
  return slopes.map((gradient, index) => {
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

const textbooks: Partial<Record<Optimizer, Textbook>> = {
  sgd: walk((g, t) => g[t]),
  momentum: walk((g, t) => discounted(mu, g, t)),
  nesterov: walk((g, t) => g[t] + mu * discounted(mu, g, t)),
  adam: walk(adamDirection),
  adamw: walk(adamDirection),
  rmsprop: walk((g, t) => g[t] / (Math.sqrt((1 - beta2) * discounted(beta2, squaresOf(g), t)) + epsilon)),
  lion: walk((g, t) => Math.sign(mu * (1 - beta2) * discounted(beta2, g, t - 1) + (1 - mu) * g[t])),
};
const textbookNames = Object.keys(textbooks) as Optimizer[];

function adamDirection(g: readonly number[], t: number): number {
  // Weighted means: the weights of all steps so far add up to 1.
  const mean = (decay: number, values: number[]) => {
    const weights = values.map(() => 1);
    return discounted(decay, values, t) / discounted(decay, weights, t);
  };
  return mean(mu, [...g]) / (Math.sqrt(mean(beta2, squaresOf(g))) + epsilon);
}

function squaresOf(g: readonly number[]): number[] {
  return g.map((value) => value ** 2);
}

test.each(textbookNames)("%s follows its textbook formula", (optimizer) => {
  const steps = trajectory({ optimizer });
  start.forEach((w0, i) => {
    const expected = textbooks[optimizer]!(
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

/** Every slot that an optimizer may have, before the first step. */
const emptySlots = () => ({ momentum: new Float64Array(3), secondMoment: new Float64Array(3) });

describe.each(optimizerNames)("%s, by its row of the table", (optimizer) => {
  const { slots, hyperparameters } = optimizerRows[optimizer];

  test("remembers in its slots, and in no others", () => {
    const kept = emptySlots();
    optimize(Float64Array.from(start), Float64Array.from(gradients[0]), kept, {
      ...settings,
      optimizer,
      number: 1,
    });
    const used = Object.entries(kept).filter(([, values]) => values.every((value) => value !== 0));
    expect(used.map(([slot]) => slot)).toEqual(slots);
    expect(slotsOf({ optimizer, averageDecay: 0 })).toEqual(slots);
    expect(slotsOf({ optimizer, averageDecay: 0.9 })).toEqual([...slots, "average"]);
  });

  test("depends on its hyperparameters, and on no others", () => {
    // So many that some come near to where an optimizer that goes by signs turns round.
    const random = randomStream(1, "verification");
    const [from, ...slopes] = Array.from({ length: 9 }, () =>
      Array.from({ length: 40 }, () => random.normal()),
    );
    const end = (options: Options) => trajectory({ optimizer, ...options }, [from, slopes]).at(-1)!.values;
    const changes = { momentum: 0.6, beta2: 0.9, epsilon: 0.1 };
    for (const [name, value] of Object.entries(changes)) {
      const differs = end({ [name]: value }).join() !== end({}).join();
      expect(differs, name).toBe(name in hyperparameters);
    }
  });

  test("goes down a valley with its defaults", () => {
    const curvatures = [0.5, 1, 2];
    const values = Float64Array.from(start);
    const kept = emptySlots();
    for (let number = 1; number <= 1000; number++) {
      const slopes = values.map((w, i) => curvatures[i] * w);
      const step = { ...defaultConfig, ...hyperparameters, optimizer, learningRate: 0.01, number };
      optimize(values, slopes, kept, step);
    }
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(0.05);
  });
});

describe("weight decay", () => {
  const weightDecay = 0.2;
  const [decoupled, coupled] = [true, false].map((wanted) =>
    optimizerNames.filter((name) => (optimizerRows[name].decoupledDecay ?? false) === wanted),
  );

  test.each(coupled)("adds to the gradient of %s", (optimizer) => {
    const decayed = trajectory({ optimizer, weightDecay })[0].values;
    const values = Float64Array.from(start);
    const sums = Float64Array.from(gradients[0], (g, i) => g + weightDecay * start[i]);
    optimize(values, sums, emptySlots(), { ...settings, optimizer, number: 1 });
    expectClose(decayed, values, rounding);
  });

  test.each(decoupled)(
    "of %s takes its share off the weight, beside a step that knows nothing of it",
    (optimizer) => {
      const decayed = trajectory({ optimizer, weightDecay });
      const plain = trajectory({ optimizer });
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
    },
  );
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
