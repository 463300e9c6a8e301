import type { Activation } from "../../src/model/activations.ts";
import type { Optimizer } from "../../src/model/optimizers.ts";

/*
 * A training step from the formulas alone, sample by sample and number by number: nothing is shared with what it judges.
 */

export interface OracleSettings {
  readonly activation: Activation;
  readonly optimizer: Optimizer;
  readonly momentum: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
}

/** `w[unit][input]`, `b[unit]`. */
export interface OracleLayer {
  readonly w: number[][];
  readonly b: number[];
}

export interface OracleSample {
  readonly pixels: readonly number[];
  readonly label: number;
}

/** The error function, by its power series and, far out, by its continued fraction. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 3) {
    let [term, sum] = [size, size];
    for (let n = 1; n < 120; n++) {
      term *= (-size * size) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

/** Each activation with its derivative. */
const functions: Record<Activation, (z: number) => readonly [value: number, slope: number]> = {
  sigmoid: (z) => [1 / (1 + Math.exp(-z)), 1 / (1 + Math.exp(-z)) / (1 + Math.exp(z))],
  tanh: (z) => [Math.tanh(z), 1 / Math.cosh(z) ** 2],
  relu: (z) => (z > 0 ? [z, 1] : [0, 0]),
  "leaky-relu": (z) => (z > 0 ? [z, 1] : [0.01 * z, 0.01]),
  silu: (z) => {
    const s = 1 / (1 + Math.exp(-z));
    return [z * s, s + z * s * (1 - s)];
  },
  gelu: (z) => {
    const below = (1 + erf(z / Math.SQRT2)) / 2;
    return [z * below, below + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)];
  },
};

/** What an optimizer remembers of a weight or bias. */
interface Memory {
  m: number;
  v: number;
}

/** A step of a weight or bias: its gradient, how many steps there were with it, and what is remembered. */
interface OracleStep extends Pick<OracleSettings, "momentum" | "beta2" | "epsilon"> {
  readonly g: number;
  readonly steps: number;
  readonly memory: Memory;
}

const adam = ({ g, steps, memory, momentum, beta2, epsilon }: OracleStep) => {
  memory.m = momentum * memory.m + (1 - momentum) * g;
  memory.v = beta2 * memory.v + (1 - beta2) * g ** 2;
  const m = memory.m / (1 - momentum ** steps);
  const v = memory.v / (1 - beta2 ** steps);
  return m / (Math.sqrt(v) + epsilon);
};

/** Of each optimizer, what is taken off a weight or bias, times the learning rate. */
const directions: Record<Optimizer, (step: OracleStep) => number> = {
  sgd: ({ g }) => g,
  momentum: ({ g, memory, momentum }) => {
    memory.m = momentum * memory.m + g;
    return memory.m;
  },
  nesterov: ({ g, memory, momentum }) => {
    memory.m = momentum * memory.m + g;
    return g + momentum * memory.m;
  },
  adam,
  adamw: adam,
  rmsprop: ({ g, memory, beta2, epsilon }) => {
    memory.v = beta2 * memory.v + (1 - beta2) * g ** 2;
    return g / (Math.sqrt(memory.v) + epsilon);
  },
  lion: ({ g, memory, momentum, beta2 }) => {
    const direction = Math.sign(momentum * memory.m + (1 - momentum) * g);
    memory.m = beta2 * memory.m + (1 - beta2) * g;
    return direction;
  },
};

/** Of each optimizer, whether weight decay is taken off the weight, apart from the gradient. */
const decaysApart: Record<Optimizer, boolean> = {
  ...{ sgd: false, momentum: false, nesterov: false, adam: false, rmsprop: false },
  ...{ adamw: true, lion: true },
};

/** A network that is trained. */
export class Oracle {
  readonly layers: OracleLayer[];
  readonly #settings: OracleSettings;
  /** What the optimizer remembers of each weight and bias, by its place. */
  readonly #memory = new Map<string, Memory>();
  #steps = 0;

  constructor(layers: readonly OracleLayer[], settings: OracleSettings) {
    this.layers = layers.map(({ w, b }) => ({ w: w.map((row) => [...row]), b: [...b] }));
    this.#settings = settings;
  }

  /** Trains on a mini-batch. Returns its mean loss before. */
  step(samples: readonly OracleSample[], learningRate: number): number {
    this.#steps++;
    const gradients = this.layers.map(({ w, b }) => ({
      w: w.map((row) => row.map(() => 0)),
      b: b.map(() => 0),
    }));
    let loss = 0;
    for (const sample of samples) loss += this.#learn(sample, gradients) / samples.length;
    for (const [at, { w, b }] of this.layers.entries()) {
      for (const [unit, row] of w.entries()) {
        for (const [input, value] of row.entries())
          row[input] = this.#changed(
            `${at} ${unit} ${input}`,
            value,
            gradients[at].w[unit][input] / samples.length,
            learningRate,
            this.#settings.weightDecay,
          );
        b[unit] = this.#changed(
          `${at} ${unit}`,
          b[unit],
          gradients[at].b[unit] / samples.length,
          learningRate,
        );
      }
    }
    return loss;
  }

  /** Adds a sample's gradients to the sums. Returns its loss. */
  #learn({ pixels, label }: OracleSample, gradients: readonly OracleLayer[]): number {
    const inputs: (readonly number[])[] = [pixels];
    const slopes: number[][] = [];
    let logits: number[] = [];
    for (const [at, { w, b }] of this.layers.entries()) {
      const z = w.map((row, unit) =>
        row.reduce((sum, weight, input) => sum + weight * inputs[at][input], b[unit]),
      );
      const outputs = z.map((value) => functions[this.#settings.activation](value));
      inputs.push(outputs.map(([value]) => value));
      slopes.push(outputs.map(([, slope]) => slope));
      logits = z;
    }
    const highest = Math.max(...logits);
    const total = logits.reduce((sum, z) => sum + Math.exp(z - highest), 0);
    const logOf = (z: number) => z - highest - Math.log(total);
    const classes = logits.length;
    const { labelSmoothing } = this.#settings;
    const wanted = logits.map(
      (_, unit) => labelSmoothing / classes + (unit === label ? 1 - labelSmoothing : 0),
    );
    let dZ = logits.map((z, unit) => Math.exp(logOf(z)) - wanted[unit]);
    for (let at = this.layers.length - 1; at >= 0; at--) {
      const { w } = this.layers[at];
      const below = inputs[at].map((_, input) => dZ.reduce((sum, d, unit) => sum + d * w[unit][input], 0));
      for (const [unit, d] of dZ.entries()) {
        gradients[at].b[unit] += d;
        for (const [input, value] of inputs[at].entries()) gradients[at].w[unit][input] += d * value;
      }
      if (at > 0) dZ = below.map((d, unit) => d * slopes[at - 1][unit]);
    }
    return -logits.reduce((sum, z, unit) => sum + wanted[unit] * logOf(z), 0);
  }

  /** A parameter after its step; weight decay is for weights. */
  #changed(place: string, value: number, slope: number, rate: number, weightDecay = 0): number {
    const { optimizer } = this.#settings;
    const memory = this.#memory.get(place) ?? { m: 0, v: 0 };
    this.#memory.set(place, memory);
    const apart = decaysApart[optimizer];
    const g = apart ? slope : slope + weightDecay * value;
    const kept = apart ? value * (1 - rate * weightDecay) : value;
    return kept - rate * directions[optimizer]({ ...this.#settings, g, steps: this.#steps, memory });
  }
}
