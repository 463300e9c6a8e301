import { setTitles } from "../data/set-names.ts";
import { UserError } from "../errors.ts";
import { presetConfig, presetHelp, presets } from "../model/presets.ts";
import { formatSetting, type SettingName, settings } from "../model/settings.ts";
import type { Autosave } from "./autosave/autosave.ts";
import { type DataActions, dataControls } from "./data-controls.ts";
import { canUndo, type EarlierRun } from "./earlier-runs.ts";
import { offerMore } from "./finished.ts";
import { modelControls } from "./model-controls.ts";
import { type OwnActions, ownControls } from "./own/own-controls.ts";
import { fits, type OwnDigits } from "./own/own-digits.ts";
import type { PanelActions } from "./panel/actions.ts";
import type { Until } from "./run-control.ts";
import { runTitle, summary } from "./run-names.ts";
import { watchStuck } from "./stuck.ts";
import { announce, toast, withdraw } from "./toasts.ts";
import type { Training } from "./training.ts";
import { queryOf, showAddress } from "./url.ts";
import type { Actions } from "./views/transport.ts";

/** What the page can do beside what its buttons do. */
export interface RunActions {
  /** Goes on with a network of this session; the one there is stays among the earlier runs. */
  bringBack(run: EarlierRun): void;
}

/** Seeds that "New seed" draws from: few enough digits to be said aloud. */
const seeds = 10_000;

/** Everything that buttons and keys do. */
export function controls(
  training: Training,
  autosave: Autosave,
  own: OwnDigits,
): Actions & PanelActions & DataActions & RunActions & OwnActions {
  /** Does something that may be refused, and says so. */
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      refuse(error);
    }
    writeAddress(training);
  };
  const refuse = (error: unknown) => {
    // Whatever the reason, the controls go back to what is in force.
    training.phaseChanged.emit();
    if (error instanceof UserError) toast(error.message, "error");
    else throw error;
  };
  const change = (name: SettingName, value: unknown) =>
    attempt(async () => {
      await training.change({ [name]: value });
      const text = formatSetting(name, training.config[name]);
      const effect = settings[name].live ? "from the next step on" : "the network begins anew";
      announce(`${settings[name].label} is ${text}: ${effect}.`);
    });
  const goOnTo = (epochs: number) => {
    void change("epochs", epochs);
    training.train();
  };
  const { reset, undo, bringBack } = waysBack(training, attempt);
  const train = (until: Until) => {
    const busy = training.work.tasks.length > 0;
    if (training.trainer.finished && !busy) offerMore(training, goOnTo);
    else training.train(until);
  };
  watchStuck(
    training,
    (changes) => void attempt(() => training.replace(changes).then(() => training.train())),
  );
  writeAddress(training);
  // The lesson makes networks, too.
  training.replaced.listen(() => writeAddress(training));
  // Going back leads to an address with the settings of then.
  addEventListener("popstate", () => writeAddress(training));
  const { loadFile, ...models } = modelControls(training, attempt);
  return {
    ...models,
    ...dataControls(training, autosave, attempt, loadFile),
    ...ownControls(training, own, attempt),
    toggle: () => {
      if (training.phase === "training") void training.pause();
      else if (training.starts.waits) training.starts.withdraw();
      else train("end");
    },
    step: () => train("step"),
    epoch: () => train("epoch"),
    reset: () => (canUndo(training) ? undo() : reset()),
    bringBack,
    change: (name, value) => void change(name, value),
    preset: (name) =>
      void attempt(async () => {
        const { trainer } = training;
        await training.change(presetConfig(name), `Preset ${presets[name].label}`);
        const effect = training.trainer === trainer ? "" : " The network begins anew.";
        // The panel shows the same below the list.
        announce(`${presets[name].label}: ${presetHelp(name)}${effect}`);
      }),
    refuse,
    newSeed: () => void change("seed", Math.floor(Math.random() * seeds)),
    share: () => void attempt(() => share(training)),
  };
}

/** What begins anew and what goes back: whatever was trained is offered back when another network takes its place. */
function waysBack(training: Training, attempt: (work: () => Promise<void>) => Promise<void>) {
  const reset = () =>
    void attempt(async () => {
      await training.replace();
      announce(`Reset: the network begins anew from seed ${training.config.seed}.`);
    });
  const bringBack = (run: EarlierRun) =>
    void attempt(async () => {
      await training.bringBack(run);
      withdraw("undo");
      announce(`${runTitle(run.record)} is back, at step ${training.trainer.step}.`);
    });
  const undo = () => training.earlier.last && bringBack(training.earlier.last);
  training.replaced.listen(() => withdraw("finished"));
  training.phaseChanged.listen(() => {
    if (training.phase === "training" || !training.trainer.finished) withdraw("finished");
  });
  training.leftBehind.listen((run) => {
    const text = `${runTitle(training.record)} is in the picture. ${runTitle(run.record)} is kept: ${summary(run.record)}.`;
    if (run.snapshot)
      toast(text, "info", {
        choices: [{ label: `Bring back run ${run.record.number}`, act: () => bringBack(run) }],
        topic: "undo",
      });
  });
  return { reset, undo, bringBack };
}

/** The address bar holds the config in force, and the station of the lesson that is open. */
function writeAddress({ config }: Training): void {
  showAddress(queryOf(config) + location.hash);
}

/** Copies a link that begins the same run: same data, seed and settings. */
async function share(training: Training): Promise<void> {
  const { config, dataset, record, given } = training;
  // Where the link is opened, `auto` might find other data.
  const found = dataset.name === setTitles.mnist ? "mnist" : "synthetic";
  const choice = config.dataset === "auto" && !given ? found : config.dataset;
  const link = new URL(queryOf({ ...config, dataset: choice }), location.href).href;
  const mix = fits(dataset) ? training.mix : undefined;
  const limits = [
    given && `It was trained on your own data ${dataset.name}, which the link does not hold.`,
    mix && "Digits of your own are among its training images, which the link does not hold.",
    record.loadedFrom &&
      `This network began with the weights of ${record.loadedFrom}; the link holds settings alone.`,
    record.steered &&
      "Settings or images were changed during this run; the link has the last ones from the start.",
  ].filter(Boolean);
  try {
    await navigator.clipboard.writeText(link);
    const what = limits.length > 0 ? "it has the settings of this run." : "it begins this very run.";
    toast([`The link is copied: ${what}`, ...limits].join(" "));
  } catch {
    toast([`Copy this link: ${link}`, ...limits].join(" "));
  }
}
