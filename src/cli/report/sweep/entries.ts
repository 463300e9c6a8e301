import {
  type Config,
  formatSetting,
  idleUnless,
  type SettingName,
  settings,
} from "../../../model/settings.ts";
import { byMerit, meant } from "../../../training/sweep/halving.ts";
import type { EpochRecord, Figures } from "../../runs/records.ts";
import type { SweepDescription } from "../../sweep/sweep-folder.ts";
import { configOf } from "../../sweep/sweep-lines.ts";
import { numbersOf } from "../../sweep/sweep-reader.ts";
import type { NetworkEndRecord, SweepRecord } from "../../sweep/sweep-records.ts";
import { shades } from "../style.ts";

/** A network of a sweep, with all that was recorded of it. */
export interface SweepEntry {
  readonly network: number;
  readonly config: Config;
  readonly epochs: readonly EpochRecord[];
  /** Absent if it was not trained to its end. */
  readonly end: NetworkEndRecord | undefined;
  /** What the validation images say of it, if they say anything. */
  readonly score: Figures | undefined;
}

/** The networks of a sweep or of its part, the best first. */
export function entriesOf(description: SweepDescription, records: readonly SweepRecord[]): SweepEntry[] {
  const epochs = new Map<number, EpochRecord[]>();
  const ends = new Map<number, NetworkEndRecord>();
  for (const record of records) {
    if (record.event === "end") ends.set(record.network, record);
    if (record.event !== "epoch") continue;
    const list = epochs.get(record.network) ?? [];
    epochs.set(record.network, list);
    list.push(record);
  }
  const entries = numbersOf(description).map((network) => {
    const end = ends.get(network);
    const config = configOf(description, network);
    return { network, config, epochs: epochs.get(network) ?? [], end, score: meant(end?.validation) };
  });
  const ended = (entry: SweepEntry) => ({ ...entry, reason: entry.end?.reason });
  return entries.sort((a, b) => byMerit(ended(a), ended(b)));
}

/** The settings that networks differ in but for their seeds; the seed if it is all that differs. */
export function comparedSettings({ swept }: SweepDescription): readonly SettingName[] {
  const others = swept.filter((name) => name !== "seed");
  return others.length > 0 ? others : swept;
}

/** What a network has for a setting, as text; a dash where that changes nothing. */
export function valueText(name: SettingName, config: Config): string {
  return idleUnless(name, config) ? "–" : formatSetting(name, config[name]);
}

/** Networks that differ in nothing but their seeds. */
export interface Combination {
  readonly entries: readonly SweepEntry[];
  /** Of the networks that have a score. */
  readonly accuracies: readonly number[];
  /** NaN if none has. */
  readonly mean: number;
}

/** The combinations of settings, the one with the highest mean accuracy first. */
export function combinationsOf(entries: readonly SweepEntry[], names: readonly SettingName[]): Combination[] {
  const groups = groupBy(entries, ({ config }) => names.map((name) => valueText(name, config)).join("|"));
  const combinations = groups.map((group) => {
    const accuracies = accuraciesOf(group);
    return { entries: group, accuracies, mean: meanOf(accuracies) };
  });
  const merit = ({ mean }: Combination) => (Number.isNaN(mean) ? -1 : mean);
  return combinations.sort((a, b) => merit(b) - merit(a));
}

/** Groups of what has the same key, in the order of their first members. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}

export function accuraciesOf(entries: readonly SweepEntry[]): number[] {
  return entries.flatMap(({ score }) => (score ? [score.accuracy] : []));
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A scale of accuracies, by the logarithm of the share misread: 99% is as far from 98% as 96% is. */
export interface MeritScale {
  /** Where an accuracy lies between the lowest, at 0, and the highest, at 1. */
  share(accuracy: number): number;
  /** The accuracy that lies there. */
  at(share: number): number;
  /** The shade of an accuracy, from 1 to `shades`. */
  shade(accuracy: number): number;
}

/** @param images how many the accuracies were measured on */
export function meritScale(accuracies: readonly number[], images: number): MeritScale {
  // Of images that were all read right, half of one may be wrong.
  const logarithm = (accuracy: number) => Math.log(Math.max(1 - accuracy, 0.5 / images));
  const [high, low] = ends(accuracies.map(logarithm));
  const share = (accuracy: number) => (low > high ? (low - logarithm(accuracy)) / (low - high) : 1);
  return {
    share,
    at: (part) => 1 - Math.exp(low + (high - low) * part),
    shade: (accuracy) => 1 + Math.round((shades - 1) * share(accuracy)),
  };
}

/** The lowest and the highest of some numbers. */
export function ends(values: readonly number[]): [low: number, high: number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

/** A setting's values as numbers, if it has numbers that differ: widths count if all are of one layer. */
export function numberOf(name: SettingName, config: Config): number | undefined {
  const { kind } = settings[name];
  if (kind === "boolean" || kind === "choice" || idleUnless(name, config)) return undefined;
  const value = Number(formatSetting(name, config[name]));
  return Number.isNaN(value) ? undefined : value;
}

/** From this factor between the ends on an axis has equal factors instead of equal distances. */
const logarithmicFrom = 20;

/** Whether an axis from `low` to `high` has equal factors. */
export function isLogarithmic(low: number, high: number): boolean {
  return low > 0 && high / low >= logarithmicFrom;
}
