import type { Slot } from "./parameters.ts";

/** The settings that some optimizers have a use for, or another default. */
export type Hyperparameter = "momentum" | "beta2" | "epsilon";

/** What can be said of an optimizer without computing it. */
export interface OptimizerRow {
  /** One line for people: its formula for a gradient g at a learning rate r, and where it comes from. */
  readonly help: string;
  /** What it remembers beside each parameter, in this order. */
  readonly slots: readonly Exclude<Slot, "average">[];
  /** The settings that it uses beside learning rate and weight decay, with their defaults. */
  readonly hyperparameters: Readonly<Partial<Record<Hyperparameter, number>>>;
  /** Weight decay takes its share off the weight instead of adding to the gradient. */
  readonly decoupledDecay?: true;
}

const adam = {
  slots: ["momentum", "secondMoment"],
  hyperparameters: { momentum: 0.9, beta2: 0.999, epsilon: 1e-8 },
} as const;

/**
 * Every optimizer. A row here asks for its formula, in `reference/optimizers.ts` and, by way of `kernels/optimizers/optimizer-step.ts`, in
 * a shader: the compiler says so. Settings, help, files and tests go by this table.
 */
export const optimizerTable = {
  sgd: {
    help: "w -= r g, for the gradient g of a weight w at the learning rate r",
    slots: [],
    hyperparameters: {},
  },
  momentum: {
    help: "m = momentum m + g, w -= r m, as in PyTorch's SGD",
    slots: ["momentum"],
    hyperparameters: { momentum: 0.9 },
  },
  nesterov: {
    help: "the same m, w -= r (g + momentum m)",
    slots: ["momentum"],
    hyperparameters: { momentum: 0.9 },
  },
  adam: { help: "running mean of g over the root of that of g² (Kingma and Ba, 2015)", ...adam },
  adamw: {
    help: "adam with weight decay apart from the gradient (Loshchilov and Hutter, 2019)",
    ...adam,
    decoupledDecay: true,
  },
  rmsprop: {
    help: "w -= r g over the root of the running mean of g² (Hinton, 2012), as in PyTorch",
    slots: ["secondMoment"],
    hyperparameters: { beta2: 0.99, epsilon: 1e-8 },
  },
  lion: {
    help:
      "w -= r sign(momentum m + (1 - momentum) g), then m = beta2 m + (1 - beta2) g; wants a tenth of adam's rate " +
      "(Chen et al., 2023)",
    slots: ["momentum"],
    hyperparameters: { momentum: 0.9, beta2: 0.99 },
    decoupledDecay: true,
  },
} as const satisfies Record<string, OptimizerRow>;

/** The name of an optimizer. */
export type Optimizer = keyof typeof optimizerTable;

export const optimizerNames = Object.keys(optimizerTable) as Optimizer[];

/** The table with its rows all of one type. */
export const optimizerRows: Readonly<Record<Optimizer, OptimizerRow>> = optimizerTable;

/** The optimizers that use `hyperparameter`. */
export function optimizersWith(hyperparameter: Hyperparameter): Optimizer[] {
  return optimizerNames.filter((name) => hyperparameter in optimizerRows[name].hyperparameters);
}
