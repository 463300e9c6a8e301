import { type Optimizer, optimizerRows } from "../../model/optimizers.ts";
import type { Slot } from "../../model/parameters.ts";
import type { StepSettings } from "../../model/settings.ts";

/** What an optimizer does in a step, and where its state lies, laid out like the parameters. */
export interface OptimizerStep {
  readonly settings: Pick<
    StepSettings,
    "optimizer" | "momentum" | "beta2" | "epsilon" | "weightDecay" | "averageDecay"
  >;
  /** Those that the settings need (`model/slots.ts`). */
  readonly slots: Readonly<Partial<Record<Slot, GPUBuffer>>>;
}

/** The slots by the names that the shaders give them. */
const bindings = { momentum: "momentum", secondMoment: "second_moment", average: "average" } as const;

/** The formula of each optimizer: `shaders/optimizers/optimizer_<this>.wgsl`. */
export const optimizerShaders: Readonly<Record<Optimizer, string>> = {
  sgd: "sgd",
  momentum: "momentum",
  nesterov: "nesterov",
  adam: "adam",
  adamw: "adam",
  rmsprop: "rmsprop",
  lion: "lion",
};

/** The variants, constants and buffers of `shaders/optimizers/optimizer_step.wgsl`. */
export function optimizerStepOf({ settings, slots }: OptimizerStep) {
  const { optimizer, weightDecay, averageDecay } = settings;
  const { hyperparameters, decoupledDecay } = optimizerRows[optimizer];
  const used = Object.keys(hyperparameters) as (keyof typeof hyperparameters)[];
  return {
    variants: { OPTIMIZER: optimizerShaders[optimizer], AVERAGE: averageDecay > 0 ? "ema" : "none" },
    constants: {
      WEIGHT_DECAY: weightDecay,
      DECOUPLED_DECAY: Number(decoupledDecay ?? false),
      ...Object.fromEntries(used.map((name) => [name.toUpperCase(), settings[name]])),
    },
    buffers: Object.fromEntries(
      Object.entries(slots).map(([slot, buffer]) => [bindings[slot as Slot], buffer]),
    ),
  };
}
