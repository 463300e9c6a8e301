import * as v from "valibot";
import { setNames } from "../data/set-names.ts";
import { asGiven, UsageError } from "../errors.ts";
import { activationNames, activationTable } from "./activations.ts";
import {
  type Hyperparameter,
  optimizerNames,
  optimizerRows,
  optimizersWith,
  optimizerTable,
} from "./optimizers.ts";
import {
  type Circumstances,
  listed,
  onWebGpu,
  withDeformations,
  withHiddenLayers,
  withOptimizersOf,
  withStepSchedule,
  withValidation,
} from "./setting-effects.ts";
import { boolean, choice, explained, integer, number, type Setting, share, widths } from "./setting-kinds.ts";

const decoupled = optimizerNames.filter((name) => optimizerRows[name].decoupledDecay);

/** The default of a hyperparameter is adam's; which optimizers take another. */
function hyperparameter(name: Hyperparameter) {
  const usual = optimizerTable.adam.hyperparameters[name];
  const others = optimizersWith(name).flatMap((optimizer) => {
    const own = optimizerRows[optimizer].hyperparameters[name];
    return own === usual ? [] : [`${own} with ${optimizer}`];
  });
  return {
    default: usual,
    remark: others.length > 0 ? ` Unless given it is ${listed(others)}.` : "",
    effect: withOptimizersOf(name),
  };
}

const [momentum, beta2, epsilon] = (["momentum", "beta2", "epsilon"] as const).map(hyperparameter);

/**
 * Every setting of a training run, in the order in which help, panel and files show them. This table is the only place
 * where settings are declared: the command line makes its flags and help from it, the panel its controls, the page its
 * URL, and files are checked against it.
 */
