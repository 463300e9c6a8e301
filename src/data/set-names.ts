/**
 * What every output calls the data sets that can be asked for by name, beside which the settings table has `auto` and
 * `synthetic`. What they are made of and where they are found is in `named-sets.ts`.
 */
export const setTitles = {
  mnist: "MNIST",
  "fashion-mnist": "Fashion-MNIST",
  kmnist: "Kuzushiji-MNIST",
  "emnist-digits": "EMNIST Digits",
} as const;

export type SetName = keyof typeof setTitles;

export const setNames = Object.keys(setTitles) as SetName[];
