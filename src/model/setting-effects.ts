import { type Hyperparameter, optimizersWith } from "./optimizers.ts";

/** The settings that say how much images are moved and bent, which a step's magnitude multiplies. */
export const deformations = ["shift", "rotation", "scale", "shear", "elastic"] as const;

export type Deformations = Readonly<Record<(typeof deformations)[number], number>>;

export function deformsImages(amounts: Deformations): boolean {
  return deformations.some((name) => amounts[name] > 0);
}

/** The settings that decide whether others have an effect. */
export interface Circumstances extends Deformations {
  readonly hidden: readonly number[];
  readonly schedule: string;
  readonly optimizer: string;
  readonly validation: number;
  readonly evaluateEvery: number;
  readonly backend: string;
}

/** Where a setting has an effect. */
export interface Effect {
  /** In words that go on from "It has an effect only". */
  readonly only: string;
  applies(config: Circumstances): boolean;
}

export const withHiddenLayers: Effect = {
  only: "in a network with hidden layers",
  applies: ({ hidden }) => hidden.length > 0,
};
export const withStepSchedule: Effect = {
  only: "with the schedule step",
  applies: ({ schedule }) => schedule === "step",
};
/** A hyperparameter has one with the optimizers that use it. */
export function withOptimizersOf(hyperparameter: Hyperparameter): Effect {
  const users: string[] = optimizersWith(hyperparameter);
  return {
    only: `with the optimizer${users.length === 1 ? "" : "s"} ${listed(users)}`,
    applies: ({ optimizer }) => users.includes(optimizer),
  };
}
export const withDeformations: Effect = {
  only: "where shift, rotation, scale, shear or elastic is above 0",
  applies: deformsImages,
};
export const withValidation: Effect = {
  only: "where validation images are set apart and evaluated",
  applies: ({ validation, evaluateEvery }) => validation > 0 && evaluateEvery > 0,
};
export const onWebGpu: Effect = {
  only: "on the backend webgpu",
  applies: ({ backend }) => backend === "webgpu",
};

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
