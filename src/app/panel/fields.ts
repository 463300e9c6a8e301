import { setNames, setTitles } from "../../data/set-names.ts";
import type { Setting } from "../../model/setting-kinds.ts";
import {
  type Config,
  formatSetting,
  idleUnless,
  parseSetting,
  type SettingName,
  settings,
} from "../../model/settings.ts";
import { element } from "../dom.ts";
import type { Training } from "../training.ts";
import type { PanelActions } from "./actions.ts";
import { helpedName } from "./help.ts";

/** A control with its name and help, as one row. */
export interface Field {
  readonly node: HTMLElement;
  /** Shows the settings that are wanted. */
  refresh(): void;
}

/** What a field is made from. */
export interface FieldOptions {
  readonly name: SettingName;
  readonly training: Training;
  readonly actions: PanelActions;
}

/** What a setting is about, what it takes, and why it has no effect at the moment, if it has none. */
export function helpOf(name: SettingName, config: Config): string {
  const { help, expects, explanations = {} } = settings[name] as Setting<unknown>;
  const only = idleUnless(name, config);
  const chosen = explanations[String(config[name])];
  return [
    help,
    chosen && `${formatSetting(name, config[name])}: ${chosen}`,
    `Expected: ${expects}.`,
    only && `It has an effect only ${only}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** Brings what was typed or chosen into force, or back to what it was. */
export function enter(text: string, { name, actions }: FieldOptions, back: () => void): void {
  try {
    actions.change(name, parseSetting(name, text, settings[name].label));
  } catch (error) {
    back();
    actions.refuse(error);
  }
}

/** A setting whose values are typed. */
export function textField(options: FieldOptions): Field {
  const input = element("input", { type: "text", spellcheck: "false", autocomplete: "off" });
  return fieldOf(input, [input], options);
}

/** A setting with a list of values. */
export function choiceField(options: FieldOptions): Field {
  const { choices = [] } = settings[options.name] as Setting<string>;
  const select = element(
    "select",
    {},
    ...choices.map((choice) => element("option", { value: choice }, choice)),
  );
  if (options.name === "dataset") turnOffAbsent(select);
  return fieldOf(select, [select], options);
}

/**
 * @param input what holds the value as text
 * @param controls all that stands in the row, the input among it
 */
export function fieldOf(
  input: HTMLInputElement | HTMLSelectElement,
  controls: readonly HTMLElement[],
  options: FieldOptions,
): Field {
  const { name, training } = options;
  const { label, live = false } = settings[name] as Setting<unknown>;
  const helped = helpedName(label, !live);
  input.setAttribute("aria-labelledby", helped.name.id);
  const control = element("span", { class: "setting-control" }, ...controls);
  const node = element("div", { class: "setting" }, helped.name, control, helped.help);
  // What somebody is typing is theirs until they are done with it.
  let typing = false;
  const refresh = () => {
    const { wanted, config } = training;
    const value = formatSetting(name, wanted[name]);
    if (!typing && input.value !== value) input.value = value;
    const idle = idleUnless(name, wanted) !== undefined;
    input.disabled = idle;
    node.classList.toggle("idle", idle);
    node.classList.toggle("pending", value !== formatSetting(name, config[name]));
    const help = helpOf(name, wanted);
    helped.show(help);
    input.title = help;
  };
  input.addEventListener("input", () => {
    typing = true;
  });
  for (const event of ["change", "blur"])
    input.addEventListener(event, () => {
      typing = false;
    });
  input.addEventListener("change", () => enter(input.value, options, refresh));
  return { node, refresh };
}

/** Data sets that are not beside this page cannot be chosen; a server that is not ours may have any. */
function turnOffAbsent(select: HTMLSelectElement): void {
  const beside: readonly string[] = import.meta.env.DATA_SETS ?? setNames;
  for (const option of select.options) {
    const name = setNames.find((set) => set === option.value);
    if (!name || beside.includes(name)) continue;
    option.disabled = true;
    option.title = `${setTitles[name]} needs its four packed files in data/${name} when the page is built.`;
  }
}
