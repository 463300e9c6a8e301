import { type Optimizer, optimizerRows } from "../model/optimizers.ts";
import type { FloatArray, Slot } from "../model/parameters.ts";
import type { StepSettings } from "../model/settings.ts";

type OptimizerSettings = Pick<
  StepSettings,
  "optimizer" | "momentum" | "beta2" | "epsilon" | "weightDecay" | "averageDecay"
>;

/** How one step changes parameters, given their gradient. */
export interface OptimizerStep extends OptimizerSettings {
  /** Number of the step since training began, from 1. */
  readonly number: number;
  /** Steps before the slots began; 0 unless given. */
  readonly slotsSince?: number | undefined;
  readonly learningRate: number;
}

/** What training remembers of some parameters, number by number. */
export type SlotArrays = Readonly<Partial<Record<Slot, FloatArray>>>;

/** Where to go from parameter `i` of gradient `g`: the step is `-learningRate` times this. */
type Direction = (g: number, i: number) => number;

/** The directions of one step of an optimizer. Each changes `slots` at its `i`. */
type Directions = (slots: SlotArrays, step: OptimizerStep) => Direction;

// Kingma and Ba, "Adam", 2015, algorithm 1.
const adam: Directions = (slots, { momentum, beta2, epsilon, ...step }) => {
  const m = slotOf("momentum", slots);
  const v = slotOf("secondMoment", slots);
  const age = ageOf(step);
  const momentumSum = 1 - momentum ** age;
  const squareSum = 1 - beta2 ** age;
  return (g, i) => {
    m[i] = momentum * m[i] + (1 - momentum) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    return m[i] / momentumSum / (Math.sqrt(v[i] / squareSum) + epsilon);
  };
};

/** The formula of every row of `model/optimizers.ts`. */
const directionsOf: Record<Optimizer, Directions> = {
  sgd: () => (g) => g,
  // As PyTorch's SGD: the learning rate is outside of the running gradient.
  momentum: (slots, { momentum }) => {
    const m = slotOf("momentum", slots);
    return (g, i) => {
      m[i] = momentum * m[i] + g;
      return m[i];
    };
  },
  nesterov: (slots, { momentum }) => {
    const m = slotOf("momentum", slots);
    return (g, i) => {
      m[i] = momentum * m[i] + g;
      return g + momentum * m[i];
    };
  },
  adam,
  // Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019: the same, and the decay apart.
  adamw: adam,
  // Hinton, lecture 6e of "Neural networks for machine learning", 2012; epsilon stands beside the root, as in PyTorch.
  rmsprop: (slots, { beta2, epsilon }) => {
    const v = slotOf("secondMoment", slots);
    return (g, i) => {
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      return g / (Math.sqrt(v[i]) + epsilon);
    };
  },
  // Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2.
  lion: (slots, { momentum, beta2 }) => {
    const m = slotOf("momentum", slots);
    return (g, i) => {
      const between = momentum * m[i] + (1 - momentum) * g;
      m[i] = beta2 * m[i] + (1 - beta2) * g;
      return Math.sign(between);
    };
  },
};

/**
 * One step of the optimizer on some parameters, and of their moving average, in place.
 * @param values the parameters, changed
 * @param gradient of the loss with respect to each of them
 * @param slots those that the settings need (`model/slots.ts`), as long as `values`, changed
 * @throws Error if such a slot is missing
 */
export function optimize(
  values: FloatArray,
  gradient: FloatArray,
  slots: SlotArrays,
  step: OptimizerStep,
): void {
  const { learningRate, weightDecay, averageDecay } = step;
  const { decoupledDecay } = optimizerRows[step.optimizer];
  const direction = directionsOf[step.optimizer](slots, step);
  for (let i = 0; i < values.length; i++) {
    const decay = weightDecay * values[i];
    if (decoupledDecay) values[i] -= learningRate * decay;
    values[i] -= learningRate * direction(decoupledDecay ? gradient[i] : gradient[i] + decay, i);
  }
  if (averageDecay === 0) return;
  const average = slotOf("average", slots);
  // At first the average follows faster, so that the initial parameters are soon forgotten.
  const age = ageOf(step);
  const share = 1 - Math.min(averageDecay, (1 + age) / (10 + age));
  for (let i = 0; i < values.length; i++) average[i] += share * (values[i] - average[i]);
}

/** Steps that the slots have seen, this one included. */
function ageOf({ number, slotsSince = 0 }: Pick<OptimizerStep, "number" | "slotsSince">): number {
  return number - slotsSince;
}

function slotOf(slot: Slot, slots: SlotArrays): FloatArray {
  const values = slots[slot];
  if (values) return values;
  throw new Error(`this step needs the slot ${slot}`);
}
