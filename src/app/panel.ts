import GUI from "lil-gui";
import { namedSets, setNames } from "../data/named-sets.ts";
import { type PresetName, presetNames, presetOf, presets } from "../model/presets.ts";
import type { Setting } from "../model/setting-kinds.ts";
import {
  type Config,
  checkSetting,
  formatSetting,
  idleUnless,
  parseSetting,
  type SettingName,
  settingNames,
  settings,
} from "../model/settings.ts";
import type { DataActions } from "./data-controls.ts";
import { byId, element } from "./dom.ts";
import type { Training } from "./training.ts";

/** What the panel's buttons do, by their labels' order. */
export interface PanelActions extends Pick<DataActions, "openData"> {
  /** Called with a value that the settings table allows. */
  change(name: SettingName, value: unknown): void;
  preset(name: PresetName): void;
  /** Called with the error for a value that it does not. */
  refuse(error: unknown): void;
  newSeed(): void;
  share(): void;
  save(): void;
  saveOnnx(): void;
  load(): void;
}

const folderTitles: Record<NonNullable<Setting<unknown>["panel"]>, string> = {
  network: "Network",
  training: "Training",
  regularisation: "Regularisation",
  augmentation: "Augmentation",
  data: "Data",
};
/** What the article does without: out of the way until it is looked for. */
const closedFolders = ["regularisation", "augmentation"];

/** The settings of the table that have a place in the panel, as controls, and buttons for what they describe. */
export function showPanel(training: Training, actions: PanelActions): void {
  // Below this width the panel stands above everything else: it opens when asked for.
  const narrow = matchMedia("(max-width: 760px)").matches;
  const gui = new GUI({
    container: byId("settings"),
    title: "Settings",
    injectStyles: false,
  });
  if (narrow) gui.close();
  // What the controls show; lil-gui writes into it.
  const shown = shownValues(training.config);
  const explainPreset = addPresets(gui, shown, training, actions);
  const markIdle: (() => void)[] = [];
  for (const [place, title] of Object.entries(folderTitles)) {
    const folder = gui.addFolder(title);
    if (closedFolders.includes(place)) folder.close();
    for (const name of settingNames) {
      if (settings[name].panel === place) markIdle.push(addControl(folder, shown, name, training, actions));
    }
    if (place === "training") folder.add(actions, "newSeed").name("New seed");
    if (place === "data") markIdle.push(addOwnData(folder, training, actions));
  }
  const files = gui.addFolder("Keep and share");
  files.add(actions, "share").name("Share link");
  files.add(actions, "save").name("Save model");
  files.add(actions, "saveOnnx").name("Save as ONNX");
  files.add(actions, "load").name("Load model");

  const refresh = () => {
    Object.assign(shown, shownValues(training.config));
    for (const controller of gui.controllersRecursive()) controller.updateDisplay();
    for (const update of [explainPreset, ...markIdle]) update();
  };
  refresh();
  for (const signal of [training.replaced, training.phaseChanged]) signal.listen(refresh);
}

/**
 * Buttons for a user's own data. Returns what shows it, while there is some, as one more choice of the list of data sets:
 * whoever chooses another has done with it.
 */
function addOwnData(folder: GUI, training: Training, actions: PanelActions): () => void {
  const open = { files: () => actions.openData("files"), folder: () => actions.openData("folder") };
  const hint =
    "IDX files, CSV tables, .npz archives or zips, or a folder of PNG pictures for each class. " +
    "They stay on this computer.";
  const titles = { files: "Open files of your own", folder: "Open a folder of your own" };
  for (const as of ["files", "folder"] as const)
    folder.add(open, as).name(titles[as]).domElement.setAttribute("title", hint);
  const select = folder.domElement.querySelector("select") as HTMLSelectElement;
  const own = element("option", {});
  // The list itself hears of another value only.
  select.addEventListener("change", () => {
    const isSame = select.value === training.config.dataset;
    if (isSame && training.maker.given) actions.change("dataset", training.config.dataset);
  });
  return () => {
    const { given } = training.maker;
    if (!given) return own.remove();
    own.textContent = given.name;
    select.append(own);
    own.selected = true;
  };
}