export const settings = {
  dataset: choice({
    label: "Data",
    help:
      "Images to train on and to test with; auto takes MNIST and falls back to the built-in digits, which are synthetic, saying so. " +
      "What is asked for by name is downloaded once.",
    choices: ["auto", ...setNames, "synthetic"],
    default: "auto",
    panel: "data",
  }),
  transpose: boolean({
    label: "Transpose",
    help: "Exchange rows and columns of every image: those of EMNIST's own files are stored that way.",
    default: false,
    panel: "data",
  }),
  deskew: boolean({
    label: "Deskew",
    help: "Set every image upright by the slant of its ink before the network reads it.",
    default: false,
    panel: "network",
  }),
  hidden: widths({
    label: "Hidden layers",
    help: "Widths of the hidden layers, first one first; none for a network without.",
    default: [10],
    panel: "network",
  }),
  activation: choice({
    label: "Activation",
    help: "What hidden layers apply to their sums.",
    choices: activationNames,
    explanations: explained(activationTable),
    default: "sigmoid",
    panel: "network",
    effect: withHiddenLayers,
  }),
  initialiser: choice({
    label: "Initialiser",
    help: "How weights start; article is standard normal / sqrt(inputs). Biases start at zero.",
    choices: ["article", "glorot-uniform", "glorot-normal", "he-normal", "uniform", "zeros"],
    default: "article",
    panel: "network",
    each: true,
  }),
  learningRate: number({
    label: "Learning rate",
    help: "Step size of gradient descent.",
    default: 0.1,
    min: 0,
    max: 1000,
    positive: true,
    panel: "training",
    live: true,
    each: true,
  }),
  schedule: choice({
    label: "Schedule",
    help:
      "How the learning rate changes: constant; step (falls every few epochs); cosine (falls to 0 at the end); " +
      "one-cycle (rises from a 25th for 30% of the steps, then falls to a 10,000th).",
    choices: ["constant", "step", "cosine", "one-cycle"],
    default: "constant",
    panel: "training",
    each: true,
  }),
  warmup: integer({
    label: "Warm-up",
    help: "Steps over which the learning rate rises linearly from 0, before the schedule has its way.",
    default: 0,
    min: 0,
    max: 1_000_000_000,
    panel: "training",
    each: true,
  }),
  decayEvery: integer({
    label: "Decay every",
    help: "Epochs after which the step schedule lowers the learning rate.",
    default: 30,
    min: 1,
    max: 1_000_000,
    panel: "training",
    effect: withStepSchedule,
    each: true,
  }),
  decayFactor: number({
    label: "Decay factor",
    help: "What the step schedule multiplies the learning rate by.",
    default: 0.1,
    min: 0,
    max: 1,
    positive: true,
    panel: "training",
    effect: withStepSchedule,
    each: true,
  }),
  optimizer: choice({
    label: "Optimizer",
    help: "What makes a step of a gradient.",
    choices: optimizerNames,
    explanations: explained(optimizerTable),
    default: "sgd",
    panel: "training",
  }),
  momentum: share({
    label: "Momentum",
    help: `Share of the running gradient that a step keeps; beta1 in papers.${momentum.remark}`,
    default: momentum.default,
    panel: "training",
    effect: momentum.effect,
    each: true,
  }),
  beta2: share({
    label: "Beta 2",
    help: `Share of the other running mean that a step keeps, in most optimizers of squares.${beta2.remark}`,
    default: beta2.default,
    panel: "training",
    effect: beta2.effect,
    each: true,
  }),
  epsilon: number({
    label: "Epsilon",
    help: `What is added to the root of the running squared gradient.${epsilon.remark}`,
    default: epsilon.default,
    // The square of a gradient below 1e-19 is 0 in float32: a step of it must not be divided by less than it has lost.
    min: 1e-15,
    max: 1,
    effect: epsilon.effect,
    each: true,
  }),
  batchSize: integer({
    label: "Batch size",
    help: "Images per step; the last mini-batch of an epoch may be short and is used.",
    default: 64,
    min: 1,
    max: 65_536,
    panel: "training",
  }),
  epochs: integer({
    label: "Epochs",
    help: "Passes over the training images.",
    default: 100,
    min: 1,
    max: 1_000_000,
    panel: "training",
    live: true,
  }),
  seed: integer({
    label: "Seed",
    help: "Seed of all that is random: initial weights, shuffling, dropout, changed images.",
    default: 1,
    min: 0,
    max: 4_294_967_295,
    panel: "training",
    each: true,
  }),
  shuffle: boolean({
    label: "Shuffle",
    help: "Visit the training images in a new order every epoch.",
    flagHelp: "Visit the training images in file order.",
    default: true,
    panel: "training",
    each: true,
  }),
  weightDecay: number({
    label: "Weight decay",
    help:
      "Pulls weights, not biases, towards 0: added to the gradient times the weight (L2), or with " +
      `${listed(decoupled)} taken off the weight times the learning rate.`,
    default: 0,
    min: 0,
    max: 100,
    panel: "regularisation",
    each: true,
  }),
  inputDropout: share({
    label: "Input dropout",
    help: "Probability with which a pixel is left out of a step.",
    default: 0,
    panel: "regularisation",
    each: true,
  }),
  hiddenDropout: share({
    label: "Hidden dropout",
    help: "Probability with which a hidden neuron is left out of a step.",
    default: 0,
    panel: "regularisation",
    effect: withHiddenLayers,
    each: true,
  }),
  labelSmoothing: share({
    label: "Label smoothing",
    help: "Share of the target probability that is spread over all classes.",
    default: 0,
    panel: "regularisation",
  }),
  averageDecay: share({
    label: "Average decay",
    help: "Evaluate and keep an exponential moving average of the weights, of which a step keeps this share; 0: none.",
    default: 0,
    panel: "regularisation",
  }),
  shift: number({
    label: "Shift",
    help: "Move each training image up to so many pixels in each direction, anew in every epoch.",
    default: 0,
    min: 0,
    max: 100,
    panel: "augmentation",
    each: true,
  }),
  rotation: number({
    label: "Rotation",
    help: "Turn each training image up to so many degrees either way.",
    default: 0,
    min: 0,
    max: 180,
    panel: "augmentation",
    each: true,
  }),
  scale: share({
    label: "Scale",
    help: "Stretch or shrink each training image in each direction by up to this share.",
    default: 0,
    panel: "augmentation",
    each: true,
  }),
  shear: number({
    label: "Shear",
    help: "Slant each training image by up to so many pixels sideways a pixel of height.",
    default: 0,
    min: 0,
    max: 2,
    panel: "augmentation",
    each: true,
  }),
  elastic: number({
    label: "Elastic",
    help: "Bend each training image: standard deviation of a pixel's displacement, in pixels.",
    default: 0,
    min: 0,
    max: 100,
    panel: "augmentation",
    each: true,
  }),
  calmEnd: share({
    label: "Calm end",
    help: "Share of the steps, the last ones, in which shift, rotation, scale, shear and elastic are half as large.",
    default: 0,
    panel: "augmentation",
    effect: withDeformations,
    each: true,
  }),
  validation: integer({
    label: "Validation images",
    help: "Set so many of the last training images apart: evaluations, patience and keep-best look at them alone.",
    default: 0,
    min: 0,
    max: 4_294_967_295,
    panel: "data",
  }),
  patience: integer({
    label: "Patience",
    help: "Stop after so many evaluations of the validation images without a better one; 0: never.",
    default: 0,
    min: 0,
    max: 1_000_000,
    panel: "regularisation",
    effect: withValidation,
  }),
  keepBest: boolean({
    label: "Keep best",
    help: "Keep the weights that did best on the validation images instead of the last ones.",
    default: false,
    panel: "regularisation",
    effect: withValidation,
  }),
  limit: integer({
    label: "Image limit",
    help: "Train on only the first so many images; 0 for all.",
    default: 0,
    min: 0,
    max: 4_294_967_295,
    panel: "data",
  }),
  steps: integer({
    label: "Step limit",
    help: "Stop after so many steps, even inside an epoch; 0 for no such limit.",
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
  evaluateEvery: integer({
    label: "Evaluate every",
    help: "Evaluate the test split, or validation images instead, after every so many epochs; 0 for only at the end.",
    default: 0,
    min: 0,
    max: 1_000_000,
  }),
  backend: choice({
    label: "Backend",
    help: "What computes: WebGPU, or the float64 reference on the CPU.",
    choices: ["webgpu", "cpu"],
    default: "webgpu",
  }),
  kernels: choice({
    label: "Kernels",
    help: "Form of the GPU kernels: auto takes unrolled on software adapters and tiled on GPUs.",
    choices: ["auto", "portable", "unrolled", "tiled"],
    default: "auto",
    effect: onWebGpu,
  }),
  residency: choice({
    label: "Residency",
    help: "Where training images live: resident on the GPU, streamed to it, or auto (resident if they fit).",
    choices: ["auto", "resident", "streamed"],
    default: "auto",
    effect: onWebGpu,
  }),
};

export type SettingName = keyof typeof settings;

/** A complete set of values: what `config.json`, a model file's metadata and a shared link hold. */
export type Config = { -readonly [Name in SettingName]: (typeof settings)[Name]["default"] };

/** The settings that a network and its training steps depend on: what an engine must know. */
export type StepSettings = Pick<
  Config,
  | "deskew"
  | "activation"
  | "optimizer"
  | "momentum"
  | "beta2"
  | "epsilon"
  | "weightDecay"
  | "inputDropout"
  | "hiddenDropout"
  | "labelSmoothing"
  | "averageDecay"
  | "shift"
  | "rotation"
  | "scale"
  | "shear"
  | "elastic"
  | "seed"
>;

export const settingNames = Object.keys(settings) as SettingName[];

/** The article's run: every setting at its default. */
export const defaultConfig = Object.fromEntries(
  settingNames.map((name) => [name, settings[name].default]),
) as Config;

/** The settings that a file holds, to be checked. One that it lacks is at its default: files are older than some settings. */
export function filedSettings(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...defaultConfig, ...values };
}

/** `config` with `changes`. Another optimizer brings the defaults of its hyperparameters, where `changes` have none. */
export function changeSettings(config: Config, changes: Partial<Config>): Config {
  const { optimizer = config.optimizer } = changes;
  const own = optimizer === config.optimizer ? {} : optimizerRows[optimizer].hyperparameters;
  return { ...config, ...own, ...changes };
}

/** `first` and then `next`, as one: what `changeSettings` makes of it is what it makes of one after the other. */
export function changesInTurn(first: Partial<Config>, next: Partial<Config>): Partial<Config> {
  const { optimizer } = next;
  const own = optimizer && optimizer !== first.optimizer ? optimizerRows[optimizer].hyperparameters : {};
  return { ...first, ...own, ...next };
}

/** The default of setting `name` in a run of `config`, whose optimizer has hyperparameters of its own. */
export function usualValue<Name extends SettingName>(name: Name, { optimizer }: Config): Config[Name] {
  return { ...defaultConfig, ...optimizerRows[optimizer].hyperparameters }[name];
}

/** The settings that are not at their defaults. */
export function unusualSettings(config: Config): SettingName[] {
  return settingNames.filter(
    (name) => formatSetting(name, config[name]) !== formatSetting(name, usualValue(name, config)),
  );
}

/** `learningRate` -> `--learning-rate`. */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Where alone setting `name` has an effect, if `config` is not such a case: `with the schedule step`. */
export function idleUnless(name: SettingName, config: Circumstances): string | undefined {
  const { effect }: Setting<unknown> = settings[name] as Setting<unknown>;
  return effect && !effect.applies(config) ? effect.only : undefined;
}

/**
 * The value that `text` stands for.
 * @param where how the reader knows the setting: a flag, a URL parameter, a panel label
 * @throws UsageError naming `where`, the text and what was expected
 */
export function parseSetting<Name extends SettingName>(
  name: Name,
  text: string,
  where: string = flagOf(name),
) {
  return checkSetting(name, settings[name].parse(text), where, text);
}

/** Whether `value` is a valid one of setting `name`. */
export function isValid<Name extends SettingName>(name: Name, value: unknown): value is Config[Name] {
  return v.is((settings[name] as Setting<unknown>).schema, value);
}

/** `value` if it is a valid one of setting `name`; otherwise throws a UsageError that says what was expected. */
export function checkSetting<Name extends SettingName>(
  name: Name,
  value: unknown,
  where: string,
  shown = String(JSON.stringify(value)),
): Config[Name] {
  const setting: Setting<unknown> = settings[name] as Setting<unknown>;
  if (isValid(name, value)) return value;
  throw new UsageError(`${where}: got ${asGiven(shown)}, expected ${setting.expects}.`);
}

/** A copy of a config, which stays as it was checked: throws a UsageError unless all its settings have valid values. */
export function checkedConfig(config: Config): Config {
  for (const name of settingNames) checkSetting(name, config[name], name);
  return { ...config, hidden: [...config.hidden] };
}

/** The settings that `changes` would give another value than they have in `config`. */
export function changedSettings(config: Config, changes: Partial<Config>): SettingName[] {
  return settingNames.filter((name) => {
    const value = changes[name];
    return value !== undefined && formatSetting(name, value) !== formatSetting(name, config[name]);
  });
}

/** Values of settings as the panel would name them: `Hidden layers 128, Seed 7`. */
export function changesText(changes: Partial<Config>): string {
  const names = settingNames.filter((name) => changes[name] !== undefined);
  return names.map((name) => `${settings[name].label} ${formatSetting(name, changes[name]!)}`).join(", ");
}

/** The text form of a value, which `parseSetting` turns back into it. */
export function formatSetting<Name extends SettingName>(name: Name, value: Config[Name]): string {
  return (settings[name] as Setting<Config[Name]>).format(value);
}
