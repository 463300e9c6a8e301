import { Option } from "commander";
import { asGiven, UsageError } from "../../errors.ts";
import type { PresetName } from "../../model/presets.ts";
import type { Setting } from "../../model/setting-kinds.ts";
import { defaultConfig, flagOf, formatSetting, type SettingName, settings } from "../../model/settings.ts";
import { type Axis, oneValued, parseAxis } from "./axes.ts";
import type { Keep, Shard } from "./sweep-folder.ts";

/** The flags of a sweep that are no settings. */
export interface SweepFlags {
  readonly preset?: PresetName;
  readonly seeds?: number;
  readonly random?: number;
  readonly halving?: boolean;
  readonly keep?: Keep;
  readonly memory?: number;
  readonly shard?: Shard;
  readonly merge?: readonly string[];
  readonly resume?: string;
  readonly yes?: boolean;
  readonly out?: string;
  readonly name?: string;
  readonly data?: string;
  readonly adapter?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** What was asked for on the command line. */
export interface Asked {
  readonly flags: SweepFlags;
  /** Of the settings that were given. */
  readonly axes: readonly Axis[];
}

/** Throws a UsageError if a setting was given, or a flag of `names`, that is of no use beside `flag`. */
export function checkAlone(
  flag: string,
  { flags, axes }: Asked,
  names: readonly (keyof SweepFlags)[],
  reason: string,
): void {
  const [setting] = axes;
  const name = names.find((other) => flags[other] !== undefined);
  const given = setting ? flagOf(setting.name) : name && `--${name}`;
  if (given)
    throw new UsageError(`${given} and ${flag} exclude each other: ${reason}. Leave one of them out.`);
}

/** What each kind of flag takes: of one value, and of several. */
const placeholders: Record<Setting<unknown>["kind"], readonly [one: string, several: string]> = {
  integer: ["n", "n,... or a..b n"],
  number: ["x", "x,... or a..b n"],
  choice: ["name", "name,..."],
  widths: ["n,n,...", "n,..."],
  boolean: ["true|false", "true,false"],
};

/** The flag of a setting in a sweep: `--batch-size <n,...>`. Of what is on or off, the name alone says that it is on. */
export function sweptOption(name: SettingName): Option {
  const { kind, help, choices } = settings[name] as Setting<unknown>;
  const usual = { validation: "a sixth of the training images", evaluateEvery: "1" }[name as string];
  const remarks = [
    ...(choices ? [`of ${choices.join(", ")}`] : []),
    ...(kind === "widths" ? ["each for a network of one hidden layer; 128x64 for one of two"] : []),
    `default: ${usual ?? formatSetting(name, defaultConfig[name])}`,
  ];
  const placeholder = placeholders[kind][name in oneValued ? 0 : 1];
  const values = kind === "boolean" ? `[${placeholder}]` : `<${placeholder}>`;
  return new Option(`${flagOf(name)} ${values}`, `${help} (${remarks.join("; ")})`).argParser(
    (text): Axis => parseAxis(name, text),
  );
}

/** `--shard <i/n>`. */
export function shardOption(): Option {
  return new Option(
    "--shard <i/n>",
    "Train the i-th of n parts alone, which any job runner may start; sweep --merge puts them together",
  ).argParser((text): Shard => {
    const [, part, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
    const shard = { part: Number(part), of: Number(of) };
    if (shard.part >= 1 && shard.part <= shard.of) return shard;
    throw new UsageError(
      `--shard: got ${asGiven(text)}, expected a part and how many there are, like 2/5: from 1/5 to 5/5.`,
    );
  });
}

const units: Readonly<Record<string, number>> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** `--memory <bytes>`. */
export function memoryOption(): Option {
  return new Option(
    "--memory <bytes>",
    "Bytes that networks trained together may take, as in 512MiB: more of them wait (default: 1GiB)",
  ).argParser((text) => {
    const [, digits, unit = ""] = /^(\d{1,12})\s*([KMG]iB)?$/.exec(text) ?? [];
    if (Number(digits) > 0) return Number(digits) * units[unit];
    throw new UsageError(
      `--memory: got ${asGiven(text)}, expected a number of bytes like 1000000000, 512MiB or 2GiB.`,
    );
  });
}