type Shown = Record<string, string | number | boolean>;

/** The values of a config as lil-gui takes them: a list of widths is a text. And the preset that it follows. */
function shownValues(config: Config): Shown {
  const entries = settingNames.map((name) => {
    const isText = settings[name].kind === "widths";
    return [name, isText ? formatSetting(name, config[name]) : config[name]] as const;
  });
  return { ...(Object.fromEntries(entries) as Shown), preset: presetOf(config) ?? noPreset };
}

/** What the list of presets shows where the settings are those of none. */
const noPreset = "none";

/** Returns what says below the list what the preset in force is. */
function addPresets(gui: GUI, shown: Shown, training: Training, actions: PanelActions): () => void {
  const choices = presetNames.map((name) => [presets[name].label, name]);
  const controller = gui.add(shown, "preset", { ...Object.fromEntries(choices), "Own settings": noPreset });
  controller.name("Preset");
  const explanations = presetNames.map((name) => `${presets[name].label}: ${presets[name].help}`);
  const select = controller.domElement.querySelector("select");
  select?.setAttribute("title", explanations.join("\n"));
  const explanation = element("p", { class: "hint preset-help", id: "preset-help" });
  select?.setAttribute("aria-describedby", explanation.id);
  controller.domElement.after(explanation);
  controller.onFinishChange((value: PresetName | typeof noPreset) => {
    if (value !== noPreset) return actions.preset(value);
    Object.assign(shown, shownValues(training.config));
    controller.updateDisplay();
  });
  return () => {
    const name = presetOf(training.config);
    explanation.textContent = name ? presets[name].help : "Settings that are those of no preset.";
  };
}

/** Returns what turns the control off, with the reason, while its setting has no effect. */
function addControl(
  folder: GUI,
  shown: Shown,
  name: SettingName,
  training: Training,
  actions: PanelActions,
): () => void {
  const setting = settings[name] as Setting<unknown>;
  const { label, help, kind, choices } = setting;
  const controller = choices ? folder.add(shown, name, [...choices]) : folder.add(shown, name);
  controller.name(label);
  if (kind === "integer") controller.step(1);
  const input = controller.domElement.querySelector("input, select");
  if (name === "dataset") turnOffAbsent(input);
  controller.onFinishChange((value: unknown) => {
    try {
      const checked =
        kind === "widths" ? parseSetting(name, String(value), label) : checkSetting(name, value, label);
      actions.change(name, checked);
    } catch (error) {
      Object.assign(shown, shownValues(training.config));
      controller.updateDisplay();
      actions.refuse(error);
    }
  });
  return () => {
    const only = idleUnless(name, training.config);
    const idle = only === undefined ? "" : ` It has an effect only ${only}.`;
    const chosen = String(training.config[name]);
    const line = setting.explanations?.[chosen];
    const meaning = line === undefined ? "" : ` ${chosen}: ${line}.`;
    controller.enable(only === undefined);
    // On the row too: some browsers show no tooltip for what is turned off.
    for (const target of [controller.domElement, input]) {
      target?.setAttribute("title", `${help}${meaning} Expected: ${setting.expects}.${idle}`);
    }
  };
}

/** Data sets that are not beside this page cannot be chosen; a server that is not ours may have any. */
function turnOffAbsent(input: Element | null): void {
  const beside: readonly string[] = import.meta.env.DATA_SETS ?? setNames;
  for (const option of input?.querySelectorAll("option") ?? []) {
    const name = setNames.find((set) => set === option.value);
    if (!name || beside.includes(name)) continue;
    option.disabled = true;
    option.title = `${namedSets[name].title} needs its four packed files in data/${name} when the page is built.`;
  }
}
