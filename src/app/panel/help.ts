import { element } from "../dom.ts";

let helps = 0;

/** A setting's name that opens its help, by touch and keyboard as well: beside a control, which is named by `name`. */
export interface HelpedName {
  readonly name: HTMLElement;
  /** To be placed below the control. */
  readonly help: HTMLElement;
  show(text: string): void;
}

/** @param anew marks settings that begin the network anew */
export function helpedName(label: string, anew: boolean): HelpedName {
  const id = `help-${helps++}`;
  const help = element("p", { class: "hint setting-help", id, hidden: "" });
  const opener = element(
    "button",
    { type: "button", class: "setting-name", "aria-expanded": "false", "aria-controls": id },
    label,
  );
  opener.classList.toggle("anew", anew);
  opener.addEventListener("click", () => {
    help.hidden = !help.hidden;
    opener.setAttribute("aria-expanded", String(!help.hidden));
  });
  return {
    name: element("span", { id: `${id}-name` }, opener),
    help,
    show(text) {
      help.textContent = anew ? `${text} Changing it begins the network anew.` : text;
    },
  };
}
