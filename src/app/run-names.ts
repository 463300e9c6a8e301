import { percentage } from "../data/percentage.ts";
import { changedSettings, formatSetting, type SettingName, settings } from "../model/settings.ts";
import type { RunRecord } from "./record.ts";

/** Hues of runs: as many as tokens.css declares. */
const hues = 6;

/** Differences between two runs that are told. */
const mostTold = 4;

/** What a run is called: `Run 2`. */
export function runTitle({ number }: RunRecord): string {
  return `Run ${number}`;
}

/** The name of a run's hue in tokens.css. */
export function runColour({ number }: RunRecord): string {
  return `run-${((number - 1) % hues) + 1}`;
}

/** What came of a run: `784-10-10, 1,234 steps, 91.20% right`. */
export function summary({ network, series, evaluations, loadedFrom }: RunRecord): string {
  const steps = `${series.last.toLocaleString("en")} step${series.last === 1 ? "" : "s"}`;
  const accuracy = evaluations.at(-1)?.accuracy;
  const parts = [
    network,
    loadedFrom ? `weights of ${loadedFrom}` : "",
    steps,
    accuracy === undefined ? "" : `${percentage(accuracy, 2)}% right`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** What the network's widths say already. */
const told: readonly SettingName[] = ["hidden"];

/** What a run did otherwise than `other`: `learning rate 0.5, activation relu`; empty if nothing. */
export function distinctions(run: RunRecord, other: RunRecord): string {
  const names = changedSettings(other.config, run.config).filter((name) => !told.includes(name));
  const words = names.map(
    (name) => `${settings[name].label.toLowerCase()} ${formatSetting(name, run.config[name])}`,
  );
  return words.length > mostTold
    ? [...words.slice(0, mostTold), `${words.length - mostTold} settings more`].join(", ")
    : words.join(", ");
}
