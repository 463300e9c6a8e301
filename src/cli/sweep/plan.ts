import { usedImages } from "../../data/dataset.ts";
import { randomStream } from "../../data/random.ts";
import { UsageError } from "../../errors.ts";
import { type PresetName, presetConfig } from "../../model/presets.ts";
import {
  type Config,
  changeSettings,
  checkSetting,
  defaultConfig,
  flagOf,
  formatSetting,
  idleUnless,
  type SettingName,
  settingNames,
  usualValue,
} from "../../model/settings.ts";
import { type Axis, axisOf, drawnFrom, oneValued } from "./axes.ts";

/** What a sweep was asked for. */
export interface SweepRequest {
  /** Of the settings that were given. */
  readonly axes: readonly Axis[];
  readonly preset?: PresetName | undefined;
  /** Networks of each combination, with seeds one after the other. */
  readonly seeds?: number | undefined;
  /** Combinations to draw, instead of all that there are. */
  readonly random?: number | undefined;
}

/** The networks of a sweep. */
export interface SweepPlan {
  /** The settings that have several values. */
  readonly swept: readonly SettingName[];
  readonly configs: readonly Config[];
  /** The settings with one value, of those given, that change nothing in any network. */
  readonly idle: readonly SettingName[];
  /** How many were left out because they would be the same as others, and of which settings that is so. */
  readonly same: { readonly networks: number; readonly idle: readonly SettingName[] };
}

/** More combinations than anybody can have meant. */
const mostNetworks = 100_000;

/**
 * The networks that were asked for: all combinations in the order of the settings table, or so many drawn at random, each with
 * every seed.
 * @param images how many there are to train on: a sixth of those used is set apart for validation, unless so many were given
 * @throws UsageError for what contradicts itself, or if nothing is swept
 */
export function planSweep(request: SweepRequest, images: number): SweepPlan {
  const axes = checkedAxes(request);
  const points = request.random === undefined ? grid(axes) : drawn(axes, request.random);
  const swept = axes.filter((axis) => sizeOf(axis) > 1).map(({ name }) => name);
  const usual = { evaluateEvery: 1, validation: validationOf(points[0], images) };
  const preset = request.preset ? presetConfig(request.preset) : {};
  const beginning = changeSettings({ ...defaultConfig, ...usual }, preset);
  const wanted = points.map((point) => changeSettings(beginning, point));
  const configs = distinct(wanted.map((config) => withoutIdle(config, swept)));
  const idle = swept.filter((name) => wanted.some((config) => idleUnless(name, config)));
  checkEffects(idle, wanted);
  if (configs.length < 2) throw nothingSwept(swept, request);
  const inAll = axes
    .filter((axis) => sizeOf(axis) === 1)
    .map(({ name }) => name)
    .filter((name) => wanted.every((config) => idleUnless(name, config)));
  return { swept, configs, idle: inAll, same: { networks: wanted.length - configs.length, idle } };
}

/**
 * What decides which data a sweep is of: its networks have one value of it.
 * @throws UsageError as `planSweep` does for the values of a setting
 */
export function dataSettings(request: SweepRequest): Pick<Config, "dataset" | "transpose" | "limit"> {
  const given = checkedAxes(request).map(({ name, values }) => [name, values[0]]);
  const { dataset, transpose, limit }: Config = { ...defaultConfig, ...Object.fromEntries(given) };
  return { dataset, transpose, limit };
}

/** A value for some settings. */
type Point = Partial<Config>;

/** The axes that were asked for, and that of the seeds. */
function checkedAxes(request: SweepRequest): Axis[] {
  const axes = withSeeds(request);
  checkAxes(axes, request);
  return axes;
}

/** The axes in the order of the settings table, but the seed last: networks that differ in nothing else follow each other. */
function withSeeds({ axes, seeds }: SweepRequest): Axis[] {
  const given = axes.find(({ name }) => name === "seed");
  const order = (name: SettingName) => (name === "seed" ? settingNames.length : settingNames.indexOf(name));
  const sorted = [...axes].sort((a, b) => order(a.name) - order(b.name));
  if (seeds === undefined) return sorted;
  if (seeds === 0) throw new UsageError("--seeds 0 leaves no network to train. Give a number from 1 on.");
  if (given && sizeOf(given) > 1)
    throw new UsageError(
      `--seeds ${seeds} and several values of --seed contradict each other. Give --seed the first seed alone, or leave --seeds out.`,
    );
  const first = (given?.values[0] as number | undefined) ?? defaultConfig.seed;
  checkSetting("seed", first + seeds - 1, `--seeds ${seeds}`);
  if (seeds > mostNetworks) throw tooMany(seeds);
  const all = axisOf("seed", ...Array.from({ length: seeds }, (_, index) => first + index));
  return [...sorted.filter((axis) => axis !== given), all];
}

