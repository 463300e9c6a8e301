import GUI from "lil-gui";
import type { Setting } from "../../model/setting-kinds.ts";
import {
  type Config,
  checkSetting,
  formatSetting,
  idleUnless,
  type SettingName,
  settingNames,
  settings,
} from "../../model/settings.ts";
import { element } from "../dom.ts";
import type { Training } from "../training.ts";
import type { PanelActions } from "./actions.ts";
import { enter, type Field, helpOf } from "./fields.ts";
import { helpedName } from "./help.ts";

const folderTitles: Record<NonNullable<Setting<unknown>["panel"]>, string> = {
  network: "Network",
  training: "Training",
  regularisation: "Regularisation",
  augmentation: "Augmentation",
  data: "Data",
};
/** What has its place above. */
const inSight: readonly SettingName[] = ["hidden", "activation", "learningRate", "dataset"];

/** Every other setting of the table that has a place in the panel, out of the way until it is looked for. */
export function moreSettings(training: Training, actions: PanelActions): Field {
  const node = element("details", { class: "more" }, element("summary", {}, "More settings"));
  const gui = new GUI({ container: node, title: "More", injectStyles: false });
  // What the controls show; lil-gui writes into it.
  const shown: Shown = Object.fromEntries(
    settingNames.map((name) => [name, shownValue(name, training.wanted)]),
  );
  const rows: (() => void)[] = [];
  for (const [place, title] of Object.entries(folderTitles)) {
    const folder = gui.addFolder(title);
    for (const name of settingNames) {
      if (settings[name].panel === place && !inSight.includes(name))
        rows.push(addRow(folder, shown, name, training, actions));
    }
    if (place === "training") folder.add(actions, "newSeed").name("New seed");
  }
  return {
    node,
    refresh() {
      for (const refresh of rows) refresh();
    },
  };
}

type Shown = Record<string, string | number | boolean>;

/** A value as lil-gui takes it: a list of widths is a text. */
function shownValue(name: SettingName, config: Config): Shown[string] {
  const value = config[name];
  return typeof value === "object" ? formatSetting(name, value) : value;
}

/** Returns what brings the row up to date. */
function addRow(
  folder: GUI,
  shown: Shown,
  name: SettingName,
  training: Training,
  actions: PanelActions,
): () => void {
  const { label, kind, choices, live = false } = settings[name] as Setting<unknown>;
  const controller = choices ? folder.add(shown, name, [...choices]) : folder.add(shown, name);
  if (kind === "integer") controller.step(1);
  const row = controller.domElement;
  const helped = helpedName(label, !live);
  controller.$name.replaceChildren(helped.name);
  row.after(helped.help);
  const input = row.querySelector("input, select");
  // A row that is a label would be one of the button that opens the help.
  if (row instanceof HTMLLabelElement && input) {
    input.id = `setting-${name}`;
    row.htmlFor = input.id;
  }
  // What somebody is typing is theirs until they are done with it.
  let typing = false;
  const showValue = () => {
    if (typing) return;
    shown[name] = shownValue(name, training.wanted);
    controller.updateDisplay();
  };
  controller.onChange(() => {
    typing = true;
  });
  // lil-gui passes over words, and of `10x` takes the digits.
  if (input instanceof HTMLInputElement && typeof shown[name] === "number") {
    input.addEventListener("change", () => {
      if (input.value.trim() !== "" && !Number.isNaN(Number(input.value))) return;
      typing = false;
      enter(input.value, { name, training, actions }, showValue);
    });
  }
  controller.onFinishChange((value: unknown) => {
    typing = false;
    try {
      actions.change(name, checkSetting(name, value, label));
    } catch (error) {
      showValue();
      actions.refuse(error);
    }
  });
  return () => {
    const { wanted, config } = training;
    showValue();
    controller.enable(idleUnless(name, wanted) === undefined);
    row.classList.toggle("pending", formatSetting(name, wanted[name]) !== formatSetting(name, config[name]));
    const help = helpOf(name, wanted);
    helped.show(help);
    // On the row too: some browsers show no tooltip for what is turned off.
    for (const target of [row, input]) target?.setAttribute("title", help);
  };
}
