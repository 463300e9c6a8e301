import {
  type Config,
  flagOf,
  formatSetting,
  idleUnless,
  settingNames,
  unusualSettings,
} from "../../model/settings.ts";
import { commandText, flagWith, type PastedFlags } from "../flags.ts";
import { figures, grouped, percent, rate } from "../format.ts";
import type { SweepDescription } from "./sweep-folder.ts";
import type { NetworkEndRecord, NetworkEpoch } from "./sweep-records.ts";

/** The settings of network `number`, all of them. */
export function configOf({ config, networks }: SweepDescription, number: number): Config {
  const all = { ...config, ...networks[number - 1] };
  // In the order of the settings table, in which model files have them.
  return Object.fromEntries(settingNames.map((name) => [name, all[name]])) as Config;
}

/** What a network has of the settings that are swept, as far as they change anything in it, as flags of `sweep`. */
export function sweptText(description: SweepDescription, number: number): string {
  const config = configOf(description, number);
  const effective = description.swept.filter((name) => !idleUnless(name, config));
  return effective.map((name) => `${flagOf(name)}=${formatSetting(name, config[name])}`).join(" ");
}

/**
 * The command that trains a network by itself, to the same bytes: on the same adapter.
 * @param start as `commandText` takes it
 */
export function trainCommandOf(
  config: Config,
  { data, adapter }: PastedFlags,
  start?: readonly string[],
): string {
  const flags = unusualSettings(config).map((name) => flagWith(name, config[name]));
  return commandText(["train", ...flags], { data, adapter }, start);
}

/** What there is to say instead of a command where the best network was halved. */
export const halvedAlone =
  "It was stopped by halving, and none that was trained to its end has a score: by itself it would go on, to another network.";

/** `Network 3 is`, `Networks 3, 6, 9 and 12 more are`. */
export function networksText(numbers: readonly number[]): string {
  if (numbers.length === 1) return `Network ${numbers[0]} is`;
  const shown = numbers.slice(0, 10).join(", ");
  const more = numbers.length > 10 ? ` and ${grouped(numbers.length - 10)} more` : "";
  return `Networks ${shown}${more} are`;
}

/** One line about an epoch of networks that go on: `epoch 2/5  9 networks  validation accuracy 80.12% to 90.33%  2,345 steps/s`. */
export function epochLine(records: readonly NetworkEpoch[], description: SweepDescription): string {
  const [{ epoch, network }] = records;
  const { epochs } = configOf(description, network);
  const accuracies = records.flatMap(({ validation }) => (validation ? [validation.accuracy] : []));
  const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)].map(percent);
  const steps = records.reduce((sum, { stepsPerSecond }) => sum + stepsPerSecond, 0);
  return [
    `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `${grouped(records.length)} network${records.length === 1 ? "" : "s"}`,
    ...(accuracies.length > 0 ? [`validation accuracy ${low === high ? low : `${low} to ${high}`}`] : []),
    rate(steps),
  ].join("  ");
}

/** One line about a network that is done: `network  3/27  --hidden=10 --seed=1  finished  validation loss ... accuracy ...`. */
export function endLine(
  { network, reason, steps, validation }: NetworkEndRecord,
  best: NetworkEndRecord | undefined,
  description: SweepDescription,
): string {
  const count = description.networks.length;
  return [
    `network ${String(network).padStart(String(count).length)}/${count}`,
    sweptText(description, network),
    reason === "diverged"
      ? `diverged at step ${grouped(steps)}`
      : reason === "finished"
        ? undefined
        : `${reason} after ${grouped(steps)} steps`,
    validation && `validation ${figures(validation)}`,
    best?.network === network && reason !== "halved" ? "best so far" : undefined,
  ]
    .filter(Boolean)
    .join("  ");
}
