/** The settings that decide whether others have an effect. */
export interface Circumstances {
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
export const withMomentum: Effect = {
  only: "with an optimizer other than sgd",
  applies: ({ optimizer }) => optimizer !== "sgd",
};
export const withAdam: Effect = {
  only: "with the optimizers adam and adamw",
  applies: ({ optimizer }) => optimizer === "adam" || optimizer === "adamw",
};
export const withValidation: Effect = {
  only: "where validation images are set apart and evaluated",
  applies: ({ validation, evaluateEvery }) => validation > 0 && evaluateEvery > 0,
};
export const onWebGpu: Effect = {
  only: "on the backend webgpu",
  applies: ({ backend }) => backend === "webgpu",
};