/** How many values an axis has; a range of which that is not said has more than one. */
function sizeOf({ values, ranges }: Axis): number {
  return values.length + 2 * ranges.length;
}

function checkAxes(axes: readonly Axis[], { random }: SweepRequest): void {
  for (const axis of axes) {
    const reason = oneValued[axis.name];
    if (reason && sizeOf(axis) > 1)
      throw new UsageError(
        `${flagOf(axis.name)}: a sweep has one value of it, because ${reason}. Make a sweep for each value.`,
      );
    const [range] = axis.ranges;
    if (range && (random === undefined || axis.name === "seed"))
      throw new UsageError(
        `${flagOf(axis.name)}: the range ${range.from}..${range.to} does not say how many values it has. Write the ` +
          `number behind it, as in ${range.from}..${range.to} 5, or draw from it with --random.`,
      );
  }
  if (random === 0) throw new UsageError("--random 0 leaves no network to train. Give a number from 1 on.");
  const drawn = axes.filter(({ name }) => random === undefined || name === "seed");
  const networks = drawn.reduce((product, axis) => product * sizeOf(axis), random ?? 1);
  if (networks > mostNetworks) throw tooMany(networks);
}

function tooMany(networks: number): UsageError {
  return new UsageError(
    `This sweep would have ${networks} networks, more than ${mostNetworks}. Give fewer values, or draw some with --random.`,
  );
}

/** All combinations, those of the last axis beside each other. */
function grid(axes: readonly Axis[]): Point[] {
  let points: Point[] = [{}];
  for (const { name, values } of axes)
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  return points;
}

/** Combinations drawn at random, the same for the same first seed; each with every seed. */
function drawn(axes: readonly Axis[], count: number): Point[] {
  const seeds = axes.filter(({ name }) => name === "seed");
  const first = (seeds[0]?.values[0] as number | undefined) ?? defaultConfig.seed;
  const random = randomStream(first, "sweep");
  const draw = ({ name, values, ranges }: Axis) => {
    const choice = random.integer(values.length + ranges.length);
    return choice < values.length
      ? values[choice]
      : drawnFrom(name, ranges[choice - values.length], random.uniform());
  };
  const others = axes.filter(({ name }) => name !== "seed");
  return Array.from({ length: count }, () =>
    Object.fromEntries(others.map((axis) => [axis.name, draw(axis)])),
  ).flatMap((point) => grid(seeds).map((seed): Point => ({ ...point, ...seed })));
}

/** A sixth of the images that are used: 10,000 of MNIST's. */
function validationOf({ limit = defaultConfig.limit }: Point, images: number): number {
  return Math.max(1, Math.floor(usedImages(limit, images) / 6));
}

/** `config` with what changes nothing in it at its default: networks that are the same then show. */
function withoutIdle(config: Config, swept: readonly SettingName[]): Config {
  const idle = swept.filter((name) => idleUnless(name, config));
  return { ...config, ...Object.fromEntries(idle.map((name) => [name, usualValue(name, config)])) };
}

function distinct(configs: readonly Config[]): Config[] {
  const text = (config: Config) => settingNames.map((name) => formatSetting(name, config[name])).join(" ");
  return [...new Map(configs.map((config) => [text(config), config])).values()];
}

/** Throws a UsageError if a setting is swept that changes nothing in any network. */
function checkEffects(idle: readonly SettingName[], configs: readonly Config[]): void {
  for (const name of idle) {
    const reasons = configs.map((config) => idleUnless(name, config));
    if (!reasons.every(Boolean)) continue;
    throw new UsageError(
      `${flagOf(name)} has an effect only ${reasons[0]}, which no network of this sweep has: all its values are the same. ` +
        "Leave it out, or sweep what it needs.",
    );
  }
}

function nothingSwept(swept: readonly SettingName[], { random }: SweepRequest): UsageError {
  if (swept.length > 0 && random !== undefined)
    return new UsageError(
      `--random ${random}: ${random > 1 ? "all draws are the same network" : "one network is drawn"}. Draw more, or train all ` +
        "combinations without --random.",
    );
  return new UsageError(
    "Nothing is swept: there is one network. Give a setting several values, as in --learning-rate 0.03,0.1,0.3, or --seeds 3; " +
      "train trains one network.",
  );
}
