import { type Config, filedSettings, formatSetting, isValid, settingNames } from "../../model/settings.ts";
import { byId } from "../dom.ts";
import { toast } from "../toasts.ts";
import type { Training } from "../training.ts";
import type { Autosave } from "./autosave.ts";
import type { SavedState } from "./state-file.ts";

interface OfferOptions {
  /** Whether the address names no settings: whatever was autosaved belongs to it. */
  readonly isBare: boolean;
  readonly goOn: (state: SavedState, config: Config) => void;
}

/** Offers to go on with what an earlier page left; where its settings are not those in force, it says so. */
export function offerAutosaved(training: Training, autosave: Autosave, { isBare, goOn }: OfferOptions): void {
  autosave.granted.listen(async () => {
    const state = await autosave.left();
    if (!state) return;
    if ("unusable" in state) {
      toast(`The training that this browser kept cannot be gone on with: ${state.unusable}. It was dropped.`);
      return;
    }
    const config = filedSettings(state.checkpoint.facts.config);
    if (!isConfig(config)) return;
    const isOther = !isBare && !isSame(config, training.config);
    const settings = isOther ? ", with other settings than this page's" : "";
    const act = () => {
      // The button that had the focus is gone.
      byId("transport").querySelector("button")?.focus();
      goOn(state, config);
    };
    toast(`Training of ${textOf(state)}${settings}.`, "info", {
      choices: [{ label: state.finished ? "Bring back" : "Go on", act }],
      dismissed: () => autosave.dismiss(),
    });
  });
}

/** `784-10-10 stopped at step 1,234 (epoch 2), 3 minutes ago` */
function textOf({ checkpoint, record, finished, at }: SavedState): string {
  const { step } = checkpoint.facts;
  const end = finished ? "finished" : "stopped";
  const epoch = Math.ceil(step / record.stepsPerEpoch);
  return `${record.network} ${end} at step ${step.toLocaleString("en")} (epoch ${epoch}), ${ago(Date.now() - at)}`;
}

const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

function ago(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? [];
  if (!unit) return "less than a minute ago";
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

function isConfig(values: Readonly<Record<string, unknown>>): values is Config {
  return settingNames.every((name) => isValid(name, values[name]));
}

function isSame(a: Config, b: Config): boolean {
  return settingNames.every((name) => formatSetting(name, a[name]) === formatSetting(name, b[name]));
}
