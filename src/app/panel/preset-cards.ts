import { presetHelp, presetNames, presetNetwork, presetOf, presets } from "../../model/presets.ts";
import { element } from "../dom.ts";
import type { Training } from "../training.ts";
import type { PanelActions } from "./actions.ts";
import type { Field } from "./fields.ts";

/** The presets as cards that say what they reach and what that costs. */
export function presetCards(training: Training, actions: PanelActions): Field {
  const cards = presetNames.map((name) => {
    const { label, reaches, cost } = presets[name];
    const card = element(
      "button",
      { type: "button", class: "card", title: presetHelp(name) },
      element("b", {}, label),
      element("span", { class: "reaches" }, reaches),
      element("span", { class: "cost" }, `${presetNetwork(name)}, ${cost}`),
    );
    card.addEventListener("click", () => actions.preset(name));
    return { name, card };
  });
  const own = element("p", { class: "hint" }, "Settings of your own: those of no preset.");
  const list = element("div", { class: "cards" }, ...cards.map(({ card }) => card));
  return {
    node: element("div", { role: "group", "aria-label": "Presets" }, list, own),
    refresh() {
      const chosen = presetOf(training.wanted);
      for (const { name, card } of cards) card.setAttribute("aria-pressed", String(name === chosen));
      own.hidden = chosen !== undefined;
    },
  };
}
