import GUI from "lil-gui";
import type { Setting } from "../model/setting-kinds.ts";
import {
  type Config,
  checkSetting,
  formatSetting,
  parseSetting,
  type SettingName,
  settingNames,
  settings,
} from "../model/settings.ts";
import { byId } from "./dom.ts";
import type { Training } from "./training.ts";

/** What the panel's buttons do, by their labels' order. */
export interface PanelActions {
  /** Called with a value that the settings table allows. */
  change(name: SettingName, value: unknown): void;
  /** Called with the error for a value that it does not. */
  refuse(error: unknown): void;
  newSeed(): void;
  share(): void;
  save(): void;
  load(): void;
}

const folderTitles = { network: "Network", training: "Training", data: "Data" } as const;

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
  for (const [place, title] of Object.entries(folderTitles)) {
    const folder = gui.addFolder(title);
    for (const name of settingNames) {
      if (settings[name].panel === place) addControl(folder, shown, name, training, actions);
    }
    if (place === "training") folder.add(actions, "newSeed").name("New seed");
  }
  const files = gui.addFolder("Keep and share");
  files.add(actions, "share").name("Share link");
  files.add(actions, "save").name("Save model");
  files.add(actions, "load").name("Load model");

  const refresh = () => {
    Object.assign(shown, shownValues(training.config));
    for (const controller of gui.controllersRecursive()) controller.updateDisplay();
  };
  for (const signal of [training.replaced, training.phaseChanged]) signal.listen(refresh);
}

type Shown = Record<string, string | number | boolean>;

/** The values of a config as lil-gui takes them: a list of widths is a text. */
function shownValues(config: Config): Shown {
  const entries = settingNames.map((name) => {
    const isText = settings[name].kind === "widths";
    return [name, isText ? formatSetting(name, config[name]) : config[name]] as const;
  });
  return Object.fromEntries(entries) as Shown;
}

function addControl(
  folder: GUI,
  shown: Shown,
  name: SettingName,
  training: Training,
  actions: PanelActions,
): void {
  const setting = settings[name] as Setting<unknown>;
  const { label, help, kind, choices } = setting;
  const controller = choices ? folder.add(shown, name, [...choices]) : folder.add(shown, name);
  controller.name(label);
  if (kind === "integer") controller.step(1);
  const input = controller.domElement.querySelector("input, select");
  input?.setAttribute("title", `${help} Expected: ${setting.expects}.`);
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
}
