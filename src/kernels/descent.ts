import type { Slot } from "../model/parameters.ts";
import type { StepSettings } from "../model/settings.ts";

/** How parameters follow their gradient, and where what is remembered beside them lies, laid out like them. */
export interface Descent {
  readonly settings: Pick<
    StepSettings,
    "optimizer" | "momentum" | "beta2" | "epsilon" | "weightDecay" | "averageDecay"
  >;
  /** Those that the settings need (`model/slots.ts`). */
  readonly slots: Readonly<Partial<Record<Slot, GPUBuffer>>>;
}

/** The slots by the names that the shaders give them. */
const bindings = { momentum: "momentum", secondMoment: "second_moment", average: "average" } as const;

/** The variants, constants and buffers of `shaders/descend.wgsl`. */
export function descentOf({ settings, slots }: Descent) {
  const { optimizer, momentum, beta2, epsilon, weightDecay, averageDecay } = settings;
  const kinds = {
    sgd: { name: "sgd", constants: {} },
    momentum: { name: "momentum", constants: { MOMENTUM: momentum, NESTEROV: 0 } },
    nesterov: { name: "momentum", constants: { MOMENTUM: momentum, NESTEROV: 1 } },
    adam: { name: "adam", constants: { MOMENTUM: momentum, BETA2: beta2, EPSILON: epsilon, DECOUPLED: 0 } },
    adamw: { name: "adam", constants: { MOMENTUM: momentum, BETA2: beta2, EPSILON: epsilon, DECOUPLED: 1 } },
  };
  const { name, constants } = kinds[optimizer];
  return {
    variants: { OPTIMIZER: name, AVERAGE: averageDecay > 0 ? "kept" : "none" },
    constants: { WEIGHT_DECAY: weightDecay, ...constants },
    buffers: Object.fromEntries(
      Object.entries(slots).map(([slot, buffer]) => [bindings[slot as Slot], buffer]),
    ),
  };
}
