import { asGiven, UsageError } from "../errors.ts";
import { networkName } from "./parameters.ts";
import { withValidation } from "./setting-effects.ts";
import type { Setting } from "./setting-kinds.ts";
import {
  type Config,
  changeSettings,
  defaultConfig,
  formatSetting,
  idleUnless,
  type SettingName,
  settingNames,
  settings,
} from "./settings.ts";

/** Settings that belong together: a recipe for training. */
interface Preset {
  /** Short name, for the panel. */
  readonly label: string;
  /** How it trains, after the network's name. */
  readonly recipe: string;
  /** What it came to on MNIST's test split. */
  readonly reaches: string;
  readonly cost: string;
  /** What differs from the defaults. */
  readonly config: Partial<Config>;
}

/** How much images are moved and bent, chosen on a validation split (docs/recipes.md). */
const deformations = { shift: 2, rotation: 15, scale: 0.15, shear: 0.2, elastic: 1 };
const gentleDeformations = { shift: 1.5, rotation: 12, scale: 0.12, shear: 0.12, elastic: 1 };

/** The recipes there are, in order of what they cost. */
export const presets = {
  article: {
    label: "Article",
    recipe: "with sigmoid and plain gradient descent: the article's run, all defaults",
    reaches: "93.62%",
    cost: "100 epochs",
    config: {},
  },
  quick: {
    label: "Quick",
    recipe: "with Adam",
    reaches: "98.28%",
    cost: "5 epochs, 20 s on two CPU cores",
    config: {
      hidden: [128],
      activation: "relu",
      initialiser: "he-normal",
      learningRate: 0.01,
      schedule: "one-cycle",
      optimizer: "adam",
      batchSize: 128,
      epochs: 5,
      labelSmoothing: 0.1,
    },
  },
  accurate: {
    label: "Accurate",
    recipe: "with AdamW on images bent anew in each epoch, less in the last fifth",
    reaches: "99.44%",
    cost: "40 epochs, half an hour on two CPU cores",
    config: {
      hidden: [512, 512],
      activation: "silu",
      initialiser: "he-normal",
      learningRate: 0.003,
      schedule: "one-cycle",
      optimizer: "adamw",
      batchSize: 128,
      epochs: 40,
      weightDecay: 0.05,
      labelSmoothing: 0.1,
      ...deformations,
      calmEnd: 0.2,
    },
  },
  record: {
    label: "Record",
    recipe:
      "with AdamW on images bent anew in each epoch, less than those of accurate; wider, longer, with larger mini-batches",
    reaches: "99.48%",
    cost: "100 epochs, an hour and three quarters on two CPU cores",
    config: {
      hidden: [1024, 512],
      activation: "silu",
      initialiser: "he-normal",
      learningRate: 0.004,
      schedule: "one-cycle",
      optimizer: "adamw",
      batchSize: 256,
      weightDecay: 0.15,
      labelSmoothing: 0.1,
      ...gentleDeformations,
    },
  },
} satisfies Record<string, Preset>;

/** The name of a preset. */
export type PresetName = keyof typeof presets;

/** Of all presets, the quickest to train first. */
export const presetNames = Object.keys(presets) as PresetName[];

/** The network of a preset on images of 28 by 28: `784-128-10`. */
export function presetNetwork(name: PresetName): string {
  return networkName([784, ...(presetConfig(name).hidden ?? []), 10]);
}

/** What a preset is, what it reaches on the test split and what that costs. */
export function presetHelp(name: PresetName): string {
  const { recipe, reaches, cost } = presets[name];
  return `${presetNetwork(name)} ${recipe}: ${reaches}; ${cost}.`;
}

/**
 * The settings that a recipe consists of: all that decide what a preset reaches, whether or not one has a value of its own. How
 * chance falls, what is done with validation images, the data and what computes are left as they are.
 */
const recipeSettings = settingNames.filter(isOfRecipe);

function isOfRecipe(name: SettingName): boolean {
  if (name === "seed" || name === "shuffle") return false;
  if (name === "epsilon" || name === "steps") return true;
  const { panel, effect } = settings[name] as Setting<unknown>;
  return panel !== undefined && panel !== "data" && effect !== withValidation;
}

/** What preset `name` makes of the settings of a recipe: its own values, and for the rest the defaults of its optimizer. */
export function presetConfig(name: PresetName): Partial<Config> {
  const config = changeSettings(defaultConfig, presets[name].config);
  return Object.fromEntries(recipeSettings.map((setting) => [setting, config[setting]]));
}

/** The preset that `config` follows, whatever it says of settings that presets are not about, or that change nothing in it. */
export function presetOf(config: Config): PresetName | undefined {
  const value = <Name extends SettingName>(name: Name, of: Partial<Config>) => {
    return formatSetting(name, of[name] as Config[Name]);
  };
  return presetNames.find((preset) => {
    const wanted = presetConfig(preset);
    return recipeSettings.every(
      (name) => idleUnless(name, config) !== undefined || value(name, config) === value(name, wanted),
    );
  });
}

/**
 * The preset of this name.
 * @param where how the reader knows it: a flag, a URL parameter
 * @throws UsageError naming `where` and the presets there are
 */
export function parsePreset(text: string, where: string): PresetName {
  const name = presetNames.find((preset) => preset === text);
  if (name) return name;
  throw new UsageError(`${where}: got ${asGiven(text)}, expected one of ${presetNames.join(", ")}.`);
}
