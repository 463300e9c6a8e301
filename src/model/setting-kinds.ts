import * as v from "valibot";
import type { Effect } from "./setting-effects.ts";

/** One setting of a run: what its flag, its control and its checks need to know. */
export interface Setting<T> {
  /** Short name, for the panel. */
  readonly label: string;
  /** One sentence, for `--help` and tooltips. */
  readonly help: string;
  /** The sentence for `--help` where the flag turns something off: `--no-shuffle`. */
  readonly flagHelp?: string;
  /** What a valid value looks like, for error messages: `expected <this>`. */
  readonly expects: string;
  readonly default: T;
  /** Which control and which kind of flag suits it. */
  readonly kind: "integer" | "number" | "boolean" | "choice" | "widths";
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly T[];
  /** A line about each choice, where names do not say enough. */
  readonly explanations?: Readonly<Record<string, string>>;
  /** Where the panel shows it; absent from the panel if not given. */
  readonly panel?: "network" | "training" | "regularisation" | "augmentation" | "data";
  /** A change takes effect in the middle of training instead of at the next reset. */
  readonly live?: boolean;
  /** Networks that are trained together may each have a value of their own. */
  readonly each?: boolean;
  /** Where it has an effect; everywhere if not given. */
  readonly effect?: Effect;
  readonly schema: v.GenericSchema<unknown, T>;
  /** The value that a flag or a URL writes as `text`; whatever it returns is still to be checked by `schema`. */
  parse(text: string): unknown;
  /** The text that `parse` turns back into `value`. */
  format(value: T): string;
}

type Details<T> = Pick<Setting<T>, "label" | "help" | "default"> &
  Pick<Partial<Setting<T>>, "flagHelp" | "panel" | "live" | "each" | "effect">;

interface Range {
  readonly min: number;
  readonly max: number;
  /** Whether `min` itself is not allowed. */
  readonly positive?: boolean;
  /** Whether `max` itself is not allowed. */
  readonly below?: boolean;
}

/** The smallest number that float32 has with all its digits; smaller ones are 0 to some adapters. */
const smallestFloat32 = 2 ** -126;

function numeric(kind: "integer" | "number", details: Details<number> & Range): Setting<number> {
  const { min, max, positive, below } = details;
  const range = positive
    ? `above 0 and at most ${max}, in float32`
    : below
      ? `from ${min} to less than ${max}, in float32`
      : `from ${min} to ${max}${kind === "number" ? ", in float32" : ""}`;
  // Kernels have float32: what is neither 0 nor `max` must not become it there.
  const inRange = (value: number) =>
    value >= min &&
    value <= max &&
    (value === 0 ? !positive : Math.abs(value) >= smallestFloat32) &&
    !(below && Math.fround(value) >= max);
  return {
    ...details,
    kind,
    expects: `a ${kind === "integer" ? "whole " : ""}number ${range}`,
    schema: v.pipe(kind === "integer" ? v.pipe(v.number(), v.safeInteger()) : v.number(), v.check(inRange)),
    // Number("") is 0: an empty text is no number.
    parse: (text) => (text.trim() === "" ? Number.NaN : Number(text)),
    format: String,
  };
}

export const integer = (details: Details<number> & Range) => numeric("integer", details);
export const number = (details: Details<number> & Range) => numeric("number", details);
/** A share of something, from 0 to less than 1. */
export const share = (details: Details<number>) => number({ ...details, min: 0, max: 1, below: true });

export function boolean(details: Details<boolean>): Setting<boolean> {
  return {
    ...details,
    kind: "boolean",
    expects: "true or false",
    schema: v.boolean(),
    parse: (text) => ({ true: true, false: false })[text] ?? text,
    format: String,
  };
}

export function choice<const T extends string>(
  details: Omit<Details<T>, "default"> & {
    default: NoInfer<T>;
    choices: readonly T[];
    explanations?: Readonly<Record<T, string>>;
  },
): Setting<T> {
  return {
    ...details,
    kind: "choice",
    expects: `one of ${details.choices.join(", ")}`,
    schema: v.picklist(details.choices),
    parse: (text) => text,
    format: String,
  };
}

/** The lines of help in a table of choices. */
export function explained<Name extends string>(
  table: Readonly<Record<Name, { readonly help: string }>>,
): Record<Name, string> {
  const names = Object.keys(table) as Name[];
  return Object.fromEntries(names.map((name) => [name, table[name].help])) as Record<Name, string>;
}

export const widestLayer = 65_536;
export const mostHiddenLayers = 64;

export function widths(details: Details<readonly number[]>): Setting<readonly number[]> {
  const areWithinLimits = (hidden: number[]) =>
    hidden.length <= mostHiddenLayers && hidden.every((width) => width >= 1 && width <= widestLayer);
  return {
    ...details,
    kind: "widths",
    expects: `up to ${mostHiddenLayers} whole numbers from 1 to ${widestLayer} separated by commas, or none`,
    schema: v.pipe(v.array(v.pipe(v.number(), v.safeInteger())), v.check(areWithinLimits)),
    parse: (text) =>
      text.trim() === "none"
        ? []
        : text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part))),
    format: (value) => (value.length === 0 ? "none" : value.join(",")),
  };
}
