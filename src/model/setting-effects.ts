import { type Hyperparameter, optimizersWith } from "./optimizers.ts";

/** The settings that decide whether others have an effect. */
export interface Circumstances {
  readonly hidden: readonly number[];
  readonly schedule: string;
  readonly optimizer: string;
  readonly shift: number;
  readonly rotation: number;
  readonly scale: number;
  readonly shear: number;
  readonly elastic: number;
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
  applies: ({ shift, rotation, scale, shear, elastic }) =>
    [shift, rotation, scale, shear, elastic].some((amount) => amount > 0),
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
