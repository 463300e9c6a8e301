import { type Config, filedSettings, formatSetting, isValid, settingNames } from "../../model/settings.ts";
import { byId } from "../dom.ts";
import { toast } from "../toasts.ts";
import type { Training } from "../training.ts";
import type { Autosave, Left } from "./autosave.ts";
import type { SavedState } from "./state-file.ts";

interface OfferOptions {
  /** Whether the address names no settings: whatever was autosaved belongs to it. */
  readonly isBare: boolean;
  /** @param again offers it again, if that cannot be */
  readonly goOn: (left: SavedLeft, config: Config, again: () => void) => void;
}

/** What a page that is gone left, and can be gone on with. */
export interface SavedLeft extends Left {
  readonly state: SavedState;
}

/**
 * Offers to go on with what earlier pages left: with the newest, and with the one before it once that is dismissed. Where its
 * settings are not those in force, it says so.
 */
export async function offerAutosaved(
  training: Training,
  autosave: Autosave,
  { isBare, goOn }: OfferOptions,
): Promise<void> {
  for await (const { key, state } of autosave.left()) {
    if ("unusable" in state) {
      toast(`The training that this browser kept cannot be gone on with: ${state.unusable}. It was dropped.`);
      continue;
    }
    const config = filedSettings(state.checkpoint.facts.config);
    if (!isConfig(config)) continue;
    await new Promise<void>((dismissed) => {
      const offer = () => {
        const isOther = !isBare && !isSame(config, training.config);
        const settings = isOther ? ", with other settings than this page's" : "";
        toast(`Training of ${textOf(state)}${settings}.${dataText(state)}`, "info", {
          choices: [{ label: labelOf(state), act }],
          dismissed,
        });
      };
      const act = () => {
        // The button that had the focus is gone.
        byId("transport").querySelector("button")?.focus();
        goOn({ key, state }, config, offer);
      };
      offer();
    });
    autosave.drop(key);
  }
}

/** A page cannot open files again by itself. */
function dataText({ given }: SavedState): string {
  return given ? ` It was trained on your own data: open ${given.name} again to go on.` : "";
}

function labelOf({ given, finished, checkpoint }: SavedState): string {
  if (given) return given.as === "folder" ? "Open the folder" : "Open the files";
  return finished || checkpoint.facts.step === 0 ? "Bring back" : "Go on";
}

/** `784-10-10 stopped at step 1,234 (epoch 2), 3 minutes ago`; `784-10-10 with the weights of a file, 3 minutes ago` */
function textOf({ checkpoint, record, finished, at }: SavedState): string {
  const { step } = checkpoint.facts;
  const since = ago(Date.now() - at);
  if (step === 0) return `${record.network} with the weights of ${record.loadedFrom}, ${since}`;
  const end = finished ? "finished" : "stopped";
  const epoch = Math.ceil(step / record.stepsPerEpoch);
  return `${record.network} ${end} at step ${step.toLocaleString("en")} (epoch ${epoch}), ${since}`;
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
