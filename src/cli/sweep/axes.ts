import { asGiven, UsageError } from "../../errors.ts";
import {
  type Config,
  checkSetting,
  flagOf,
  formatSetting,
  parseSetting,
  type SettingName,
  settings,
} from "../../model/settings.ts";

/** Values between two ends, evenly spread, or by equal factors. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly isLogarithmic: boolean;
}

/** What a setting takes in a sweep: values, and ranges from which they are drawn. */
export interface Axis {
  readonly name: SettingName;
  readonly values: readonly Config[SettingName][];
  /** Those for which it was not said how many values they have. */
  readonly ranges: readonly Range[];
}

/** Settings of which a sweep has one value, and why. */
export const oneValued: Partial<Record<SettingName, string>> = {
  dataset: "its networks are compared on the same images",
  transpose: "its networks are compared on the same images",
  validation: "its networks are compared on the same images",
  limit: "its networks are compared on the same images, the last ones within the limit",
  backend: "all of it is computed in one place",
};

/** Hidden layers of one network; `0x40` is a number. */
const severalLayers = /^[1-9]\d*(x[1-9]\d*)+$/i;

/** Digits that a value drawn by equal factors keeps: more would only make command lines long. */
const digits = 4;
const mostInRange = 10_000;
const rangeHelp = "a range is like 8..64 5, or 0.001..1 log 7 by equal factors";

/**
 * The values that `text` lists for a setting, separated by commas, some of which may be ranges of numbers; several hidden
 * layers of one network are written `128x64`.
 * @throws UsageError naming the flag, what was given and what was expected
 */
export function parseAxis(name: SettingName, text: string): Axis {
  const parts = text.split(",").map((part) => part.trim());
  const { kind } = settings[name];
  const hasRanges = kind !== "boolean" && kind !== "choice";
  const parsed = parts.map((part): Range | Config[SettingName][] => {
    if (hasRanges && part.includes("..")) return parseRange(name, part);
    const isOfLayers = kind === "widths" && severalLayers.test(part);
    return [parseSetting(name, isOfLayers ? part.replace(/x/gi, ",") : part)];
  });
  const values = parsed.flatMap((part) => (Array.isArray(part) ? part : []));
  const seen = new Set<string>();
  const twice = values
    .map((value) => formatSetting(name, value))
    .find((value) => seen.size === seen.add(value).size);
  if (twice !== undefined)
    throw new UsageError(
      `${flagOf(name)} names ${twice} twice. Give each value once; --seeds repeats networks.`,
    );
  return { name, values, ranges: parsed.flatMap((part) => (Array.isArray(part) ? [] : [part])) };
}

/** The axis of a setting that has one value. */
export function axisOf<Name extends SettingName>(name: Name, ...values: readonly Config[Name][]): Axis {
  return { name, values, ranges: [] };
}

/** The values of a range that says how many, or the range. */
function parseRange(name: SettingName, text: string): Range | Config[SettingName][] {
  const fail = (what: string) =>
    new UsageError(`${flagOf(name)}: got ${asGiven(text)}, ${what}; ${rangeHelp}.`);
  const [, first, last, rest] = /^(\S+?)\s*\.\.\s*(\S+)(.*)$/.exec(text) ?? [];
  if (first === undefined) throw fail("expected two ends");
  const words = rest.trim().split(/\s+/).filter(Boolean);
  const isLogarithmic = words.includes("log");
  const [count, ...more] = words.filter((word) => word !== "log");
  const [from, to] = [first, last].map((end) => Number(formatSetting(name, parseSetting(name, end))));
  if (Number.isNaN(from + to)) throw fail("expected the width of one layer at each end");
  if (more.length > 0) throw fail(`expected no ${more[0]}`);
  if (from >= to) throw fail(`expected an end above ${from}`);
  if (isLogarithmic && from <= 0) throw fail("expected a beginning above 0");
  const range = { from, to, isLogarithmic };
  if (count === undefined) return range;
  const steps = /^\d+$/.test(count) ? Number(count) : Number.NaN;
  if (!(steps >= 2 && steps <= mostInRange)) throw fail(`expected 2 to ${mostInRange} values, not ${count}`);
  const values = Array.from({ length: steps }, (_, index) => within(name, range, index / (steps - 1)));
  return [...new Map(values.map((value) => [formatSetting(name, value), value])).values()];
}

/** The value of a range at `share` of the way: the ends themselves are as they were given. */
function within(name: SettingName, range: Range, share: number): Config[SettingName] {
  const { from, to } = range;
  if (share === 0 || share === 1) return checkedValue(name, share === 0 ? from : to);
  const exact = between(range, share);
  return checkedValue(
    name,
    isWhole(name) ? Math.round(exact) : inside(range, Number(exact.toPrecision(digits))),
  );
}

/** A value drawn from a range by a number of [0, 1): a whole one stands for all that is rounded to it, the ends too. */
export function drawnFrom(name: SettingName, range: Range, uniform: number): Config[SettingName] {
  if (!isWhole(name)) return within(name, range, uniform);
  const { from, to } = range;
  return checkedValue(
    name,
    inside(range, Math.round(between({ ...range, from: from - 0.5, to: to + 0.5 }, uniform))),
  );
}

function between({ from, to, isLogarithmic }: Range, share: number): number {
  return isLogarithmic ? from * (to / from) ** share : from + (to - from) * share;
}

/** A number that, rounded, may have come to lie beyond an end. */
function inside({ from, to }: Range, value: number): number {
  return Math.min(to, Math.max(from, value));
}

function isWhole(name: SettingName): boolean {
  return settings[name].kind !== "number";
}

function checkedValue(name: SettingName, number: number): Config[SettingName] {
  return checkSetting(name, settings[name].kind === "widths" ? [number] : number, flagOf(name));
}
